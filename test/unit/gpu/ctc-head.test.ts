import { describe, expect, it } from "vitest";
import { findCtcOutput } from "../../../src/gpu/ctc-head.ts";
import { encodeAddition, encodeModel, FLOAT, INT64 } from "../../../src/gpu/onnx-writer.ts";
import { bytesField, concat, numberField, textField } from "../../../src/gpu/protobuf.ts";
import { itAgreesWithTheSoftmax, smallRecogniser } from "./real-ctc-head.ts";

describe("the head of a recogniser on wasm", () => {
  itAgreesWithTheSoftmax();
});

describe("findCtcOutput", () => {
  const graph = {
    nodes: [],
    weights: [],
    input: { name: "x", dims: [1] },
    output: { name: "y", dims: [1, 2, 30] },
  };
  const find = async (...parts: Uint8Array[]): Promise<unknown> =>
    await findCtcOutput(new Blob(parts as Uint8Array<ArrayBuffer>[]));

  it("reads the output's name, type and classes, and the version of the operators", async () => {
    expect(await find(encodeModel(graph))).toEqual({
      name: "y",
      classes: 30,
      type: FLOAT,
      opset: 17,
    });
    expect(await findCtcOutput(smallRecogniser(9, true))).toMatchObject({ type: 10, opset: 9 });
  });

  it("does not take the version of another domain for it", async () => {
    const other = bytesField(8, textField(1, "com.microsoft"), numberField(2, 1));
    expect(await find(other, encodeModel(graph), other)).toMatchObject({ opset: 17 });
    const same = bytesField(8, textField(1, "ai.onnx"), numberField(2, 13));
    expect(await find(encodeModel(graph), same)).toMatchObject({ opset: 13 });
  });

  it.each([
    ["no classes", [1, 2, 0]],
    ["two dimensions", [2, 30]],
    ["four dimensions", [1, 1, 2, 30]],
  ])("finds none of %s", async (_, dims) => {
    expect(await find(encodeModel({ ...graph, output: { name: "y", dims } }))).toBeUndefined();
  });

  it("finds none where there are two, of integers, or in graphs that are too old", async () => {
    const model = encodeModel(graph);
    expect(await find(model, encodeAddition([], { z: FLOAT }))).toBeUndefined();
    const integers = encodeModel({ ...graph, output: { ...graph.output, type: INT64 } });
    expect(await find(integers)).toBeUndefined();
    expect(await find(encodeModel({ ...graph, opset: 6 }))).toBeUndefined();
  });

  it("leaves it to the runtime to say what is wrong with a file", async () => {
    expect(await find(Uint8Array.of(255, 1, 2, 3))).toBeUndefined();
    expect(await find(encodeModel(graph).slice(0, -3))).toBeUndefined();
    expect(await find(concat([]))).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { storeWeightsAsHalf } from "../../../../src/gpu/graph/half-storage.ts";
import { encodeModel, FLOAT16 } from "../../../../src/gpu/onnx-writer.ts";
import { FieldReader } from "../../../../src/gpu/protobuf.ts";

const COUNT = 1024;

function model(data: Float32Array): Blob {
  const nodes = [{ op: "Add", inputs: ["x", "w"], output: "y" }];
  const value = { dims: [COUNT] };
  const weights = [{ name: "w", dims: [COUNT], data }];
  const graph = { nodes, weights, input: { name: "x", ...value }, output: { name: "y", ...value } };
  return new Blob([encodeModel(graph)]);
}

interface Stored {
  readonly operators: readonly string[];
  readonly type: number;
  readonly data: Uint16Array;
}

async function read(bytes: Uint8Array<ArrayBuffer>): Promise<Stored> {
  const reader = new FieldReader(new Blob([bytes]));
  const operators: string[] = [];
  let type = 0;
  let data: Uint16Array = new Uint16Array(0);
  for await (const field of reader.fields()) {
    if (field.number !== 7) continue;
    for await (const part of reader.fields(field.value, field.end)) {
      if (part.number !== 1 && part.number !== 5) continue;
      for await (const inner of reader.fields(part.value, part.end)) {
        if (part.number === 1 && inner.number === 4) operators.push(await reader.text(inner));
        if (part.number === 5 && inner.number === 2) type = await reader.number(inner);
        if (part.number === 5 && inner.number === 9) {
          data = new Uint16Array((await reader.bytes(inner.value, inner.end)).buffer);
        }
      }
    }
  }
  return { operators, type, data };
}

describe("storeWeightsAsHalf", () => {
  it("rounds to the nearest number, halves to even, and widens the weights in the graph", async () => {
    const values = new Float32Array(COUNT);
    // One, the halves above it, the largest, the smallest normal and subnormal, half of that, below it.
    values.set([1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, -65_504, 2 ** -14, 2 ** -24, 2 ** -25, 1e-9]);
    values.set([2047.5, -(2 ** -15), 1.5 * 2 ** -24, 0.1], 8);
    const { operators, type, data } = await read(await storeWeightsAsHalf(model(values)));
    expect(operators).toEqual(["Cast", "Add"]);
    expect(type).toBe(FLOAT16);
    expect([...data.subarray(0, 8)]).toEqual([0x3c00, 0x3c00, 0x3c02, 0xfbff, 0x0400, 1, 0, 0]);
    expect([...data.subarray(8, 12)]).toEqual([0x6800, 0x8200, 2, 0x2e66]);
  });

  it.each([70_000, Infinity, NaN])("leaves a tensor with %s as it is", async (value) => {
    const values = new Float32Array(COUNT);
    values[COUNT - 1] = value;
    const { operators, type } = await read(await storeWeightsAsHalf(model(values)));
    expect(operators).toEqual(["Add"]);
    expect(type).toBe(1);
  });
});

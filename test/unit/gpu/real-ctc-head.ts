/** Whether a graph that chooses its best classes agrees with its own softmax: the same on every provider. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { CTC_HEAD, ctcOutputs, encodeCtcHead, findCtcOutput } from "../../../src/gpu/ctc-head.ts";
import type { GpuDevice } from "../../../src/gpu/device.ts";
import { encodeModel, FLOAT16, type GraphNode } from "../../../src/gpu/onnx-writer.ts";
import { type Runtime, startRuntime } from "../../../src/gpu/runtime.ts";
import { createSession } from "../../../src/gpu/session.ts";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { bestClasses } from "../../../src/ocr/ctc.ts";

/** Two lines of 300 steps, of 1000 classes. */
const DIMS = [2, 300, 1000] as const;
const CLASSES = DIMS[2];
const SPACE = 998;

/**
 * A recogniser in small: features `[2, 300, 8]`, one matrix, a softmax `[2, 300, 1000]`. Each odd class is
 * as likely as the even one before it.
 */
export function smallRecogniser(opset: number, half: boolean = false): Blob {
  const twins = (i: number): number => i - (i % 2);
  const data = Float32Array.from({ length: 8 * CLASSES }, (_, i) => 4 * Math.sin(twins(i) ** 2));
  const softmax = half ? "single" : "y";
  const nodes: GraphNode[] = [
    { op: "MatMul", inputs: ["x", "w"], output: "scores" },
    { op: "Softmax", inputs: ["scores"], output: softmax, attributes: { axis: 2 } },
    { op: "Cast", inputs: [softmax], output: "y", attributes: { to: FLOAT16 } },
  ];
  const input = { name: "x", dims: [2, 300, 8] };
  const output = { name: "y", dims: DIMS, ...(half ? { type: FLOAT16 } : {}) };
  const weights = [{ name: "w", dims: [8, CLASSES], data }];
  const model = { nodes: half ? nodes : nodes.slice(0, 2), weights, input, output, opset };
  return new Blob([encodeModel(model)]);
}

const features: Tensor = {
  data: Float32Array.from({ length: 2 * 300 * 8 }, (_, i) => Math.sin(i * 0.7)),
  dims: [2, 300, 8],
};

/** @param openDevice absent: the graphs run on wasm */
export function itAgreesWithTheSoftmax(openDevice?: () => Promise<GpuDevice>): void {
  let runtime: Runtime;
  let device: GpuDevice | undefined;

  beforeAll(async () => {
    runtime = await startRuntime();
    device = await openDevice?.();
  });
  afterAll(() => device?.destroy());

  async function run(model: Blob, space?: number): Promise<Record<string, Tensor>> {
    const output = await findCtcOutput(model);
    expect(output).toMatchObject({ name: "y", classes: CLASSES });
    const addition = encodeCtcHead(output!, space);
    const session = await createSession(runtime, model, {
      device,
      edits: { changes: new Map(), addition },
    });
    expect(session.outputNames[0]).toBe("y");
    const added = ctcOutputs(session.outputNames);
    const all = await session.run({ x: features });
    const wanted = await session.run({ x: features }, added);
    await session.release();
    expect(Object.keys(all).toSorted()).toEqual(["y", ...added].toSorted());
    expect(Object.keys(wanted).toSorted()).toEqual(added.toSorted());
    for (const name of added) expect(wanted[name]).toEqual(all[name]);
    return all;
  }

  // 12 and 13 differ in Softmax, 17 and 18 in ReduceMax.
  it.each([9, 11, 12, 13, 17, 18, 20])("opset %i", async (opset) => {
    const out = await run(smallRecogniser(opset), SPACE);
    const steps = bestClasses(out["y"]!.data, CLASSES, SPACE);
    const dims = DIMS.slice(0, 2);
    expect(out[CTC_HEAD.best]).toEqual({ data: steps.best, dims });
    expect(out[CTC_HEAD.probability]).toEqual({ data: steps.probability, dims });
    expect(out[CTC_HEAD.space]).toEqual({ data: steps.space, dims });
    expect(out[CTC_HEAD.shape]).toEqual({ data: Float32Array.from(DIMS), dims: [3] });
    // There were ties.
    expect(steps.best.every((best) => best % 2 === 0)).toBe(true);
  });

  it("half precision, and no space", async () => {
    const out = await run(smallRecogniser(17, true));
    const { best, probability } = bestClasses(out["y"]!.data, CLASSES);
    expect(out[CTC_HEAD.best]?.data).toEqual(best);
    expect(out[CTC_HEAD.probability]?.data).toEqual(probability);
    expect(out[CTC_HEAD.space]).toBeUndefined();
  });
}

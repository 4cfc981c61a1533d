/**
 * Does this GPU compute the right thing? Some drivers do not, and their output looks like bad OCR.
 *
 * A small built-in graph with the operators that text detection and recognition are made of, at odd
 * sizes, is run on WebGPU and on wasm. It costs about ten shader compilations and no download, where
 * the real detector would cost its weights a second time in a wasm heap that never shrinks.
 */
import { createSession } from "./session.ts";
import type { OwnedSession } from "./session.ts";
import type { GpuDevice } from "./device.ts";
import { encodeModel } from "./onnx-writer.ts";
import type { GraphWeights } from "./onnx-writer.ts";
import type { Runtime } from "./runtime.ts";

/** Healthy devices differ by about 1e-6, fast-math ones by 1e-4; wrong ones by 0.01 and more. */
const TOLERANCE = 2e-3;

const INPUT = [1, 3, 13, 18];

/**
 * Compares WebGPU with wasm.
 *
 * @returns why they disagree, or nothing when they agree
 */
export async function findDisagreement(
  runtime: Runtime,
  device: GpuDevice,
): Promise<string | undefined> {
  const model = parityModel();
  const sessions: OwnedSession[] = [];
  try {
    sessions.push(await createSession(runtime, model, { name: "self-test" }));
    sessions.push(await createSession(runtime, model, { name: "self-test", device }));
    // Twice: some faults show only when cached buffers are used again.
    for (const seed of [1, 2]) {
      const feeds = { x: { data: noise(INPUT, seed), dims: INPUT } };
      const [expected, actual] = await Promise.all(sessions.map((session) => session.run(feeds)));
      const difference = maxDifference(expected?.["y"]?.data, actual?.["y"]?.data);
      if (!(difference <= TOLERANCE)) return `results differ by ${difference}`;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    // On a lost device a release can fail too; the reason above is the one that matters.
    await Promise.allSettled(sessions.map((session) => session.release()));
  }
}

function maxDifference(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b || a.length !== b.length) return NaN;
  let worst = 0;
  for (const [i, value] of a.entries()) {
    const difference = Math.abs(value - (b[i] as number));
    if (Number.isNaN(difference)) return NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}

/** Convolutions (strided, depthwise, pointwise), squeeze-and-excite, upsampling and a softmax head. */
export function parityModel(): Uint8Array {
  const pad = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  return encodeModel({
    input: { name: "x", dims: INPUT },
    output: { name: "y", dims: [1, 14, 18, 7] },
    weights: [
      weights("stem", [10, 3, 3, 3], 0.6),
      weights("depth", [10, 1, 3, 3], 0.8),
      weights("point", [12, 10, 1, 1], 0.8),
      weights("up", [12, 5, 2, 2], 0.8),
      weights("head", [5, 7], 2),
    ],
    nodes: [
      { op: "Conv", inputs: ["x", "stem"], output: "a", attributes: { ...pad, strides: [2, 2] } },
      { op: "HardSwish", inputs: ["a"], output: "b" },
      { op: "Conv", inputs: ["b", "depth"], output: "c", attributes: { ...pad, group: 10 } },
      { op: "Relu", inputs: ["c"], output: "d" },
      { op: "Conv", inputs: ["d", "point"], output: "e", attributes: { kernel_shape: [1, 1] } },
      { op: "GlobalAveragePool", inputs: ["e"], output: "f" },
      { op: "HardSigmoid", inputs: ["f"], output: "g" },
      { op: "Mul", inputs: ["e", "g"], output: "h" },
      {
        op: "ConvTranspose",
        inputs: ["h", "up"],
        output: "i",
        attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      },
      { op: "Sigmoid", inputs: ["i"], output: "j" },
      { op: "Transpose", inputs: ["j"], output: "k", attributes: { perm: [0, 2, 3, 1] } },
      { op: "MatMul", inputs: ["k", "head"], output: "l" },
      { op: "Softmax", inputs: ["l"], output: "y", attributes: { axis: 3 } },
    ],
  });
}

function weights(name: string, dims: readonly number[], scale: number): GraphWeights {
  return { name, dims, data: noise(dims, name.length).map((value) => value * scale) };
}

/** Repeatable numbers in −1…1. */
function noise(dims: readonly number[], seed: number): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

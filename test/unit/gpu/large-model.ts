/** An ONNX file of any size, in parts that share the same weights: a chain of matrix products. */
import {
  bytesField,
  bytesHead,
  concat,
  numberField,
  textField,
} from "../../../src/gpu/protobuf.ts";

export interface LargeModel {
  /** One after the other they are the file. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly size: number;
  /** Length of input `x` and output `y`, each of one row. */
  readonly side: number;
  /** What the graph makes of an input of ones. */
  readonly expected: Float32Array;
}

/** `count` weights of `side`² floats. */
export function largeModel(count: number, side: number): LargeModel {
  // Row sums stay near one, so that a chain neither fades nor explodes.
  const weights = Float32Array.from(
    { length: side * side },
    (_, i) => (1 + Math.sin(i * 0.37)) / side,
  );
  const raw = new Uint8Array(weights.buffer);
  const name = (i: number): string => (i === 0 ? "x" : i === count ? "y" : `h${i}`);
  const head = concat([
    ...Array.from({ length: count }, (_, i) =>
      bytesField(
        1,
        textField(1, name(i)),
        textField(1, `w${i}`),
        textField(2, name(i + 1)),
        textField(4, "MatMul"),
      ),
    ),
    textField(2, "large"),
    vector(11, "x", side),
    vector(12, "y", side),
  ]);
  const initializers = Array.from({ length: count }, (_, i) => {
    const before = concat([
      numberField(1, side),
      numberField(1, side),
      numberField(2, 1),
      textField(8, `w${i}`),
      bytesHead(9, raw.length),
    ]);
    return [concat([bytesHead(5, before.length + raw.length), before]), raw];
  });
  const graph = [head, ...initializers.flat()];
  const model = concat([
    numberField(1, 8),
    bytesField(8, textField(1, ""), numberField(2, 17)),
    bytesHead(7, length(graph)),
  ]);
  const parts = [model, ...graph];
  return { parts, size: length(parts), side, expected: chain(weights, count, side) };
}

function vector(field: number, name: string, side: number): Uint8Array {
  const dims = [1, side].map((dim) => bytesField(1, numberField(1, dim)));
  const tensor = bytesField(1, numberField(1, 1), bytesField(2, ...dims));
  return bytesField(field, textField(1, name), bytesField(2, tensor));
}

function chain(weights: Float32Array, count: number, side: number): Float32Array {
  let row = new Float32Array(side).fill(1);
  for (let i = 0; i < count; i++) {
    const next = new Float64Array(side);
    for (let k = 0; k < side; k++) {
      const factor = row[k] as number;
      for (let j = 0; j < side; j++) {
        next[j] = (next[j] as number) + factor * (weights[k * side + j] as number);
      }
    }
    row = Float32Array.from(next);
  }
  return row;
}

function length(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

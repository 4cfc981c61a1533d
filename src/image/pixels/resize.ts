/** Resampling of RGBA pixels straight into the planar float tensors that the networks take. */
import type { ChannelOrder, Normalisation } from "../../catalog/manifest/manifest.ts";
import type { Rect, RgbaImage } from "../../types.ts";

/** Where each output coordinate takes its value from along one axis. */
interface Taps {
  /** First source index of output `i`. */
  readonly start: Int32Array;
  /** How many source values output `i` takes. */
  readonly count: Int32Array;
  /** `size` weights per output, of which `count` are used. */
  readonly weights: Float32Array;
  readonly size: number;
}

/**
 * A triangle filter: bilinear interpolation when enlarging (half-pixel centres, edges replicated, as
 * OpenCV's INTER_LINEAR); when shrinking, the triangle widens with the scale so that no source pixel is
 * skipped. OpenCV does not widen it, and thin strokes of 600-dpi scans then fall between the samples.
 */
function triangleTaps(from: number, length: number, limit: number, to: number): Taps {
  const scale = length / to;
  const support = Math.max(1, scale);
  const size = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float32Array(to * size);
  for (let i = 0; i < to; i++) {
    const center = from + (i + 0.5) * scale - 0.5;
    const first = Math.ceil(center - support);
    const last = Math.floor(center + support);
    const lo = Math.min(Math.max(first, 0), limit - 1);
    start[i] = lo;
    let sum = 0;
    for (let s = first; s <= last; s++) {
      const weight = 1 - Math.abs(s - center) / support;
      if (weight <= 0) continue;
      const clamped = Math.min(Math.max(s, 0), limit - 1);
      const at = i * size + (clamped - lo);
      weights[at] = (weights[at] as number) + weight;
      count[i] = clamped - lo + 1;
      sum += weight;
    }
    for (let k = 0; k < size; k++) {
      const at = i * size + k;
      weights[at] = (weights[at] as number) / sum;
    }
  }
  return { start, count, weights, size };
}

/** Byte offsets of the three planes' values within an RGBA pixel. */
export function channelOffsets(order: ChannelOrder): readonly [number, number, number] {
  return order === "rgb" ? [0, 1, 2] : [2, 1, 0];
}

/**
 * Resizes a part of an image and normalises it: (x/255 − mean) / std.
 *
 * @param part source rectangle in pixels, inside the image
 * @param target where to write planes of `stride` × `rows` floats; the image lands at the top left
 *   and the rest is left as it is
 */
export function resizeToPlanes(
  image: RgbaImage,
  part: Rect,
  width: number,
  height: number,
  normalisation: Normalisation,
  target: Float32Array,
  stride: number = width,
  rows: number = height,
): void {
  const whole = Number.isInteger(part.x) && Number.isInteger(part.y);
  if (whole && part.width === width && part.height === height) {
    copyToPlanes(image, part, normalisation, target, stride, rows);
    return;
  }
  const xTaps = triangleTaps(part.x, part.width, image.width, width);
  const yTaps = triangleTaps(part.y, part.height, image.height, height);
  const offsets = channelOffsets(normalisation.channels);
  const plane = stride * rows;

  // Horizontally resampled source rows, one plane after the other, kept while the vertical taps need them.
  const ring = Array.from({ length: yTaps.size }, () => new Float32Array(width * 3));
  const ringRow = new Int32Array(yTaps.size).fill(-1);
  const resampled = (y: number): Float32Array => {
    const slot = y % yTaps.size;
    const row = ring[slot] as Float32Array;
    if (ringRow[slot] !== y) {
      resampleRow(image, y, width, xTaps, offsets, row);
      ringRow[slot] = y;
    }
    return row;
  };

  const scales = [0, 1, 2].map((c) => 1 / (255 * (normalisation.std[c] as number)));
  const shifts = [0, 1, 2].map(
    (c) => -(normalisation.mean[c] as number) / (normalisation.std[c] as number),
  );
  for (let y = 0; y < height; y++) {
    const first = yTaps.start[y] as number;
    const count = yTaps.count[y] as number;
    for (let k = 0; k < count; k++) {
      const weight = yTaps.weights[y * yTaps.size + k] as number;
      const row = resampled(first + k);
      for (let c = 0; c < 3; c++) {
        const out = target.subarray(c * plane + y * stride, c * plane + y * stride + width);
        const from = row.subarray(c * width, (c + 1) * width);
        const shift = shifts[c] as number;
        addRow(out, from, weight * (scales[c] as number), k === 0 ? shift : undefined);
      }
    }
  }
}

/** `out = from × factor + shift`, or `out += from × factor` without a shift. */
function addRow(out: Float32Array, from: Float32Array, factor: number, shift?: number): void {
  const { length } = out;
  if (shift === undefined) {
    for (let x = 0; x < length; x++) {
      out[x] = (out[x] as number) + factor * (from[x] as number);
    }
  } else {
    for (let x = 0; x < length; x++) out[x] = factor * (from[x] as number) + shift;
  }
}

/** The same without resampling: line crops already have the network's height. */
function copyToPlanes(
  image: RgbaImage,
  part: Rect,
  normalisation: Normalisation,
  target: Float32Array,
  stride: number,
  rows: number,
): void {
  const { data } = image;
  channelOffsets(normalisation.channels).forEach((offset, c) => {
    const mean = normalisation.mean[c] as number;
    const std = normalisation.std[c] as number;
    const values = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / std);
    for (let y = 0; y < part.height; y++) {
      let from = ((part.y + y) * image.width + part.x) * 4 + offset;
      const base = (c * rows + y) * stride;
      for (let x = 0; x < part.width; x++, from += 4) {
        target[base + x] = values[data[from] as number] as number;
      }
    }
  });
}

function resampleRow(
  image: RgbaImage,
  y: number,
  width: number,
  taps: Taps,
  offsets: readonly [number, number, number],
  out: Float32Array,
): void {
  const { data } = image;
  const rowStart = y * image.width * 4;
  const [o0, o1, o2] = offsets;
  for (let x = 0; x < width; x++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let at = rowStart + (taps.start[x] as number) * 4;
    const from = x * taps.size;
    const end = from + (taps.count[x] as number);
    for (let k = from; k < end; k++, at += 4) {
      const weight = taps.weights[k] as number;
      a += weight * (data[at + o0] as number);
      b += weight * (data[at + o1] as number);
      c += weight * (data[at + o2] as number);
    }
    out[x] = a;
    out[width + x] = b;
    out[2 * width + x] = c;
  }
}

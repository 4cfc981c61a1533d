/** Bicubic resampling as OpenCV does it, for networks that were trained on its pictures. */
import type { Normalisation } from "../../catalog/manifest/manifest.ts";
import type { RgbaImage } from "../../types.ts";
import { channelOffsets } from "./resize.ts";

/** The free parameter of the cubic in OpenCV's INTER_CUBIC. */
const A = -0.75;
const TAPS = 4;

/** For each output index four source indices, clamped to the image, and their weights. */
interface CubicTaps {
  readonly from: Int32Array;
  readonly weights: Float32Array;
}

function cubicTaps(length: number, to: number): CubicTaps {
  const from = new Int32Array(to * TAPS);
  const weights = new Float32Array(to * TAPS);
  const scale = length / to;
  for (let i = 0; i < to; i++) {
    const at = (i + 0.5) * scale - 0.5;
    const first = Math.floor(at);
    const t = at - first;
    const [near, far] = [1 - t, 2 - t];
    const row = [
      ((A * (t + 1) - 5 * A) * (t + 1) + 8 * A) * (t + 1) - 4 * A,
      ((A + 2) * t - (A + 3)) * t * t + 1,
      ((A + 2) * near - (A + 3)) * near * near + 1,
      ((A * far - 5 * A) * far + 8 * A) * far - 4 * A,
    ];
    for (let k = 0; k < TAPS; k++) {
      from[i * TAPS + k] = Math.min(Math.max(first - 1 + k, 0), length - 1);
      weights[i * TAPS + k] = row[k] as number;
    }
  }
  return { from, weights };
}

/**
 * Stretches an image and normalises it: (x/255 − mean) / std. Values are rounded to bytes before that, as those
 * of `cv2.resize` are. Like there, the filter does not widen when it shrinks.
 *
 * @param target three planes of `width` × `height` floats, in the normalisation's channel order
 */
export function bicubicToPlanes(
  image: RgbaImage,
  width: number,
  height: number,
  normalisation: Normalisation,
  target: Float32Array,
): void {
  const across = cubicTaps(image.width, width);
  const down = cubicTaps(image.height, height);
  const offsets = channelOffsets(normalisation.channels);
  const values = [0, 1, 2].map((c) => bytesToValues(normalisation, c));

  // Source rows that were resampled across, one plane after the other, while the taps downwards need them.
  const ring = Array.from({ length: TAPS }, () => new Float32Array(width * 3));
  const held = new Int32Array(TAPS).fill(-1);
  const rowOf = (y: number): Float32Array => {
    const row = ring[y % TAPS] as Float32Array;
    if (held[y % TAPS] !== y) {
      resampleRow(image, y, width, across, offsets, row);
      held[y % TAPS] = y;
    }
    return row;
  };

  for (let y = 0; y < height; y++) {
    const rows = [0, 1, 2, 3].map((k) => rowOf(down.from[y * TAPS + k] as number));
    const weights = down.weights.subarray(y * TAPS, (y + 1) * TAPS);
    for (let c = 0; c < 3; c++) {
      const out = target.subarray((c * height + y) * width, (c * height + y + 1) * width);
      mixRows(rows, weights, c * width, values[c] as Float32Array, out);
    }
  }
}

/** The normalised value of each byte. */
function bytesToValues({ mean, std }: Normalisation, channel: number): Float32Array {
  const [shift, scale] = [mean[channel] as number, std[channel] as number];
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - shift) / scale);
}

function mixRows(
  rows: readonly Float32Array[],
  weights: Float32Array,
  from: number,
  values: Float32Array,
  out: Float32Array,
): void {
  const [a, b, c, d] = rows as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [wa, wb, wc, wd] = weights as unknown as [number, number, number, number];
  for (let x = 0; x < out.length; x++) {
    const i = from + x;
    const sum =
      wa * (a[i] as number) + wb * (b[i] as number) + wc * (c[i] as number) + wd * (d[i] as number);
    out[x] = values[Math.min(255, Math.max(0, Math.round(sum)))] as number;
  }
}

function resampleRow(
  { data, width: stride }: RgbaImage,
  y: number,
  width: number,
  { from, weights }: CubicTaps,
  offsets: readonly number[],
  out: Float32Array,
): void {
  for (let c = 0; c < 3; c++) {
    const base = y * stride * 4 + (offsets[c] as number);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = x * TAPS; k < (x + 1) * TAPS; k++) {
        sum += (weights[k] as number) * (data[base + (from[k] as number) * 4] as number);
      }
      out[c * width + x] = sum;
    }
  }
}

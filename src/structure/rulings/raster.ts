/** The grey picture in which ruling lines are looked for: one byte for each pixel, and no more than needed. */
import type { RgbaImage } from "../../types.ts";

/** Row-major bytes. */
export interface GreyRaster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Pixels of the image along each side of one of these. */
  readonly step: number;
}

/** Strokes of one pixel in larger pictures keep half of their contrast or more, which is enough. */
const MOST_PIXELS = 4_000_000;

/** Shrinks by a whole number, as a mean over squares, where the picture has more than four megapixels. */
export function greyRaster(image: RgbaImage): GreyRaster {
  const { data, width, height } = image;
  const step = Math.ceil(Math.sqrt((width * height) / MOST_PIXELS)) || 1;
  if (step === 1) {
    const grey = new Uint8Array(width * height);
    for (let i = 0, at = 0; i < grey.length; i++, at += 4) grey[i] = greyOf(data, at);
    return { data: grey, width, height, step };
  }
  const across = Math.floor(width / step);
  const down = Math.floor(height / step);
  const grey = new Uint8Array(across * down);
  const sums = new Uint16Array(across);
  const area = step * step;
  for (let y = 0; y < down; y++) {
    sums.fill(0);
    for (let row = 0; row < step; row++) {
      let at = (y * step + row) * width * 4;
      for (let x = 0; x < across; x++) {
        let sum = sums[x] as number;
        for (let k = 0; k < step; k++, at += 4) sum += greyOf(data, at);
        sums[x] = sum;
      }
    }
    const base = y * across;
    for (let x = 0; x < across; x++) grey[base + x] = (sums[x] as number) / area;
  }
  return { data: grey, width: across, height: down, step };
}

/** Green counts twice. Whole numbers, because millions of them are made. */
function greyOf(data: RgbaImage["data"], at: number): number {
  return ((data[at] as number) + 2 * (data[at + 1] as number) + (data[at + 2] as number) + 2) >> 2;
}

/** Columns become rows, so that what is written for horizontal strokes finds the vertical ones. */
export function transposed({ data, width, height, step }: GreyRaster): GreyRaster {
  const turned = new Uint8Array(data.length);
  // In squares: a column at a time would miss the cache with every byte.
  const side = 32;
  for (let top = 0; top < height; top += side) {
    const bottom = Math.min(top + side, height);
    for (let left = 0; left < width; left += side) {
      const right = Math.min(left + side, width);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) turned[x * height + y] = data[y * width + x] as number;
      }
    }
  }
  return { data: turned, width: height, height: width, step };
}

/** Where in a crop the formula is, and what is ink in it. */
import type { Rect, RgbaImage } from "../types.ts";

export interface Ink {
  /** The smallest rectangle around all of it; the whole crop when that has one colour. */
  readonly box: Rect;
  /** Whether it is darker than what it stands on. */
  readonly isDark: boolean;
  /** Extremes of the crop's brightness, 0–1. */
  readonly darkest: number;
  readonly lightest: number;
}

/** Darker than this is ink, once the brightness is stretched to 0–255. */
const DARK = 200;

/**
 * `UniMERNetImgDecode.crop_margin` of PaddleX, which looks for what is dark; where most of the edge is dark, the
 * ink is what is light.
 *
 * @param part in whole pixels, inside of the image
 */
export function findInk(image: RgbaImage, part: Rect): Ink {
  const grey = greyBytes(image, part);
  let least = 255;
  let most = 0;
  for (const value of grey) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const extremes = { darkest: least / 255, lightest: most / 255 };
  if (least === most) return { box: part, isDark: true, ...extremes };
  const stretched = (value: number): number => ((value - least) / (most - least)) * 255;
  const isDark = edgeOf(grey, part.width, part.height, stretched) >= 255 / 2;
  const isInk = (value: number): boolean =>
    isDark ? stretched(value) < DARK : stretched(value) > 255 - DARK;
  return { box: around(grey, part, isInk), isDark, ...extremes };
}

/** Brightness as PIL computes it. */
function greyBytes({ data, width }: RgbaImage, part: Rect): Uint8Array {
  const grey = new Uint8Array(part.width * part.height);
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      const at = ((part.y + y) * width + part.x + x) * 4;
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      grey[y * part.width + x] = (red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16;
    }
  }
  return grey;
}

/** Mean of the outermost pixels. */
function edgeOf(
  grey: Uint8Array,
  width: number,
  height: number,
  stretched: (value: number) => number,
): number {
  let sum = 0;
  let count = 0;
  const add = (x: number, y: number): void => {
    sum += stretched(grey[y * width + x] as number);
    count++;
  };
  for (let x = 0; x < width; x++) {
    add(x, 0);
    add(x, height - 1);
  }
  for (let y = 1; y < height - 1; y++) {
    add(0, y);
    add(width - 1, y);
  }
  return sum / count;
}

function around(grey: Uint8Array, part: Rect, isInk: (value: number) => boolean): Rect {
  let [left, top, right, bottom] = [part.width, part.height, -1, -1];
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      if (!isInk(grey[y * part.width + x] as number)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const width = right - left + 1;
  return { x: part.x + left, y: part.y + top, width, height: bottom - top + 1 };
}

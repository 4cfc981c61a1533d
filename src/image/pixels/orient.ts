/** Turns stored pixels upright. */
import type { RgbaImage } from "../../types.ts";
import type { Orientation } from "../headers/exif.ts";

/**
 * For each orientation: start and steps in the stored image, so that walking the upright image row
 * by row is one running index. `right` is the step per upright column, `down` per upright row.
 */
function walk(
  orientation: Orientation,
  width: number,
  height: number,
): { start: number; right: number; down: number } {
  const lastColumn = width - 1;
  const lastRow = (height - 1) * width;
  const walks: Readonly<Record<Orientation, { start: number; right: number; down: number }>> = {
    1: { start: 0, right: 1, down: width },
    2: { start: lastColumn, right: -1, down: width },
    3: { start: lastRow + lastColumn, right: -1, down: -width },
    4: { start: lastRow, right: 1, down: -width },
    5: { start: 0, right: width, down: 1 },
    6: { start: lastRow, right: -width, down: 1 },
    7: { start: lastRow + lastColumn, right: -width, down: -1 },
    8: { start: lastColumn, right: width, down: -1 },
  };
  return walks[orientation];
}

/** One word per pixel; copies only when the bytes do not lie on a word border. */
function asWords(data: RgbaImage["data"]): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
}

/** The upright image. Orientation 1 returns the same object; all others a new one. */
export function applyOrientation(image: RgbaImage, orientation: Orientation): RgbaImage {
  if (orientation === 1) return image;
  const turned = orientation >= 5;
  const width = turned ? image.height : image.width;
  const height = turned ? image.width : image.height;
  const source = asWords(image.data);
  const target = new Uint32Array(width * height);
  const { start, right, down } = walk(orientation, image.width, image.height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, from = start + y * down; x < width; x++, from += right) {
      target[to++] = source[from] ?? 0;
    }
  }
  return { data: new Uint8ClampedArray(target.buffer), width, height };
}

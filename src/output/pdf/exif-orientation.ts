/**
 * How a picture is to be turned when its bytes go into a PDF as they are, which knows no EXIF. The decoders
 * in `image/` read the same field; they belong to the workers.
 */

/** 1 upright, 2 mirrored, 3 half turn, 4 flipped, 5–8 with swapped sides. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 274;
const SHORT = 3;

/** @param block a TIFF structure, without the prefix "Exif\0\0"; a damaged one is upright */
export function exifOrientation(block: Uint8Array): Orientation {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  try {
    const little = view.getUint16(0) === 0x4949;
    const start = view.getUint32(4, little);
    const entries = view.getUint16(start, little);
    for (let entry = start + 2; entry < start + 2 + 12 * entries; entry += 12) {
      if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
      const value = view.getUint16(entry + 8, little);
      const known = view.getUint16(entry + 2, little) === SHORT && value >= 1 && value <= 8;
      return known ? (value as Orientation) : 1;
    }
  } catch {
    // An offset beyond the end: metadata must not cost the page.
  }
  return 1;
}

/** Whether width and height are swapped. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}

type Matrix = readonly [number, number, number, number, number, number];

/** The matrix of `cm` that draws a stored picture, upright, over a page of the given size. */
export function uprightMatrix(orientation: Orientation, w: number, h: number): Matrix {
  // PDF draws the picture into the unit square with its first row at the top.
  const matrices: Readonly<Record<Orientation, Matrix>> = {
    1: [w, 0, 0, h, 0, 0],
    2: [-w, 0, 0, h, w, 0],
    3: [-w, 0, 0, -h, w, h],
    4: [w, 0, 0, -h, 0, h],
    5: [0, -h, -w, 0, w, h],
    6: [0, -h, w, 0, 0, h],
    7: [0, h, w, 0, 0, 0],
    8: [0, h, -w, 0, w, 0],
  };
  return matrices[orientation];
}

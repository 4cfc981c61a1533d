/** The one EXIF field that matters here: which way up the picture is. */

/** EXIF orientation: 1 upright, 2 mirrored, 3 half turn, 4 flipped, 5–8 with swapped sides. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The value as an orientation; anything out of range counts as upright, as in every viewer. */
export function toOrientation(value: number): Orientation {
  return Number.isInteger(value) && value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

const ORIENTATION_TAG = 274;
const SHORT = 3;

/**
 * Orientation from an EXIF block (a TIFF structure without its "Exif\0\0" prefix).
 * Damaged metadata must not cost the picture, so everything unreadable is upright.
 */
export function exifOrientation(block: Uint8Array): Orientation {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  if (view.byteLength < 14) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const start = view.getUint32(4, little);
  if (start + 2 > view.byteLength) return 1;
  const count = view.getUint16(start, little);
  for (let index = 0; index < count; index++) {
    const entry = start + 2 + index * 12;
    if (entry + 12 > view.byteLength) return 1;
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    if (view.getUint16(entry + 2, little) !== SHORT) return 1;
    return toOrientation(view.getUint16(entry + 8, little));
  }
  return 1;
}

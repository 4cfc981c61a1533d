/** Parts of an image, as images of their own. */
import type { Rect, RgbaImage } from "../../types.ts";

/**
 * A copy of a part of an image, at its own resolution.
 *
 * @param box in pixels; it is widened to whole ones and cut to the image
 * @returns nothing for a box outside of the image
 */
export function cropImage(image: RgbaImage, box: Rect): RgbaImage | undefined {
  const left = Math.max(0, Math.floor(box.x));
  const top = Math.max(0, Math.floor(box.y));
  const width = Math.min(image.width, Math.ceil(box.x + box.width)) - left;
  const height = Math.min(image.height, Math.ceil(box.y + box.height)) - top;
  if (width < 1 || height < 1) return undefined;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 4;
    data.set(image.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { data, width, height };
}

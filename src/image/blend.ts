/** Paper is white: see-through pixels are blended on it, so that text on no background can be read. */
import type { RgbaImage } from "../types.ts";

/** Blends straight (not premultiplied) alpha on white, in place, and makes every pixel opaque. */
export function blendOnWhite(image: RgbaImage): RgbaImage {
  const { data } = image;
  for (let i = 3; i < data.length; i += 4) {
    const alpha = data[i] ?? 255;
    if (alpha === 255) continue;
    const white = 255 * (255 - alpha);
    for (let c = i - 3; c < i; c++) {
      data[c] = Math.round(((data[c] ?? 0) * alpha + white) / 255);
    }
    data[i] = 255;
  }
  return image;
}

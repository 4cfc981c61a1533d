/**
 * Gives see-through images a background: paper is white. Where white would swallow all there is to see,
 * as with the white lettering of a logo, the colours are inverted first: dark on white reads best.
 */
import type { RgbaImage } from "../../types.ts";

/** Where less than this share of what is visible is dark, white would leave nothing to read. */
const DARK_SHARE = 0.01;

/** Blends straight (not premultiplied) alpha on white, in place; every pixel becomes opaque. */
export function blendOnPaper(image: RgbaImage): RgbaImage {
  const { data } = image;
  if (!isTransparent(data)) return image;
  const inverted = isAllLight(data) ? 255 : 0;
  for (let i = 3; i < data.length; i += 4) {
    const alpha = data[i] ?? 255;
    if (alpha === 255 && !inverted) continue;
    const white = 255 * (255 - alpha);
    for (let c = i - 3; c < i; c++) {
      data[c] = Math.round((((data[c] ?? 0) ^ inverted) * alpha + white) / 255);
    }
    data[i] = 255;
  }
  return image;
}

function isTransparent(data: RgbaImage["data"]): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return true;
  return false;
}

function isAllLight(data: RgbaImage["data"]): boolean {
  let visible = 0;
  let dark = 0;
  for (let i = 3; i < data.length; i += 4) {
    const alpha = data[i] ?? 255;
    const light = ((data[i - 3] ?? 0) * 3 + (data[i - 2] ?? 0) * 6 + (data[i - 1] ?? 0)) / 10;
    visible += alpha;
    if (light < 192) dark += alpha;
  }
  return visible > 0 && dark < visible * DARK_SHARE;
}

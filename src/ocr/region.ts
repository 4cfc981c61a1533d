/** The part of an image that is read. */
import { GlyphpoolError } from "../errors.ts";
import type { Quad, Rect, RgbaImage } from "../types.ts";

export function rectQuad({ x, y, width, height }: Rect): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/**
 * The region cut to the image, on whole pixels.
 *
 * @throws GlyphpoolError `INVALID_OPTION` where they do not overlap
 */
export function clipRegion(region: Rect | undefined, image: RgbaImage): Rect {
  if (region === undefined) return { x: 0, y: 0, width: image.width, height: image.height };
  const x = Math.max(0, Math.floor(region.x));
  const y = Math.max(0, Math.floor(region.y));
  const width = Math.min(image.width, Math.ceil(region.x + region.width)) - x;
  const height = Math.min(image.height, Math.ceil(region.y + region.height)) - y;
  if (!(width > 0 && height > 0)) {
    throw new GlyphpoolError(
      "INVALID_OPTION",
      `region ${JSON.stringify(region)} does not overlap the image of ${image.width} × ${image.height} pixels.`,
    );
  }
  return { x, y, width, height };
}

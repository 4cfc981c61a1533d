/** The gate before any decoder: what a header promises must fit before a byte is allocated for it. */
import { GlyphpoolError } from "../errors.ts";
import type { ImageLimits } from "../types.ts";
import type { ImageHeader } from "./header.ts";

/**
 * Throws `IMAGE_TOO_LARGE` when the encoded bytes or the promised pixels exceed the limits.
 * The message names the size and the limit.
 */
export function checkImageLimits(
  header: Pick<ImageHeader, "width" | "height">,
  byteLength: number,
  limits: ImageLimits,
): void {
  const { width, height } = header;
  if (byteLength > limits.maxBytes) {
    throw tooLarge(`${byteLength} bytes`, `maxBytes is ${limits.maxBytes}`);
  }
  if (width > limits.maxSide || height > limits.maxSide) {
    throw tooLarge(`${width} × ${height} pixels`, `maxSide is ${limits.maxSide}`);
  }
  if (width * height > limits.maxPixels) {
    throw tooLarge(
      `${width} × ${height} = ${width * height} pixels`,
      `maxPixels is ${limits.maxPixels}`,
    );
  }
}

function tooLarge(size: string, limit: string): GlyphpoolError {
  return new GlyphpoolError(
    "IMAGE_TOO_LARGE",
    `The image has ${size}, but ${limit}. Scale it down or raise the limit.`,
  );
}

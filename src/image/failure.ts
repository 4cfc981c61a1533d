/** The two ways in which bytes fail to become an image. */
import { GlyphpoolError } from "../errors.ts";

/** A known format whose bytes are truncated or damaged. */
export function corrupt(detail: string, cause?: unknown): GlyphpoolError {
  const message = `The image is truncated or damaged: ${detail}.`;
  return new GlyphpoolError("IMAGE_CORRUPT", message, cause === undefined ? {} : { cause });
}

/** Bytes that are whole, but of a kind that is not decoded. */
export function unsupported(detail: string): GlyphpoolError {
  return new GlyphpoolError(
    "UNSUPPORTED_FORMAT",
    `${detail} Supported are PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF and PBM, PGM, PPM.`,
  );
}

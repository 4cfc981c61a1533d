/** What the host can refuse before a worker sees it. */
import { GlyphpoolError } from "../errors.ts";
import type { ImageLimits } from "../types.ts";
import type { OpenInput } from "../pool/call.ts";

/** @throws GlyphpoolError `INVALID_INPUT` for no bytes, `IMAGE_TOO_LARGE` for too many */
export function checkBytes(bytes: number, limits: ImageLimits): void {
  if (bytes === 0) throw invalidInput("it has no bytes");
  if (bytes > limits.maxBytes) {
    throw tooLarge(`has ${bytes} bytes, but limits.maxBytes is ${limits.maxBytes}`);
  }
}

/** @throws GlyphpoolError `IMAGE_TOO_LARGE` */
export function checkSize(width: number, height: number, limits: ImageLimits): void {
  const size = `is ${width} × ${height} pixels`;
  if (Math.max(width, height) > limits.maxSide) {
    throw tooLarge(`${size}, but limits.maxSide is ${limits.maxSide}`);
  }
  if (width * height > limits.maxPixels) {
    throw tooLarge(`${size}, but limits.maxPixels is ${limits.maxPixels}`);
  }
}

/** Encoded bytes for the worker. The caller of this gives them away. */
export function openBytes(bytes: Uint8Array): OpenInput {
  return { input: { kind: "bytes", bytes }, transfer: [bytes.buffer as ArrayBuffer] };
}

export function invalidInput(why: string, cause?: unknown): GlyphpoolError {
  const message = `The input is not an image: ${why}.`;
  return new GlyphpoolError("INVALID_INPUT", message, cause === undefined ? {} : { cause });
}

function tooLarge(what: string): GlyphpoolError {
  return new GlyphpoolError("IMAGE_TOO_LARGE", `The image ${what}.`);
}

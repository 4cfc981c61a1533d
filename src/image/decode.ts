import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { ImageLimits, RgbaImage } from "../types.ts";
import { type ImageHeader, readImageHeader } from "./headers/header.ts";
import { blendOnPaper } from "./pixels/blend.ts";
import { decodeBmp } from "./bmp.ts";
import { dpiField } from "./headers/density.ts";
import { corrupt } from "./failure.ts";
import { decodeGif } from "./gif.ts";
import { applyOrientation } from "./pixels/orient.ts";
import type { PlatformDecoder, PlatformPixels } from "./platform-decoder.ts";
import { decodePnm } from "./pnm.ts";
import { decodeTiff } from "./tiff/decode.ts";
import { checkComplete } from "./truncation.ts";

/** The gate before any decoder: what a header promises must fit before a byte is allocated for it. */

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
    `The image has ${size}, but ${limit}. Scale it down, or raise the limit: limits of createEngine, --max-… of the command, GLYPHPOOL_MAX_… of the server, max-… of the element.`,
  );
}

/**
 * Encoded bytes to pixels: header → limits → completeness → decode → upright → opaque.
 * The order is the point: nothing is allocated before the limits are known to hold.
 */

/** Pixels, and how many of them make an inch where the file tells. */
export interface DecodedImage extends RgbaImage {
  readonly dpi?: number;
}

/**
 * Decodes an image (one page of a TIFF, the first frame of an animation) to upright, opaque pixels. Transparency is blended on
 * white; light colours are inverted where nothing else is visible.
 *
 * @param frame from 0; only TIFF has more than one
 * @throws GlyphpoolError `INVALID_INPUT`, `UNSUPPORTED_FORMAT`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`,
 * `PAGE_NOT_FOUND`, `ABORTED`
 */
export async function decodeImage(
  bytes: Uint8Array,
  limits: ImageLimits,
  decoder: PlatformDecoder,
  signal?: AbortSignal,
  frame: number = 0,
): Promise<DecodedImage> {
  throwIfAborted(signal);
  const header = readImageHeader(bytes, frame);
  checkImageLimits(header, bytes.byteLength, limits);
  checkComplete(bytes, header.format);
  const pixels = await decodePixels(bytes, header, decoder, signal, frame);
  throwIfAborted(signal);
  const upright = pixels.upright ? pixels : applyOrientation(pixels, header.orientation);
  const { width, height, data } = blendOnPaper(upright);
  if (width !== header.width || height !== header.height || data.length !== width * height * 4) {
    throw corrupt(
      `it decoded to ${width} × ${height} pixels, but its header says ${header.width} × ${header.height}`,
    );
  }
  return { data, width, height, ...dpiField(header.dpi) };
}

async function decodePixels(
  bytes: Uint8Array,
  header: ImageHeader,
  decoder: PlatformDecoder,
  signal: AbortSignal | undefined,
  frame: number,
): Promise<PlatformPixels> {
  const { format } = header;
  try {
    if (format === "bmp") return { ...decodeBmp(bytes), upright: false };
    if (format === "pnm") return { ...decodePnm(bytes), upright: false };
    if (format === "gif") return { ...decodeGif(bytes), upright: false };
    if (format === "tiff")
      return { ...(await decodeTiff(bytes, decoder, signal, frame)), upright: false };
    return await decoder.decode(bytes, header, signal);
  } catch (cause) {
    if (GlyphpoolError.is(cause)) throw cause;
    // Codecs throw strings and plain objects as well; only the cause keeps what they said.
    throw corrupt(`the ${format.toUpperCase()} decoder refused it`, cause);
  }
}

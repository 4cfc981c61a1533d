/**
 * Encoded bytes to pixels: header → limits → completeness → decode → upright → opaque.
 * The order is the point: nothing is allocated before the limits are known to hold.
 */
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { ImageLimits, RgbaImage } from "../types.ts";
import { blendOnPaper } from "./blend.ts";
import { decodeBmp } from "./bmp.ts";
import { dpiField } from "./density.ts";
import { corrupt } from "./failure.ts";
import { decodeGif } from "./gif.ts";
import { type ImageHeader, readImageHeader } from "./header.ts";
import { checkImageLimits } from "./limits.ts";
import { applyOrientation } from "./orient.ts";
import type { PlatformDecoder, PlatformPixels } from "./platform-decoder.ts";
import { decodeTiff } from "./tiff.ts";
import { checkComplete } from "./truncation.ts";

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

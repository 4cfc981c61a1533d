/**
 * Decodes with the browser's own codecs, in a page or a worker.
 *
 * Measured in Chromium 156: createImageBitmap turns JPEG by EXIF, PNG by eXIf and AVIF by irot/imir,
 * leaves WebP as stored, and ignores `imageOrientation: "none"`. The pixels are therefore always
 * upright already, by the same rules as `readImageHeader`.
 */
import { throwIfAborted } from "../errors.ts";
import type { RgbaImage } from "../types.ts";
import type { PlatformDecoder } from "./platform-decoder.ts";

/** The browser's decoder. Needs createImageBitmap and OffscreenCanvas. */
export const browserDecoder: PlatformDecoder = {
  async decode(bytes, header, signal) {
    // A Blob takes no view on shared memory, so such input is copied.
    const part =
      bytes.buffer instanceof ArrayBuffer
        ? (bytes as Uint8Array<ArrayBuffer>)
        : new Uint8Array(bytes);
    const bitmap = await createImageBitmap(new Blob([part], { type: `image/${header.format}` }), {
      imageOrientation: "from-image",
      premultiplyAlpha: "none",
      // Profiles are for eyes; the models were trained on raw values, and wasm codecs give those.
      colorSpaceConversion: "none",
    });
    try {
      throwIfAborted(signal);
      return { ...pixelsFromBitmap(bitmap), upright: true };
    } finally {
      bitmap.close();
    }
  },
};

/** Pixels of a bitmap, with straight alpha. The bitmap stays open: it belongs to the caller. */
export function pixelsFromBitmap(bitmap: ImageBitmap): RgbaImage {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  try {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("This browser has no 2d context for OffscreenCanvas.");
    context.drawImage(bitmap, 0, 0);
    return { data: context.getImageData(0, 0, width, height).data, width, height };
  } finally {
    // Frees the backing store now instead of at the next garbage collection.
    canvas.width = 0;
    canvas.height = 0;
  }
}

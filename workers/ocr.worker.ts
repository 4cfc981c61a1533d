/** The OCR worker in browsers. */
import { decodeImage } from "../src/image/decode.ts";
import { browserDecoder, pixelsFromBitmap } from "../src/image/decode-browser.ts";
import { blendOnPaper } from "../src/image/pixels/blend.ts";
import { becomeThread, threadKind } from "../src/gpu/runtime.ts";
import type { Platform } from "./ocr/ocr-worker.ts";
import { serve } from "./ocr/serve.ts";

const platform: Platform = {
  async decode(input, limits, signal, frame) {
    if (input.kind === "pixels") return blendOnPaper(input.image);
    if (input.kind === "bitmap") {
      try {
        return blendOnPaper(pixelsFromBitmap(input.bitmap));
      } finally {
        input.bitmap.close();
      }
    }
    const bytes =
      input.kind === "blob" ? new Uint8Array(await input.blob.arrayBuffer()) : input.bytes;
    return await decodeImage(bytes, limits, browserDecoder, signal, frame);
  },
};

const thread = threadKind();
if (thread) void becomeThread(thread);
else serve(platform);

/** The OCR worker in browsers. */
import { decodeImage } from "../src/image/decode.ts";
import { browserDecoder, pixelsFromBitmap } from "../src/image/decode-browser.ts";
import { blendOnWhite } from "../src/image/blend.ts";
import { serve } from "./serve.ts";

serve({
  async decode(input, limits, signal) {
    switch (input.kind) {
      case "pixels":
        return blendOnWhite(input.image);
      case "bitmap":
        try {
          return pixelsFromBitmap(input.bitmap);
        } finally {
          input.bitmap.close();
        }
      case "blob": {
        const bytes = new Uint8Array(await input.blob.arrayBuffer());
        return await decodeImage(bytes, limits, browserDecoder, signal);
      }
      case "bytes":
        return await decodeImage(input.bytes, limits, browserDecoder, signal);
    }
  },
});

/** The OCR worker in Deno. */
// Has to stay the first import.
import "./ocr/without-location.ts";
import { blendOnPaper } from "../src/image/pixels/blend.ts";
import { decodeImage } from "../src/image/decode.ts";
import { denoDecoder } from "../src/image/decode-deno.ts";
import { GlyphpoolError } from "../src/errors.ts";
import { serve } from "./ocr/serve.ts";

serve({
  processBytes: () => Deno.memoryUsage().rss,
  async decode(input, limits, signal, frame) {
    if (input.kind === "pixels") return blendOnPaper(input.image);
    if (input.kind === "bytes") {
      return await decodeImage(input.bytes, limits, denoDecoder, signal, frame);
    }
    // Neither blobs nor bitmaps can cross to a worker in Deno; the host never sends them.
    throw new GlyphpoolError("INTERNAL", `Deno's worker got a ${input.kind}.`);
  },
});

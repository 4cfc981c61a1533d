/**
 * @paddleocr/paddleocr-js with its own defaults. It takes a detection side of at least 64 (short side),
 * thresholds 0.3 and 0.6, unclip 1.5 and recognition batches from its built-in pipeline, also for
 * PP-OCRv6, whose inference.yml says otherwise.
 */
import { PaddleOCR } from "@paddleocr/paddleocr-js";
import { env } from "onnxruntime-web";

let ocr;

/** @type {import("./adapter.ts").Adapter} */
export default {
  async init({ models, threads }) {
    ocr = await PaddleOCR.create({
      textDetectionModelName: "PP-OCRv6_tiny_det",
      textDetectionModelAsset: { url: models.detectionTar },
      textRecognitionModelName: "PP-OCRv6_tiny_rec",
      textRecognitionModelAsset: { url: models.recognitionTar },
      // Through a Blob: a devtools session keeps the bodies of plain arrayBuffer() calls in the renderer.
      fetch: async (url) => new Response(await (await fetch(url)).blob()),
      ortOptions: { backend: "wasm", wasmPaths: models.runtime, numThreads: threads },
    });
    return {
      numThreads: env.wasm.numThreads,
      runtime: env.versions.common,
      pipeline: ocr.runtimeDefaults,
      recognitionBatch: ocr.pipelineConfig.textRecognitionBatchSize,
      maxCandidates: ocr.getModelConfig().det.postprocess.maxCandidates,
      providers: ocr.getInitializationSummary(),
    };
  },

  async read(bytes) {
    const [{ items, metrics }] = await ocr.predict(new Blob([bytes]));
    return {
      lines: items.map(({ text, score, poly }) => ({ text, confidence: score, polygon: poly })),
      timings: { detect: metrics.detMs, recognize: metrics.recMs, total: metrics.totalMs },
    };
  },

  async close() {
    await ocr.dispose();
    ocr = undefined;
  },
};

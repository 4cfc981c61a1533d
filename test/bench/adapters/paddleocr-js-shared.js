import { PaddleOCR } from "@paddleocr/paddleocr-js";
import { env } from "onnxruntime-web";

/**
 * @param {object} overrides options of `PaddleOCR.create`
 * @returns {import("./adapter.ts").Adapter}
 */
export function createAdapter(overrides) {
  let ocr;
  return {
    async init({ models, threads }) {
      ocr = await PaddleOCR.create({
        textDetectionModelName: "PP-OCRv6_tiny_det",
        textDetectionModelAsset: { url: models.detectionTar },
        textRecognitionModelName: "PP-OCRv6_tiny_rec",
        textRecognitionModelAsset: { url: models.recognitionTar },
        // Through a Blob: a devtools session keeps the bodies of plain arrayBuffer() calls in the renderer.
        fetch: async (url) => new Response(await (await fetch(url)).blob()),
        ...overrides,
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
}

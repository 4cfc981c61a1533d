/**
 * ppu-paddle-ocr (web) with its own defaults: canvas-native preprocessing, longest side "auto"
 * (0.75 of it within 960 and 1920), boxes of one line merged for recognition, confidence of at least 0.5.
 */
import { PaddleOcrService } from "ppu-paddle-ocr/web";
import { env } from "onnxruntime-web";

let service;

/** @type {import("./adapter.ts").Adapter} */
export default {
  async init({ models, threads }) {
    env.wasm.wasmPaths = models.runtime;
    env.wasm.numThreads = threads;
    service = new PaddleOcrService({
      model: {
        detection: await load(models.detection),
        recognition: await load(models.recognition),
        charactersDictionary: await load(models.dictionary),
      },
      session: { executionProviders: ["wasm"], graphOptimizationLevel: "all" },
    });
    await service.initialize();
    const { charactersDictionary, ...recognition } = service.options.recognition;
    return {
      numThreads: env.wasm.numThreads,
      runtime: env.versions.common,
      detection: service.options.detection,
      recognition: { ...recognition, dictionary: charactersDictionary.length },
    };
  },

  async read(bytes) {
    // Its cache would answer the page of the warm-up without reading it.
    const { lines } = await service.recognize(bytes, { noCache: true });
    return {
      lines: lines.flat().map(({ text, confidence, box: { x, y, width, height } }) => ({
        text,
        confidence,
        polygon: [
          [x, y],
          [x + width, y],
          [x + width, y + height],
          [x, y + height],
        ],
      })),
    };
  },

  async close() {
    await service.destroy();
    service = undefined;
  },
};

async function load(url) {
  return (await (await fetch(url)).blob()).arrayBuffer();
}

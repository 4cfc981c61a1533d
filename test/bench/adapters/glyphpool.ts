/** Glyphpool with its own defaults, on the weights that the peers get. */
import { findPreset } from "../../../src/catalog/presets/presets.ts";
import type { ModelFile, ModelSet } from "../../../src/catalog/manifest/manifest.ts";
import { createEngine, type Engine } from "../../../src/index.ts";
import type { Adapter, BenchModels } from "./adapter.ts";

let engine: Engine | undefined;

const adapter: Adapter = {
  async init({ models, threads }) {
    engine = await createEngine({
      models: localSet(models),
      backend: "wasm",
      threads,
      cache: false,
    });
    return { ...engine.info, requestedThreads: threads };
  },

  async read(bytes) {
    const { lines, timings } = await engine!.read(bytes);
    return {
      lines: lines.map(({ text, confidence, polygon }) => ({
        text,
        confidence,
        polygon: polygon.map(([x, y]) => [x, y]),
      })),
      timings,
    };
  },

  async close() {
    await engine?.close();
    engine = undefined;
  },
};

export default adapter;

/** The preset's parameters with the shared folder's files. */
function localSet(models: BenchModels): ModelSet {
  const preset = findPreset("ppocr-v6-tiny");
  const { detection, recognition, orientation } = preset;
  return {
    ...preset,
    detection: { ...detection, variants: [{ precision: "fp32", onnx: file(models.detection) }] },
    recognition: {
      ...recognition,
      variants: [{ precision: "fp32", onnx: file(models.recognition) }],
      dictionary: file(models.dictionary),
    },
    ...(orientation && {
      orientation: {
        ...orientation,
        variants: [{ precision: "fp32", onnx: file(models.orientation) }],
      },
    }),
  };
}

function file(url: string): ModelFile {
  return { name: url.slice(url.lastIndexOf("/") + 1), url };
}

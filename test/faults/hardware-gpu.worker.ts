/**
 * The OCR worker in browsers, with faults on demand, and with an emulated GPU that passes for a real one:
 * without that `auto` would not take it.
 */
import "./gpu-faults.ts";
import "../../workers/ocr.worker.ts";

const names = { vendor: "test", architecture: "test", description: "a GPU", device: "" };
Object.defineProperty(GPUAdapter.prototype, "info", {
  get: () => ({ ...names, isFallbackAdapter: false }),
});

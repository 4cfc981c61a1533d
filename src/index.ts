/**
 * Glyphpool reads text from images with WebGPU or WebAssembly, in browsers and in Deno.
 *
 * @module
 */
export { createEngine } from "./engine.ts";
export type {
  AdapterInfo,
  Engine,
  EngineInfo,
  EngineOptions,
  EngineStats,
  ModelStatus,
  ModelsOption,
  ReadOptions,
} from "./engine.ts";
export type { Settings } from "./config.ts";
export type { FileSource, UserModelFiles } from "./catalog/resolve.ts";
export type {
  DetectionModel,
  Model,
  ModelFile,
  ModelRole,
  ModelSet,
  ModelVariant,
  OrientationModel,
  Precision,
  RecognitionModel,
} from "./catalog/manifest.ts";
export { GlyphpoolError, type ErrorCode } from "./errors.ts";
export type {
  Backend,
  ImageInput,
  ImageLimits,
  Line,
  Page,
  Point,
  Progress,
  Quad,
  Rect,
  RgbaImage,
  Timings,
  Word,
} from "./types.ts";

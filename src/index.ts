/**
 * Glyphpool reads text from images with WebGPU or WebAssembly, in browsers and in Deno.
 *
 * @module
 */
export { createEngine } from "./engine/create-engine.ts";
export type {
  AdapterInfo,
  DocumentInput,
  EncodeOptions,
  Engine,
  EngineInfo,
  EngineMemory,
  EngineOptions,
  EngineStats,
  ModelStatus,
  ModelsOption,
  PagesOptions,
  PoolLoad,
  PreloadOptions,
  ReadOptions,
  StructureOption,
} from "./engine/engine.ts";
export type {
  Analysis,
  AnalysisName,
  ChartReader,
  ChartReading,
  PageUpdate,
  StructureOptions,
} from "./options/structure.ts";
export { STRUCTURE_PRESETS, withStructure } from "./catalog/presets/structure-presets.ts";
export type { MemorySnapshot } from "./pool/engine-memory.ts";
export type {
  GpuUsage,
  MemoryLevel,
  ModelState,
  ModelUsage,
  WorkerMemory,
} from "./memory/snapshot.ts";
export { runTask } from "./tasks/run-task.ts";
export type { TaskOptions, TaskScope } from "./tasks/run-task.ts";
export { installShutdown } from "./tasks/shutdown.ts";
export type { ShutdownHandle, ShutdownOptions, ShutdownTarget } from "./tasks/shutdown-target.ts";
export { createWriter, formatPage, TEXT_FORMATS, type TextFormat } from "./output/formats.ts";
export { searchablePdf } from "./output/pdf/open-searchable-pdf.ts";
export type {
  PdfBackground,
  SearchablePdf,
  SearchablePdfOptions,
} from "./output/pdf/searchable-pdf.ts";
export type { DocumentWriter, WriterInfo } from "./output/writer.ts";
export type { Settings } from "./options/engine.ts";
export type { MemoryLimits, MemorySettings } from "./options/memory.ts";
export type { FileSource, UserModelFiles } from "./catalog/reading/resolve.ts";
export type {
  DetectionModel,
  Model,
  ModelFile,
  ModelRole,
  ModelSet,
  ModelVariant,
  OrientationModel,
  PageOrientationModel,
  Precision,
  RecognitionModel,
  StructureModel,
  StructureRole,
  TextRole,
} from "./catalog/manifest/manifest.ts";
export { GlyphpoolError, type ErrorCode } from "./errors.ts";
export type {
  Backend,
  Block,
  BlockType,
  DocumentPage,
  EncodedImage,
  ImageInput,
  ImageLimits,
  Line,
  Page,
  PageMethods,
  PageWarning,
  PageWarningCode,
  Point,
  Progress,
  Quad,
  Rect,
  RgbaImage,
  Table,
  TableCell,
  TaskRecord,
  TaskStatus,
  Timings,
  Word,
} from "./types.ts";

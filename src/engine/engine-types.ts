/** What an engine takes and tells. */
import type { ModelRole, ModelSet, StructureModel } from "../catalog/manifest/manifest.ts";
import type { UserModelFiles } from "../catalog/reading/resolve.ts";
import type { ReadOptions, Settings } from "../options/engine.ts";
import type { ModelStatus, WorkerInfo } from "../pool/worker-types.ts";

/** What names a set of models. */
export type ModelsOption = string | URL | ModelSet | UserModelFiles;

/** A preset's name, or the models themselves. */
export type StructureOption = string | readonly StructureModel[];

export interface EngineOptions extends Settings {
  /**
   * A preset's name, the folder or URL of a model set, its manifest, or model files. Default
   * `embedded`, which needs no network.
   */
  readonly models?: ModelsOption;
  /**
   * Models of the document structure, beside those of the text: a preset's name such as `structure-small`, or
   * the models. Default: what the model set has; the embedded one has none, and the built-in layout needs none.
   */
  readonly structure?: StructureOption;
}

/** What an engine decided at its start. */
export interface EngineInfo extends WorkerInfo {
  /** Name of the model set. */
  readonly models: string;
  /** Ids of the models that read text: `PP-OCRv6_small_det`, `PP-OCRv6_small_rec`, … */
  readonly modelIds: readonly string[];
  /** Pages that can be read at the same time. */
  readonly workers: number;
  /** Where the workers run. */
  readonly isolation: "worker" | "process";
  /** Why there. */
  readonly isolationReason: string;
}

/** Memory that the workers hold. */
export interface EngineStats {
  /** Bytes of the WebAssembly heaps of all workers. */
  readonly wasmHeap: number;
  /** Loaded models, once per worker that holds them. */
  readonly models: ModelStatus[];
}

/** What a preload loads, and for how long anybody waits. */
export interface PreloadOptions extends Pick<ReadOptions, "signal" | "onProgress" | "deadline"> {
  /** Default: every model of the set. */
  readonly roles?: readonly ModelRole[];
}

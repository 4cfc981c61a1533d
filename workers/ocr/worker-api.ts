/** The wire between host and worker: types only, seen by both realms. */
import type { ModelRole, ModelSet } from "../../src/catalog/manifest/manifest.ts";
import type { ReadingOrder } from "../../src/options/engine.ts";
import type { KnownText, StructureRequest, StructureStage } from "../../src/options/structure.ts";
import type { Envelope } from "../../src/rpc/envelope.ts";
import type { StartOptions } from "../../src/rpc/link.ts";
import type { AdapterInfo, RuntimeKind } from "../../src/options/backend.ts";
import type { ModelUsage, WorkerMemory } from "../../src/memory/snapshot.ts";
import type { ManagerSettings } from "../../src/models/manager-options.ts";
import type { PipelineOptions } from "../../src/ocr/pipeline.ts";
import type {
  Backend,
  EncodedImage,
  ImageLimits,
  Page,
  Progress,
  RgbaImage,
} from "../../src/types.ts";

/** One model of a worker. */
export type ModelStatus = ModelUsage;

export type { AdapterInfo, Envelope, ManagerSettings, PipelineOptions, RuntimeKind, WorkerMemory };

/** An image in a form that can be cloned or transferred. Bitmaps cross in browsers only. */
export type WireInput =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "blob"; readonly blob: Blob }
  | { readonly kind: "pixels"; readonly image: RgbaImage }
  | { readonly kind: "bitmap"; readonly bitmap: ImageBitmap };

/** Everything a worker has to know once. */
export interface WorkerConfig extends StartOptions {
  readonly backend: Backend;
  readonly runtime: "auto" | RuntimeKind;
  readonly threads?: number;
  /** URL of the folder that holds the runtime's wasm. Default: where the bundler has put it. */
  readonly folder?: string;
  readonly limits: ImageLimits;
  /** `false`: models are fetched anew by every worker. A string: the cache folder (Deno). */
  readonly cache: boolean | string;
  readonly models?: ModelSettings;
  /**
   * Absent where the compiled wasm of the runtime cannot cross (another process). With a `module` the
   * worker starts from it; without, it answers with its own.
   */
  readonly compiled?: { readonly module?: WebAssembly.Module };
}

/** How long models stay, and how much they may hold together. */
export interface ModelSettings extends ManagerSettings {
  /** Milliseconds without a lease for single models, by id. */
  readonly idleTimeouts?: Readonly<Record<string, number>>;
}

/** What a worker found out while it started. */
export interface WorkerInfo {
  readonly backend: "webgpu" | "wasm";
  /** Why this backend. */
  readonly reason: string;
  readonly adapter?: AdapterInfo;
  readonly runtime: RuntimeKind;
  readonly threads: number;
}

/** What the host gets besides, and keeps to itself. */
export interface StartedWorker extends WorkerInfo {
  /** The compiled wasm of the runtime, if it was asked for. */
  readonly module?: WebAssembly.Module;
}

/** How one picture is read. */
export interface WorkerReadOptions extends PipelineOptions {
  /** Of the lines. Default `layout`. */
  readonly order?: ReadingOrder;
  /** Absent: only the text. */
  readonly structure?: StructureRequest;
  /** Text that is not to be read again. */
  readonly known?: KnownText;
}

/** Reads the text and the structure of a picture. */
export interface ReadRequest extends WorkerReadOptions {
  readonly name: "read";
  /** Names the call for `cancel`. */
  readonly id: number;
  readonly input: WireInput;
  /** Image of a multi-page file, from 0. Default 0. */
  readonly frame?: number;
  readonly models: SharedSet;
}

/** Makes a PNG of the pixels that a read would see. Needs no model. */
export interface EncodeRequest {
  readonly name: "encode";
  /** Names the call for `cancel`. */
  readonly id: number;
  readonly input: WireInput;
  /** Image of a multi-page file, from 0. Default 0. */
  readonly frame?: number;
}

/** Loads models ahead of the first read that needs them. */
export interface PreloadRequest {
  readonly name: "preload";
  /** Names the call for `cancel`. */
  readonly id: number;
  readonly models: SharedSet;
  /** Absent: every model of the set. */
  readonly roles?: readonly ModelRole[];
}

export type CallRequest = ReadRequest | EncodeRequest | PreloadRequest;

/** What the calls result in. */
export interface CallResults {
  readonly read: Page;
  readonly encode: EncodedImage;
  readonly preload: void;
}

/** A model set crosses the wire once: it may carry the models' own bytes. */
export interface SharedSet {
  readonly id: number;
  /** Absent when the worker knows it already. */
  readonly set?: ModelSet;
}

export interface WorkerStats {
  /** Bytes of the WebAssembly heap, which only a new worker can give back. */
  readonly wasmHeap: number;
  /** Models that are loaded, load, unload or failed to. */
  readonly models: ModelStatus[];
}

/**
 * Posted past comlink, which ignores messages without an `id`: a callback would cost a MessageChannel
 * per call, and its port would stay open when the worker dies.
 */
export interface ProgressMessage {
  /** The id of the call. */
  readonly call: number;
  readonly progress: Progress;
}

/**
 * Posted like {@link ProgressMessage}: a read asks for the share of one structure stage, which
 * {@link WorkerApi.grant} gives, or gives it back.
 */
export interface PermitMessage {
  /** The id of the read. */
  readonly call: number;
  /** Names the share. */
  readonly permit: number;
  /** Absent: the share is given back. */
  readonly stage?: StructureStage;
}

/**
 * Posted like {@link ProgressMessage}: before the answer of every read, and soon after a model's state
 * or leases have changed.
 */
export interface MemoryMessage {
  readonly memory: WorkerMemory;
}

export interface WorkerApi {
  /** Starts runtime and backend. Has to be called first, once. */
  init(config: WorkerConfig): Promise<Envelope<StartedWorker>>;
  /** Reports its progress through {@link ProgressMessage}s. */
  run(request: CallRequest): Promise<Envelope<CallResults[CallRequest["name"]]>>;
  /** Stops a call at its next stage; unknown ids are ignored. */
  cancel(id: number): void;
  /** Gives the share that a {@link PermitMessage} has asked for; unknown ones are ignored. */
  grant(permit: number): void;
  /** Unloads every model that is not in use. */
  teardown(): Promise<Envelope<void>>;
  stats(): Promise<Envelope<WorkerStats>>;
  memory(): Promise<Envelope<WorkerMemory>>;
  /**
   * Unloads the fewest idle models that hold so many bytes, and answers with the bytes that were
   * freed. Wasm bytes among them are free inside the heap, which does not shrink.
   */
  evict(bytes: number): Promise<Envelope<number>>;
  /** Gives back what is kept only for speed. */
  trim(): Promise<Envelope<void>>;
  /** Replaces the GPU device; false on wasm and while a model is in use. */
  recycleDevice(): Promise<Envelope<boolean>>;
  /** Changes settings of the models while the worker runs; what is absent stays. */
  configure(settings: ManagerSettings): Promise<Envelope<void>>;
}

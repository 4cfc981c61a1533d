/** What workers tell of their memory: types only, seen by both realms. All figures are bytes. */

/** How close the memory is to its budget. `unknown`: no meter could read, which is never "fine". */
export type MemoryLevel = "ok" | "warning" | "critical" | "unknown";

export type ModelState = "unloaded" | "loading" | "ready" | "unloading" | "failed";

/** What one owner (a model's name, `activations`, `staging`) holds on a GPU device. */
export interface OwnerUsage {
  readonly used: number;
  readonly peak: number;
}

/** GPU memory of one device, counted buffer by buffer: exact. */
export interface GpuUsage {
  /** Buffers and textures that were created and not destroyed. */
  readonly used: number;
  /** `used`, and what was destroyed since the last submit: the driver gives it back only then. */
  readonly allocated: number;
  /** Largest `allocated` so far. */
  readonly peak: number;
  /** Live buffers and textures. */
  readonly buffers: number;
  /** Compute pipelines that were compiled: their memory belongs to the driver and is not in `used`. */
  readonly pipelines: number;
  readonly owners: Readonly<Record<string, OwnerUsage>>;
}

export interface ModelUsage {
  readonly id: string;
  readonly role: string;
  readonly state: ModelState;
  /** Why the model is in this state. */
  readonly reason: string;
  readonly leases: number;
  /** Milliseconds until it is unloaded if nobody uses it; absent while somebody does, or without a timeout. */
  readonly idleLeft?: number;
  /** Absent while the model is not loaded. */
  readonly backend?: "webgpu" | "wasm";
  /** Measured while it was loaded last; 0 while it is not loaded. */
  readonly gpuBytes: number;
  /** What its load took of the wasm heap; 0 while it is not loaded. What its runs take is in `wasmShared`. */
  readonly wasmBytes: number;
  /**
   * Bytes that a run takes for each pixel of its input (N × H × W), learned from the heap's growth and a guess until
   * then. Absent unless it is loaded and runs on wasm.
   */
  readonly bytesPerPixel?: number;
}

/** One worker's memory at one moment. */
export interface WorkerMemory {
  readonly backend: "webgpu" | "wasm";
  /** Absent on wasm: there is no device. */
  readonly gpu?: GpuUsage;
  /** Estimate of what pipelines and driver hold beyond the buffers; 0 on wasm. */
  readonly gpuOverhead: number;
  /** The same at its largest: emulated GPUs take more while they compile. */
  readonly gpuOverheadPeak: number;
  /** Size of the runtime's WebAssembly heap: exact, and it never shrinks. */
  readonly wasmHeap: number;
  /**
   * The part of the heap that no loaded model took: runs work in it, and unloaded models left it behind. It is used
   * again before the heap grows; only a new worker gives it back.
   */
  readonly wasmShared: number;
  /** Resident bytes of the worker's process, where it has one of its own (`isolation: "process"`). */
  readonly process?: number;
  readonly models: readonly ModelUsage[];
}

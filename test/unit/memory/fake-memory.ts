import type { Meter, Reading } from "../../../src/memory/meters/meter.ts";
import type { WorkerMemory } from "../../../src/memory/snapshot.ts";

export const MB = 1_000_000;

/** A worker's memory, on webgpu where `gpu` is above 0. */
export function workerMemory(gpu: number, wasmHeap = 0, wasmShared = 0): WorkerMemory {
  const usage = { used: gpu, allocated: gpu, peak: gpu, buffers: 1, pipelines: 0, owners: {} };
  return {
    backend: gpu > 0 ? "webgpu" : "wasm",
    ...(gpu > 0 ? { gpu: usage } : {}),
    gpuOverhead: 0,
    gpuOverheadPeak: 0,
    wasmHeap,
    wasmShared,
    models: [],
  };
}

/** A meter that shows whatever it is set to. */
export class FakeMeter implements Meter {
  readonly name: string;
  readonly scope: Meter["scope"];
  reading: Reading | Error | "hangs" = { bytes: 0 };

  constructor(name: string, scope: Meter["scope"]) {
    this.name = name;
    this.scope = scope;
  }

  read(): Promise<Reading> {
    if (this.reading === "hangs") return new Promise(() => undefined);
    if (this.reading instanceof Error) return Promise.reject(this.reading);
    return Promise.resolve(this.reading);
  }
}

/** Meters of what the workers tell: the most trusted ones, since they count our bytes alone. */
import type { WorkerMemory } from "../snapshot.ts";
import type { Meter, Reading } from "./meter.ts";

/** The latest word of each living worker; `undefined` where it could not tell. */
export type WorkerMemories = ReadonlyMap<string, WorkerMemory | undefined>;

/** A meter that needs no waiting. */
export interface InstantMeter extends Meter {
  current(): Reading;
}

/** Buffers of all devices, counted one by one, and the estimate of what the driver adds to them. */
export function ledgerMeter(workers: WorkerMemories): InstantMeter {
  return workerMeter("gpu-ledger", "gpu", workers, ({ backend, gpu, gpuOverhead }) => {
    if (gpu) return gpu.allocated + gpuOverhead;
    return backend === "wasm" ? 0 : "counts no GPU memory";
  });
}

/** What runtimes and models took of the heaps. The rest is used again before a heap grows, so it presses nobody. */
export function wasmUsedMeter(workers: WorkerMemories): InstantMeter {
  return workerMeter("wasm-used", "wasm", workers, ({ wasmHeap, wasmShared }) =>
    Math.max(0, wasmHeap - wasmShared),
  );
}

/** The WebAssembly heaps of all workers: exact. */
export function wasmHeapMeter(workers: WorkerMemories): InstantMeter {
  return workerMeter("wasm-heap", "process", workers, ({ wasmHeap }) => wasmHeap);
}

function workerMeter(
  name: string,
  scope: Meter["scope"],
  workers: WorkerMemories,
  bytesOf: (memory: WorkerMemory) => number | string,
): InstantMeter {
  const current = (): Reading => {
    let bytes = 0;
    for (const [id, memory] of workers) {
      const told = memory ? bytesOf(memory) : "has not told its memory";
      if (typeof told === "string") return { unknown: `worker ${id} ${told}` };
      bytes += told;
    }
    return { bytes };
  };
  return { name, scope, current, read: () => Promise.resolve(current()) };
}

/**
 * A Deno worker that serves the worker API and fails in the way that the model set is named after. With
 * `first:` in front only the worker named `fault-1` does, and the others answer.
 */
import "../../workers/ocr/without-location.ts";
import { expose } from "comlink";
import type {
  Envelope,
  MemoryMessage,
  WorkerApi,
  WorkerInfo,
  WorkerMemory,
} from "../../workers/ocr/worker-api.ts";
import type { Page } from "../../src/types.ts";

const never = (): Promise<never> => new Promise(() => undefined);

let reads = 0;
const hoarded: Uint8Array[] = [];

const faults: Record<string, () => Promise<Envelope<Page>>> = {
  throw: () => {
    setTimeout(() => {
      throw new Error("uncaught in the worker");
    }, 0);
    return never();
  },
  close: () => {
    self.close();
    return never();
  },
  silence: never,
  later: () => (reads++ === 0 ? Promise.resolve(ok(PAGE)) : never()),
  /** As the wasm provider is: no message gets in meanwhile. */
  busy: async () => {
    const end = performance.now() + 600;
    while (performance.now() < end);
    return ok(PAGE);
  },
  none: async () => ok(PAGE),
  /** Memory that no heap and no ledger shows, as of a driver. */
  hoard: async () => {
    hoarded.push(new Uint8Array(48 * 2 ** 20).fill(1));
    self.postMessage({ memory: MEMORY } satisfies MemoryMessage);
    return ok(PAGE);
  },
};

const ok = <T>(value: T): Envelope<T> => ({ ok: true, value });

const MEMORY: WorkerMemory = {
  backend: "wasm",
  gpuOverhead: 0,
  gpuOverheadPeak: 0,
  wasmHeap: 0,
  wasmShared: 0,
  models: [],
};

const PAGE: Page = {
  width: 1,
  height: 1,
  rotation: 0,
  text: "a",
  lines: [
    {
      text: "a",
      confidence: 1,
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      words: [],
    },
  ],
  timings: { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 },
};

function faultOf(models: string): () => Promise<Envelope<Page>> {
  const [first, fault] = models.startsWith("first:") ? [true, models.slice(6)] : [false, models];
  return (first && self.name !== "fault-1" ? faults["none"] : faults[fault]) ?? never;
}

/** A set crosses the wire once. */
const names = new Map<number, string>();

const info: WorkerInfo = { backend: "wasm", reason: "a fault", runtime: "jspi", threads: 1 };

const api: WorkerApi = {
  init: async ({ lifeLock }) => {
    if (lifeLock) {
      await new Promise<void>((held) => {
        void navigator.locks.request(lifeLock, () => {
          held();
          return never();
        });
      });
    }
    return ok(info);
  },
  run: (request) => {
    if (request.name === "preload") return Promise.resolve(ok(undefined));
    if (request.name === "encode") return never();
    const { id, set } = request.models;
    if (set) names.set(id, set.name);
    return faultOf(names.get(id) ?? "")();
  },
  cancel: () => undefined,
  grant: () => undefined,
  teardown: async () => ok(undefined),
  stats: async () => ok({ wasmHeap: 0, models: [] }),
  memory: async () => ok(MEMORY),
  evict: async () => ok(0),
  trim: async () => ok(undefined),
  recycleDevice: async () => ok(false),
  configure: async () => ok(undefined),
};

expose(api);

/** A Deno worker that serves the worker API and fails in the way that the model set is named after. */
import "../../workers/without-location.ts";
import { expose } from "comlink";
import type { Envelope, WorkerApi, WorkerInfo } from "../../workers/worker-api.ts";
import type { Page } from "../../src/types.ts";

const never = (): Promise<never> => new Promise(() => undefined);

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
};

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
    return { ok: true, value: info };
  },
  read: ({ models }) => (faults[models.set?.name ?? ""] ?? never)(),
  cancel: () => undefined,
  teardown: async () => ({ ok: true, value: undefined }),
  stats: async () => ({ ok: true, value: { wasmHeap: 0, models: [] } }),
};

expose(api);

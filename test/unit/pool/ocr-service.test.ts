import { afterEach, describe, expect, it, vi } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import type { CallLimits, ReadCall } from "../../../src/pool/ocr-service.ts";
import type { WorkerConfig } from "../../../src/pool/worker-types.ts";
import type { Progress } from "../../../src/types.ts";
import { DEFAULT_LIMITS } from "../../../src/options/limits.ts";
import { toWireError, GlyphpoolError } from "../../../src/errors.ts";
import { FakeWorker, INFO, PAGE, forever, ok } from "./fake-worker.ts";
import type { FakeCalls } from "./fake-worker.ts";

const CONFIG: WorkerConfig = {
  backend: "wasm",
  runtime: "auto",
  limits: DEFAULT_LIMITS,
  cache: false,
};

const job = (overrides: Partial<ReadCall> = {}): ReadCall => ({
  name: "read",
  open: async () => ({ input: { kind: "bytes", bytes: new Uint8Array(4) }, transfer: [] }),
  models: EMBEDDED,
  options: {},
  ...overrides,
});

const limits = (overrides: Partial<CallLimits> = {}): CallLimits => ({
  deadline: 5_000,
  ...overrides,
});

type LockRequest = (name: string, options: unknown, callback: () => unknown) => Promise<unknown>;

interface Rig {
  readonly service: OcrService;
  readonly workers: FakeWorker[];
}

/** Each worker takes the next entry; the last one serves all that follow. */
function rig(apis: Partial<FakeCalls>[] = [{}], config: Partial<WorkerConfig> = {}): Rig {
  const workers: FakeWorker[] = [];
  const service = new OcrService({
    spawn: () => {
      const worker = new FakeWorker(apis[Math.min(workers.length, apis.length - 1)]);
      workers.push(worker);
      return worker;
    },
    name: "test",
    config: { ...CONFIG, ...config },
    startDeadline: 200,
  });
  opened.push(service);
  return { service, workers };
}

const opened: OcrService[] = [];

afterEach(() => {
  for (const service of opened.splice(0)) service.close();
  vi.unstubAllGlobals();
});

const soon = (ms = 10): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("OcrService", () => {
  it("starts its worker with the first call, and only one", async () => {
    const { service, workers } = rig();
    expect(workers).toHaveLength(0);
    const pages = await Promise.all([
      service.run(job(), limits()),
      service.run(job(), limits()),
      service.start(),
    ]);
    expect(pages).toEqual([PAGE, PAGE, INFO]);
    expect(workers).toHaveLength(1);
    expect(service.info).toEqual(INFO);
  });

  it("sends a model set only once", async () => {
    const { service, workers } = rig();
    await service.run(job(), limits());
    await service.run(job(), limits());
    const sets = workers[0]?.requests.map(({ models }) => models);
    expect(sets?.[0]).toMatchObject({ set: { name: "embedded" } });
    expect(sets?.[1]).toEqual({ id: sets?.[0]?.id });
  });

  it("rebuilds typed errors, and the next call passes", async () => {
    const error = toWireError(new GlyphpoolError("IMAGE_CORRUPT", "broken"));
    let calls = 0;
    const { service, workers } = rig([
      { read: async () => (calls++ === 0 ? { ok: false, error } : ok(PAGE)) },
    ]);
    const failed = service.run(job(), limits());
    await expect(failed).rejects.toSatisfy((thrown) => GlyphpoolError.is(thrown));
    await expect(failed).rejects.toMatchObject({ code: "IMAGE_CORRUPT", message: "broken" });
    await expect(service.run(job(), limits())).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(1);
  });

  it("passes progress on to the call that it belongs to", async () => {
    const { service, workers } = rig([
      {
        read: async ({ id }) => {
          const progress: Progress = { stage: "detect", done: 1, total: 1 };
          workers[0]?.post({ call: id, progress });
          workers[0]?.post({ call: id + 1000, progress });
          return ok(PAGE);
        },
      },
    ]);
    const seen: Progress[] = [];
    await service.run(job(), limits({ onProgress: (progress) => seen.push(progress) }));
    expect(seen).toEqual([{ stage: "detect", done: 1, total: 1 }]);
  });

  it("kills a worker that exceeds the deadline and starts another for the next call", async () => {
    const { service, workers } = rig([{ read: forever }, {}]);
    const start = performance.now();
    await expect(service.run(job(), limits({ deadline: 50 }))).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      retryable: true,
    });
    expect(performance.now() - start).toBeLessThan(500);
    expect(workers[0]?.terminated).toBe(true);
    await expect(service.run(job(), limits())).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(2);
  });

  it("tells other calls of that worker that it is gone", async () => {
    const { service } = rig([{ read: forever }]);
    const other = service.run(job(), limits());
    const late = service.run(job(), limits({ deadline: 30 }));
    await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect(other).rejects.toMatchObject({ code: "WORKER_DIED" });
  });

  it("does not count the time of a download", async () => {
    const { service, workers } = rig([
      {
        read: async ({ id }) => {
          for (let i = 0; i < 6; i++) {
            await soon(25);
            workers[0]?.post({ call: id, progress: { stage: "download", done: i } });
          }
          return ok(PAGE);
        },
      },
    ]);
    await expect(service.run(job(), limits({ deadline: 100 }))).resolves.toEqual(PAGE);
  });

  it.each<[string, (worker: FakeWorker) => void]>([
    ["throws", (worker) => expect(worker.crash("boom")).toBe(true)],
    ["sends garbage", (worker) => void worker.dispatchEvent(new Event("messageerror"))],
  ])("rejects pending calls when the worker %s, and recovers", async (_, fault) => {
    const { service, workers } = rig([{ read: forever }, {}]);
    const pending = [service.run(job(), limits()), service.run(job(), limits())];
    await soon();
    fault(workers[0] as FakeWorker);
    for (const call of pending) {
      await expect(call).rejects.toMatchObject({ code: "WORKER_DIED", retryable: true });
    }
    expect(workers[0]?.terminated).toBe(true);
    await expect(service.run(job(), limits())).resolves.toEqual(PAGE);
  });

  it("notices a worker that closes without reporting an error", async () => {
    // Granted when the worker lets go of the lock, which happens by dying only.
    const granted = deferred<void>();
    const request = vi.fn<LockRequest>(async (_name, _options, callback) => {
      await granted.promise;
      return callback();
    });
    vi.stubGlobal("navigator", { locks: { request } });
    const { service, workers } = rig([{ read: forever }, {}]);
    const pending = service.run(job(), limits({ deadline: 0 }));
    await soon();
    expect(request.mock.calls[0]?.[0]).toMatch(/^glyphpool-/);
    granted.resolve();
    await expect(pending).rejects.toMatchObject({ code: "WORKER_DIED" });
    expect(workers[0]?.terminated).toBe(true);
  });

  it("gives up on a worker that does not start", async () => {
    const { service, workers } = rig([{ init: forever }, {}]);
    await expect(service.start()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(workers[0]?.terminated).toBe(true);
    await expect(service.run(job(), limits())).resolves.toEqual(PAGE);
  });

  it("falls back to wasm when a worker dies of WebGPU at its start", async () => {
    const { service, workers } = rig([{ init: forever }, {}], { backend: "auto" });
    const info = await service.start();
    expect(info).toMatchObject({ backend: "wasm" });
    expect(info.reason).toMatch(/did not survive its start with WebGPU/);
    expect(workers).toHaveLength(2);
  });

  it("passes on a start that fails for good", async () => {
    const error = toWireError(new GlyphpoolError("BACKEND_UNAVAILABLE", "no GPU"));
    const { service, workers } = rig([{ init: async () => ({ ok: false, error }) }], {
      backend: "auto",
    });
    await expect(service.start()).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    expect(workers).toHaveLength(1);
  });

  it("replaces the worker after a lost device", async () => {
    const error = toWireError(new GlyphpoolError("DEVICE_LOST", "gone"));
    const { service, workers } = rig([{ read: async () => ({ ok: false, error }) }, {}]);
    await expect(service.run(job(), limits())).rejects.toMatchObject({ code: "DEVICE_LOST" });
    expect(workers[0]?.terminated).toBe(true);
    await expect(service.run(job(), limits())).resolves.toEqual(PAGE);
  });

  it("aborts at once, tells the worker, and is idle when the worker is", async () => {
    const answer = deferred<void>();
    const { service, workers } = rig([
      {
        read: async () => {
          await answer.promise;
          return ok(PAGE);
        },
      },
    ]);
    await service.start();
    const controller = new AbortController();
    const pending = service.run(job(), limits({ signal: controller.signal }));
    await soon();
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: "ABORTED" });
    let idle = false;
    void service.whenIdle().then(() => (idle = true));
    await soon();
    expect(workers[0]?.cancelled).toHaveLength(1);
    expect(idle).toBe(false);
    expect(service.busy).toBe(true);
    answer.resolve();
    await service.whenIdle();
    expect(service.busy).toBe(false);
    expect(workers[0]?.terminated).toBe(false);
  });

  it("still ends a worker that ignores the abort", async () => {
    const { service, workers } = rig([{ read: forever }]);
    await service.start();
    const controller = new AbortController();
    const pending = service.run(job(), limits({ signal: controller.signal, deadline: 60 }));
    await soon();
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: "ABORTED" });
    await service.whenIdle();
    expect(workers[0]?.terminated).toBe(true);
  });

  it("does not disturb the worker when an input cannot be opened", async () => {
    const { service, workers } = rig();
    const open = async (): Promise<never> => {
      throw new GlyphpoolError("INPUT_NOT_FOUND", "nothing there");
    };
    await expect(service.run(job({ open }), limits())).rejects.toMatchObject({
      code: "INPUT_NOT_FOUND",
    });
    expect(workers[0]?.requests).toHaveLength(0);
    await expect(service.run(job(), limits())).resolves.toEqual(PAGE);
  });

  it("answers about its worker, and has nothing to say without one", async () => {
    const { service } = rig();
    await expect(service.stats()).resolves.toBeUndefined();
    await expect(service.teardown()).resolves.toBeUndefined();
    await service.start();
    await expect(service.stats()).resolves.toEqual({ wasmHeap: 1, models: [] });
  });

  it("rejects everything once closed", async () => {
    const { service, workers } = rig([{ read: forever }]);
    const pending = service.run(job(), limits());
    await soon();
    service.close();
    await expect(pending).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    await expect(service.run(job(), limits())).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(workers).toHaveLength(1);
    expect(workers[0]?.terminated).toBe(true);
  });

  it("can be closed while its worker starts", async () => {
    const { service, workers } = rig([{ init: forever }], { backend: "auto" });
    const starting = service.start();
    service.close();
    await expect(starting).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(workers).toHaveLength(1);
  });
});

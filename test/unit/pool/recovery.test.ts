import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { DEFAULT_LIMITS } from "../../../src/options/limits.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { GlyphpoolError, toWireError } from "../../../src/errors.ts";
import { OcrServicePool } from "../../../src/pool/ocr-service-pool.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import type { OcrServiceOptions, ReadCall, WorkerEvent } from "../../../src/pool/ocr-service.ts";
import type { WorkerMemory } from "../../../src/pool/worker-types.ts";
import type { Page } from "../../../src/types.ts";
import type { Envelope } from "../../../workers/ocr/worker-api.ts";
import { FakeWorker, INFO, MEMORY, PAGE, forever, ok } from "./fake-worker.ts";
import type { FakeCalls } from "./fake-worker.ts";

const opened: OcrService[] = [];

afterEach(() => {
  for (const service of opened.splice(0)) service.close();
});

interface Rig {
  readonly service: OcrService;
  readonly workers: FakeWorker[];
  readonly events: WorkerEvent[];
  readonly clock: { now: number };
}

/** Each worker takes the next entry; the last one serves all that follow. The clock stands still. */
function rig(apis: Partial<FakeCalls>[] = [{}], options: Partial<OcrServiceOptions> = {}): Rig {
  const workers: FakeWorker[] = [];
  const events: WorkerEvent[] = [];
  const clock = { now: 0 };
  const service = new OcrService({
    spawn: () => {
      const worker = new FakeWorker(apis[Math.min(workers.length, apis.length - 1)]);
      workers.push(worker);
      return worker;
    },
    name: "test",
    config: { backend: "wasm", runtime: "auto", limits: DEFAULT_LIMITS, cache: false },
    startDeadline: 200,
    deadline: 5_000,
    now: () => clock.now,
    random: () => 1,
    respawn: { minLife: 1_000, backOff: 60, maxBackOff: 60 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  opened.push(service);
  return { service, workers, events, clock };
}

let opens = 0;
const job = (overrides: Partial<ReadCall> = {}): ReadCall => ({
  name: "read",
  open: async () => {
    opens++;
    return { input: { kind: "bytes", bytes: new Uint8Array(4) }, transfer: [] };
  },
  models: EMBEDDED,
  options: {},
  ...overrides,
});
const repeatable = (): ReadCall => job({ repeatable: true });
const soon = (ms = 10): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const READ: Page = {
  ...PAGE,
  lines: [{ text: "hello" } as unknown as Page["lines"][number]],
};

describe("a read whose worker is lost", () => {
  it.each<[string, Partial<FakeCalls>, (worker: FakeWorker) => void]>([
    ["crashes", { read: forever }, (worker) => void worker.crash("boom")],
    [
      "loses its device",
      {
        read: async () => ({
          ok: false,
          error: toWireError(new GlyphpoolError("DEVICE_LOST", "")),
        }),
      },
      () => undefined,
    ],
    [
      "sends what cannot be read",
      { read: forever },
      (worker) => void worker.dispatchEvent(new Event("messageerror")),
    ],
  ])("is run again when the worker %s", async (_, api, fault) => {
    const { service, workers } = rig([api, {}]);
    await service.start();
    opens = 0;
    const read = service.run(repeatable(), {});
    await soon();
    fault(workers[0] as FakeWorker);
    await expect(read).resolves.toEqual(PAGE);
    expect(opens).toBe(2);
    expect(service.counts).toEqual({ spawns: 2, deaths: 1, recycles: 0, reruns: 1 });
  });

  it("is not run again when its input was given away", async () => {
    const { service, workers } = rig([{ read: forever }, {}]);
    const read = service.run(job(), {});
    await soon();
    workers[0]?.crash("boom");
    await expect(read).rejects.toMatchObject({ code: "WORKER_DIED" });
    expect(workers).toHaveLength(1);
    await expect(service.run(job(), {})).resolves.toEqual(PAGE);
  });

  it("is run again although it gives its input away, when the worker dies before that", async () => {
    const { service, workers } = rig([{ init: forever }, {}]);
    const read = service.run(job(), {});
    await soon();
    workers[0]?.crash("at its start");
    await expect(read).resolves.toEqual(PAGE);
    expect(service.counts.reruns).toBe(1);
  });

  it("fails with its first error when the second worker dies too, and kills no third", async () => {
    const { service, workers } = rig([{ read: forever }, { read: forever }, {}]);
    const read = service.run(repeatable(), {});
    await soon();
    workers[0]?.crash("first");
    await soon();
    workers[1]?.crash("second");
    await expect(read).rejects.toMatchObject({
      code: "WORKER_DIED",
      message: expect.stringContaining("first"),
    });
    expect(workers).toHaveLength(2);
    await expect(service.run(job(), {})).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(3);
  });

  it("tells what is wrong with it when the second worker can", async () => {
    const error = toWireError(new GlyphpoolError("IMAGE_CORRUPT", "broken"));
    const { service, workers } = rig([
      { read: forever },
      { read: async () => ({ ok: false, error }) },
    ]);
    const read = service.run(repeatable(), {});
    await soon();
    workers[0]?.crash("boom");
    await expect(read).rejects.toMatchObject({ code: "IMAGE_CORRUPT" });
  });

  it("is not run again when it was aborted or the engine closed", async () => {
    const { service, workers } = rig([{ read: forever }, {}]);
    const controller = new AbortController();
    const read = service.run(repeatable(), { signal: controller.signal });
    await soon();
    controller.abort();
    await expect(read).rejects.toMatchObject({ code: "ABORTED" });
    workers[0]?.crash("boom");
    await service.whenIdle();
    await soon();
    expect(workers).toHaveLength(1);
    const other = rig([{ read: forever }]);
    const pending = other.service.run(repeatable(), {});
    await soon();
    other.service.close();
    await expect(pending).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(other.workers).toHaveLength(1);
  });
});

describe("deadlines", () => {
  /** Reads once, then hangs. */
  const hangsWhenWarm = (): Partial<FakeCalls> => {
    let reads = 0;
    return { read: () => (reads++ === 0 ? Promise.resolve(ok(READ)) : forever()) };
  };

  it("are shorter for a warm worker; what hangs there is run again in the time that is left", async () => {
    const { service, workers } = rig([hangsWhenWarm(), {}], { warmDeadline: 40 });
    await service.run(repeatable(), {});
    const start = performance.now();
    await expect(service.run(repeatable(), {})).resolves.toEqual(PAGE);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(workers[0]?.terminated).toBe(true);
    expect(service.counts).toMatchObject({ spawns: 2, deaths: 1, reruns: 1 });
  });

  it("give a fresh worker, and models that it has not read with, the longer time", async () => {
    const slow = async (): Promise<Envelope<Page>> => {
      await soon(80);
      return ok(READ);
    };
    const { service } = rig([{ read: slow }], { warmDeadline: 40 });
    await expect(service.run(job(), {})).resolves.toEqual(READ);
    const models = { ...EMBEDDED, name: "other" };
    await expect(service.run(job({ models }), {})).resolves.toEqual(READ);
    await expect(service.run(job(), {})).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("of a read override both, and leave nothing for a second attempt", async () => {
    const { service, workers, clock } = rig([hangsWhenWarm(), {}], { warmDeadline: 1 });
    await service.run(repeatable(), {});
    const read = service.run(repeatable(), { deadline: 60 });
    await soon(30);
    expect(workers[0]?.terminated).toBe(false);
    clock.now += 60;
    await expect(read).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(workers).toHaveLength(1);
  });

  it("become long again when the worker has unloaded a model", async () => {
    const slow = async (): Promise<Envelope<Page>> => {
      await soon(80);
      return ok(READ);
    };
    const { service, workers } = rig([{ read: slow }], { warmDeadline: 40 });
    const model = {
      id: "det",
      role: "detection",
      reason: "",
      leases: 0,
      gpuBytes: 0,
      wasmBytes: 0,
    };
    const tell = async (state: "ready" | "unloaded"): Promise<void> => {
      const memory: WorkerMemory = { ...MEMORY, models: [{ ...model, state }] };
      workers[0]?.post({ memory });
      await soon();
    };
    await service.run(job(), {});
    await tell("ready");
    await tell("unloaded");
    await expect(service.run(job(), {})).resolves.toEqual(READ);
  });
});

describe("respawning", () => {
  it("waits after deaths in a row, not after the first, and tells what happened", async () => {
    const crash = { init: forever };
    const { service, workers, events } = rig([crash, crash, {}]);
    for (const index of [0, 1]) {
      const start = service.start();
      await soon();
      workers[index]?.crash("boom");
      await expect(start).rejects.toMatchObject({ code: "WORKER_DIED" });
    }
    const start = performance.now();
    await expect(service.start()).resolves.toEqual(INFO);
    expect(performance.now() - start).toBeGreaterThan(50);
    expect(events.map(({ type }) => type)).toEqual(["died", "died", "respawned"]);
    expect(events[2]?.reason).toMatch(/boom/);
  });

  it("can be closed while it waits", async () => {
    const { service, workers } = rig([{ init: forever }], { respawn: { backOff: 60_000 } });
    for (const index of [0, 1]) {
      const start = service.start();
      await soon();
      workers[index]?.crash("boom");
      await expect(start).rejects.toMatchObject({ code: "WORKER_DIED" });
    }
    const waiting = service.run(job(), {});
    await soon();
    service.close();
    await expect(waiting).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(workers).toHaveLength(2);
  });

  it("does not keep an aborted read waiting, nor what comes after it", async () => {
    const { service, workers } = rig([{ init: forever }, { init: forever }, {}], {
      respawn: { backOff: 200, maxBackOff: 200 },
    });
    for (const index of [0, 1]) {
      const start = service.start();
      await soon();
      workers[index]?.crash("boom");
      await expect(start).rejects.toMatchObject({ code: "WORKER_DIED" });
    }
    const controller = new AbortController();
    const start = performance.now();
    const aborted = service.run(job(), { signal: controller.signal });
    await soon();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    await service.whenIdle();
    expect(performance.now() - start).toBeLessThan(150);
    await expect(service.run(job(), {})).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(3);
  });

  it("starts one worker for all who need it at the same time", async () => {
    const { service, workers } = rig([{ read: forever }, {}]);
    const reads = [1, 2, 3].map(() => service.run(repeatable(), {}));
    await soon();
    workers[0]?.crash("boom");
    await expect(Promise.all(reads)).resolves.toEqual([PAGE, PAGE, PAGE]);
    expect(workers).toHaveLength(2);
  });
});

describe("recycling", () => {
  it("waits for the work, keeps new work for the new worker and counts", async () => {
    const answer = deferred<void>();
    const first = async (): Promise<Envelope<Page>> => {
      await answer.promise;
      return ok(PAGE);
    };
    const { service, workers, events, clock } = rig([{ read: first }, {}]);
    const running = service.run(job(), {});
    await soon();
    clock.now = 1_000;
    const recycled = service.recycle("heap");
    const later = service.run(job(), {});
    await soon();
    expect(workers[0]?.terminated).toBe(false);
    answer.resolve();
    await expect(recycled).resolves.toBe(true);
    await expect(Promise.all([running, later])).resolves.toEqual([PAGE, PAGE]);
    expect(workers[0]?.terminated).toBe(true);
    expect(workers[1]?.requests).toHaveLength(1);
    expect(service.counts).toEqual({ spawns: 2, deaths: 0, recycles: 1, reruns: 0 });
    expect(events).toEqual([
      { type: "spawned", reason: "first use", ms: 0 },
      { type: "recycled", reason: "heap", ms: 1_000 },
      { type: "respawned", reason: "heap", ms: 0 },
    ]);
  });

  it("leaves young workers alone, and does nothing without one", async () => {
    const { service, workers, clock } = rig();
    await expect(service.recycle("early")).resolves.toBe(false);
    await service.start();
    clock.now = 999;
    await expect(service.recycle("early")).resolves.toBe(false);
    clock.now = 1_000;
    await expect(service.recycle("in time")).resolves.toBe(true);
    expect(workers).toHaveLength(1);
    expect(service.memory).toBeUndefined();
  });

  it("starts the new worker at once when asked to", async () => {
    const { service, workers, clock } = rig();
    await service.start();
    clock.now = 1_000;
    await service.recycle("heap", { restart: true });
    await soon();
    expect(workers).toHaveLength(2);
  });

  it("comes to an end when the worker dies meanwhile, and what ran is run again", async () => {
    const { service, workers, clock } = rig([{ read: forever }, {}]);
    const running = service.run(repeatable(), {});
    await soon();
    clock.now = 1_000;
    const recycled = service.recycle("heap");
    await soon();
    workers[0]?.crash("boom");
    await expect(recycled).resolves.toBe(false);
    await expect(running).resolves.toEqual(PAGE);
    expect(service.counts).toMatchObject({ spawns: 2, deaths: 1, recycles: 0 });
  });
});

describe("suspending", () => {
  it("ends the worker in the same turn; a running read goes on with the new one", async () => {
    const { service, workers, events } = rig([{ read: forever }, {}]);
    const running = service.run(repeatable(), {});
    await soon();
    service.suspend("aside");
    expect(workers[0]?.terminated).toBe(true);
    expect(service.memory).toBeUndefined();
    await soon();
    expect(workers).toHaveLength(1);
    service.resume();
    await expect(running).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(2);
    expect(events.map(({ type }) => type)).toEqual(["spawned", "recycled", "respawned"]);
    expect(service.counts).toMatchObject({ deaths: 0, recycles: 1, reruns: 1 });
  });

  it("does not wait for a recycling that waits for the work", async () => {
    const { service, workers, clock } = rig([{ read: forever }, {}]);
    const running = service.run(repeatable(), {});
    await soon();
    clock.now = 1_000;
    const recycled = service.recycle("heap");
    await soon();
    service.suspend("aside");
    expect(workers[0]?.terminated).toBe(true);
    await expect(recycled).resolves.toBe(false);
    service.resume();
    await expect(running).resolves.toEqual(PAGE);
  });

  it("lets nobody wait when the service is closed", async () => {
    const { service } = rig();
    service.suspend("aside");
    const waiting = service.run(job(), {});
    await soon();
    service.close();
    await expect(waiting).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });
});

describe("the compiled wasm", () => {
  it("is asked of the first worker and given to the next ones, but not to processes", async () => {
    const module = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    const configs: unknown[] = [];
    const api = (answer: object): Partial<FakeCalls> => ({
      init: async ({ compiled }) => {
        configs.push(compiled);
        return ok({ ...INFO, ...answer });
      },
    });
    const { service, clock } = rig([api({ module }), api({})]);
    expect(await service.start()).not.toHaveProperty("module");
    clock.now = 1_000;
    await service.recycle("heap");
    await service.start();
    expect(configs).toEqual([{}, { module }]);
    const process = new FakeWorker(api({}));
    const { service: other } = rig([], {
      spawn: () => Object.assign(process, { announcesDeath: true }),
    });
    await other.start();
    expect(configs[2]).toBeUndefined();
  });
});

describe("memory of a service", () => {
  it("is what the worker told last, until the worker is gone", async () => {
    const seen: WorkerMemory[] = [];
    const { service, workers } = rig([{}], { onMemory: (memory) => seen.push(memory) });
    await service.start();
    const memory = { ...MEMORY, wasmHeap: 42 };
    workers[0]?.post({ memory });
    await soon();
    expect(seen).toEqual([memory]);
    expect(service.memory).toEqual(memory);
    workers[0]?.crash("boom");
    expect(service.memory).toBeUndefined();
  });

  it("is nothing without a worker", async () => {
    await expect(rig().service.measure()).resolves.toBeUndefined();
  });

  it("passes orders on, and settings to later workers as well", async () => {
    const configs: unknown[] = [];
    const api: Partial<FakeCalls> = {
      init: async ({ models }) => {
        configs.push(models);
        return ok(INFO);
      },
    };
    const { service, workers } = rig([api]);
    await expect(service.evict(7)).resolves.toBe(0);
    await expect(service.recycleDevice()).resolves.toBe(false);
    await service.start();
    await expect(service.evict(7)).resolves.toBe(7);
    await expect(service.recycleDevice()).resolves.toBe(true);
    await service.trim();
    await service.configure({ budget: 9 });
    workers[0]?.crash("boom");
    await service.start();
    expect(configs).toEqual([undefined, { budget: 9 }]);
  });
});

describe("a pool of real services", () => {
  it("does 200 parallel reads on one worker, one at a time", async () => {
    let active = 0;
    let most = 0;
    const read = async (): Promise<Envelope<Page>> => {
      most = Math.max(most, ++active);
      await soon(0);
      active--;
      return ok(PAGE);
    };
    const { service, workers } = rig([{ read }]);
    const pool = new OcrServicePool(service, 1, () => expect.unreachable(), { maxQueued: 199 });
    const pages = await Promise.all(Array.from({ length: 200 }, () => pool.run(job(), {})));
    expect(pages).toHaveLength(200);
    expect(workers).toHaveLength(1);
    expect(most).toBe(1);
    await soon();
    expect(pool.load.concurrency).toEqual({ inUse: 0, capacity: 1, peak: 1, waiting: 0 });
  });

  it("loses nothing that was queued when the worker dies in the middle", async () => {
    const dies: Partial<FakeCalls> = {
      read: async ({ id }) => {
        if (id % 3 > 0) return ok(PAGE);
        workers.at(-1)?.crash("boom");
        return forever<never>();
      },
    };
    const { service, workers } = rig([dies, {}]);
    const pool = new OcrServicePool(service, 1, () => expect.unreachable());
    const reads = Array.from({ length: 20 }, () => pool.run(repeatable(), {}));
    await expect(Promise.all(reads)).resolves.toHaveLength(20);
    expect(service.counts).toMatchObject({ spawns: 2, deaths: 1, reruns: 1 });
  });

  it("returns the permit of an aborted read when its worker is free, or killed", async () => {
    const { service, workers } = rig([{ read: forever }, {}], { deadline: 80 });
    const pool = new OcrServicePool(service, 1, () => expect.unreachable());
    const controller = new AbortController();
    const aborted = pool.run(repeatable(), { signal: controller.signal });
    const next = pool.run(repeatable(), {});
    await soon();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    expect(pool.load).toMatchObject({ queued: 1, concurrency: { inUse: 1 } });
    expect(workers[0]?.terminated).toBe(false);
    await expect(next).resolves.toEqual(PAGE);
    expect(workers[0]?.terminated).toBe(true);
    expect(workers).toHaveLength(2);
  });
});

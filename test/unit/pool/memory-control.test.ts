/** The wiring between pool, workers and guard: every decision has to arrive where it counts. */
import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { GlyphpoolError, toWireError } from "../../../src/errors.ts";
import type { ModelUsage } from "../../../src/memory/snapshot.ts";
import { resolveSettings } from "../../../src/options/engine.ts";
import type { Settings } from "../../../src/options/engine.ts";
import { MemoryControl } from "../../../src/pool/memory-control.ts";
import { OcrServicePool } from "../../../src/pool/ocr-service-pool.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import type { ManagerSettings, WorkerMemory } from "../../../src/pool/worker-types.ts";
import type { Page } from "../../../src/types.ts";
import { FakeWorker, MEMORY, PAGE, ok } from "./fake-worker.ts";

const MIB = 2 ** 20;
const EXHAUSTED = new GlyphpoolError("MEMORY_EXHAUSTED", "too little");

/** A worker with what the host told it. */
interface Told {
  readonly worker: FakeWorker;
  readonly settings: ManagerSettings[];
  post(memory: Partial<WorkerMemory>): void;
}

interface Rig {
  readonly control: MemoryControl;
  readonly pool: OcrServicePool;
  readonly workers: Told[];
  readonly read: () => Promise<Page>;
}

let close: () => void = () => undefined;
afterEach(() => close());

async function open(
  settings: Settings,
  size: number,
  answer: (budget: number) => Promise<Page> = async () => PAGE,
): Promise<Rig> {
  const resolved = resolveSettings({ sampleInterval: 0, ...settings });
  const meters = { meters: [], facts: {}, close: async () => undefined };
  const control = new MemoryControl(resolved, meters);
  const workers: Told[] = [];
  const spawn = (): FakeWorker => {
    const told: ManagerSettings[] = [];
    let budget = Infinity;
    let memory: WorkerMemory = MEMORY;
    const worker = new FakeWorker({
      memory: async () => ok(memory),
      init: async ({ models }) => {
        budget = models?.budget ?? budget;
        return ok({ backend: "wasm", reason: "a test", runtime: "jspi", threads: 1 });
      },
      configure: async (change) => {
        told.push(change);
        budget = change.budget ?? budget;
        return ok(undefined);
      },
      read: async (request) => {
        worker.requests.push(request);
        try {
          return ok(await answer(budget));
        } catch (error) {
          return { ok: false, error: toWireError(error) };
        }
      },
    });
    const post = (change: Partial<WorkerMemory>): void => {
      memory = { ...memory, ...change };
      worker.post({ memory });
    };
    workers.push({ worker, settings: told, post });
    return worker;
  };
  const create = (index: number): OcrService => {
    const service: OcrService = new OcrService({
      name: `test-${index}`,
      startDeadline: 5000,
      config: { backend: "wasm", runtime: "auto", limits: resolved.limits, cache: false },
      spawn,
      ...control.listeners(index, () => service),
    });
    return service;
  };
  const first = create(0);
  const info = await first.start();
  const pool = new OcrServicePool(first, size, create, resolved);
  control.attach(pool, info);
  close = () => {
    pool.close();
    control.close();
  };
  await control.measure();
  const input = { input: { kind: "bytes" as const, bytes: new Uint8Array(1) }, transfer: [] };
  const read = (): Promise<Page> => {
    const options = control.batchLimits;
    return pool.run(
      { name: "read", open: async () => input, models: EMBEDDED, options, repeatable: true },
      {},
    );
  };
  return { control, pool, workers, read };
}

const model = (state: ModelUsage["state"], reason: string): ModelUsage => ({
  id: "m",
  role: "detection",
  state,
  reason,
  leases: 0,
  gpuBytes: 0,
  wasmBytes: 0,
});

describe("the budget of a worker", () => {
  it("is an equal part, less what its runtime takes", async () => {
    const { control, workers, read } = await open({ memory: { budget: 400 * MIB } }, 4);
    await expect.poll(() => workers[0]?.settings.at(-1)).toEqual({ budget: 84 * MIB });
    await Promise.all([read(), read()]);
    expect(workers.map(({ settings }) => settings.at(-1))).toEqual([
      { budget: 84 * MIB },
      { budget: 84 * MIB },
    ]);
    await control.setBudget(200 * MIB);
    await expect.poll(() => workers[1]?.settings.at(-1)).toEqual({ budget: 34 * MIB });
  });

  it("grows when a read does not fit: with fewer workers, of which one alone gets all", async () => {
    const seen: number[] = [];
    const { control, pool, workers, read } = await open(
      { memory: { budget: 400 * MIB } },
      4,
      async (budget) => {
        seen.push(budget / MIB);
        if (budget < 380 * MIB) throw EXHAUSTED;
        return PAGE;
      },
    );
    expect(control.batchLimits).toEqual({ minDetectionPixels: 500_000 });
    await expect(read()).resolves.toMatchObject({ text: PAGE.text });
    expect(seen.map(Math.round)).toEqual([84, 117, 184, 384]);
    expect([pool.allowed, workers.length]).toEqual([1, 1]);
    // It alone may go down to the least that makes sense.
    expect(control.batchLimits).toEqual({});
    await read();
    expect(workers.length).toBe(1);
    await control.setBudget(1600 * MIB);
    expect(pool.allowed).toBe(4);
  });

  it("is refused only where one worker alone does not do", async () => {
    let reads = 0;
    const { read, pool } = await open({ memory: { budget: 100 * MIB } }, 2, async () => {
      reads++;
      throw EXHAUSTED;
    });
    await expect(Promise.all([read(), read()])).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    expect(pool.allowed).toBe(1);
    await expect.poll(() => reads).toBe(4);
  });

  it("ends spare workers, the busy ones when their reads are done", async () => {
    const first = deferred<Page>();
    let calls = 0;
    const { pool, workers, read } = await open({}, 3, () =>
      ++calls === 1 ? first.promise : Promise.resolve(PAGE),
    );
    const reads = [read(), read(), read()];
    await Promise.all(reads.slice(1));
    await expect.poll(() => workers.length).toBe(3);
    pool.allow(1);
    const ended = (): boolean[] => workers.map(({ worker }) => worker.terminated);
    expect(ended().filter(Boolean).length).toBe(2);
    expect(ended()[0]).toBe(false);
    first.resolve(PAGE);
    await reads[0];
    await Promise.all([read(), read()]);
    expect(workers.length).toBe(3);
  });
});

describe("idle workers", () => {
  it("never are the reason for a refusal: they end", async () => {
    const { control, workers } = await open({ memory: { budget: 100 * MIB } }, 1);
    workers[0]?.post({ wasmHeap: 120 * MIB });
    await expect.poll(() => workers[0]?.worker.terminated).toBe(true);
    expect(() => control.checkIntake()).not.toThrow();
    expect(control.guard.level).toBe("ok");
  });

  it("stay while one is busy, and new reads are refused", async () => {
    const page = deferred<Page>();
    const { control, workers, read } = await open(
      { memory: { budget: 100 * MIB } },
      1,
      () => page.promise,
    );
    const reading = read();
    await expect.poll(() => workers[0]?.worker.requests.length).toBe(1);
    workers[0]?.post({ wasmHeap: 120 * MIB });
    await expect.poll(() => control.guard.quality.intake).toBe("refuse");
    expect(() => control.checkIntake()).toThrow("Memory is at");
    expect(workers[0]?.worker.terminated).toBe(false);
    expect(control.batchLimits).toMatchObject({ maxBatchWidth: 1280, maxDetectionPixels: 500_000 });
    page.resolve(PAGE);
    await reading;
    await new Promise((resolve) => setTimeout(resolve, 0));
    control.busy(-1);
    expect(workers[0]?.worker.terminated).toBe(true);
    expect(() => control.checkIntake()).not.toThrow();
  });

  it("press nobody with heap that runs use again", async () => {
    const { control, workers } = await open({ memory: { budget: 100 * MIB } }, 1);
    workers[0]?.post({ wasmHeap: 99 * MIB, wasmShared: 70 * MIB });
    await expect.poll(() => control.guard.snapshot().used).toBe(29 * MIB);
    expect(control.guard.level).toBe("ok");
  });

  it("end when a lower budget is exceeded by their heap", async () => {
    const { control, workers } = await open({ memory: { budget: 400 * MIB } }, 1);
    workers[0]?.post({ wasmHeap: 120 * MIB, wasmShared: 100 * MIB });
    await expect.poll(() => control.guard.snapshot().used).toBe(20 * MIB);
    await control.setBudget(200 * MIB);
    expect(workers[0]?.worker.terminated).toBe(false);
    await control.setBudget(100 * MIB);
    await expect.poll(() => workers[0]?.worker.terminated).toBe(true);
  });

  it("end when their last model has timed out", async () => {
    const { workers, read } = await open({}, 1);
    workers[0]?.post({ models: [model("unloaded", "idle timeout"), model("ready", "loaded")] });
    await read();
    expect(workers[0]?.worker.terminated).toBe(false);
    workers[0]?.post({ models: [model("unloaded", "idle timeout")] });
    await expect.poll(() => workers[0]?.worker.terminated).toBe(true);
    await read();
    expect(workers.length).toBe(2);
  });

  it.each([
    ["for want of memory", model("unloaded", "evicted for x"), {}],
    ["and warmth is wanted", model("unloaded", "idle timeout"), { minIdleWorkers: 1 }],
  ])("stay when their last model was unloaded %s", async (_why, usage, settings) => {
    const { control, workers } = await open(settings, 1);
    workers[0]?.post({ wasmHeap: 20 * MIB, models: [usage] });
    await expect.poll(() => control.guard.snapshot().used).toBe(20 * MIB);
    expect(workers[0]?.worker.terminated).toBe(false);
  });
});

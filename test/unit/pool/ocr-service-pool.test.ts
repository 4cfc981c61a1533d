import { array, assert, asyncProperty, boolean, constantFrom, integer } from "fast-check";
import { record, scheduler } from "fast-check";
import { describe, expect, it } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import type { Deferred } from "../../../src/core/deferred.ts";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { OcrServicePool } from "../../../src/pool/ocr-service-pool.ts";
import type { PoolOptions } from "../../../src/pool/pool-options.ts";
import type { CallLimits, OcrService, ReadCall } from "../../../src/pool/ocr-service.ts";
import type { Page } from "../../../src/types.ts";
import { PAGE } from "./fake-worker.ts";

type Settle = Deferred<Page>;

/** A service whose reads end when the test says so. */
class FakeService {
  readonly running: { readonly job: ReadCall; readonly settle: Settle }[] = [];
  closed = false;
  idle: Promise<void> = Promise.resolve();

  run(job: ReadCall, { signal }: CallLimits): Promise<Page> {
    if (signal?.aborted) return Promise.reject(new GlyphpoolError("ABORTED", "aborted"));
    const settle = deferred<Page>();
    this.running.push({ job, settle });
    this.idle = settle.promise.then(
      () => undefined,
      () => undefined,
    );
    return settle.promise;
  }

  suspended: string | undefined;

  whenIdle(): Promise<void> {
    return this.idle;
  }

  suspend(reason: string): void {
    this.suspended = reason;
  }

  resume(): void {
    this.suspended = undefined;
  }

  close(): void {
    this.closed = true;
  }
}

interface Rig {
  readonly pool: OcrServicePool;
  readonly services: FakeService[];
}

function rig(size: number, options: PoolOptions = {}): Rig {
  const services = [new FakeService()];
  const create = (): OcrService => {
    services.push(new FakeService());
    return services.at(-1) as unknown as OcrService;
  };
  return {
    pool: new OcrServicePool(services[0] as unknown as OcrService, size, create, options),
    services,
  };
}

const job = (): ReadCall => ({
  name: "read",
  open: () => Promise.reject(),
  models: EMBEDDED,
  options: {},
});
const limits: CallLimits = { deadline: 0 };
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("OcrServicePool", () => {
  it("creates services only when all others are busy, and no more than its size", async () => {
    const { pool, services } = rig(2);
    const first = pool.run(job(), limits);
    await turn();
    expect(services).toHaveLength(1);
    services[0]?.running[0]?.settle.resolve(PAGE);
    await first;
    await turn();
    void pool.run(job(), limits);
    void pool.run(job(), limits);
    void pool.run(job(), limits);
    await turn();
    expect(services).toHaveLength(2);
    expect(pool.queued).toBe(1);
  });

  it("serves in the order of arrival, also after failures", async () => {
    const { pool, services } = rig(1);
    const jobs = [job(), job(), job()];
    const reads = Promise.allSettled(jobs.map((each) => pool.run(each, limits)));
    for (const [index, each] of jobs.entries()) {
      await turn();
      expect(services[0]?.running[index]?.job).toBe(each);
      const settle = services[0]?.running[index]?.settle as Settle;
      if (index === 1) settle.reject(new GlyphpoolError("IMAGE_CORRUPT", "broken"));
      else settle.resolve(PAGE);
    }
    const states = (await reads).map(({ status }) => status);
    expect(states).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("removes a waiting read that is aborted, without costing a turn", async () => {
    const { pool, services } = rig(1);
    const controller = new AbortController();
    const first = pool.run(job(), limits);
    const second = pool.run(job(), { ...limits, signal: controller.signal });
    const third = pool.run(job(), limits);
    await turn();
    expect(pool.queued).toBe(2);
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: "ABORTED" });
    expect(pool.queued).toBe(1);
    services[0]?.running[0]?.settle.resolve(PAGE);
    await first;
    await turn();
    services[0]?.running[1]?.settle.resolve(PAGE);
    await third;
    expect(services[0]?.running).toHaveLength(2);
  });

  it("gives a service that has to finish an aborted read no other before that", async () => {
    const { pool, services } = rig(1);
    const busy = deferred<void>();
    const first = pool.run(job(), limits);
    await turn();
    const service = services[0] as FakeService;
    service.idle = busy.promise;
    service.running[0]?.settle.reject(new GlyphpoolError("ABORTED", "aborted"));
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    void pool.run(job(), limits);
    await turn();
    expect(service.running).toHaveLength(1);
    busy.resolve();
    await turn();
    expect(service.running).toHaveLength(2);
  });

  it("suspends also the services that it creates while it is suspended", async () => {
    const { pool, services } = rig(2);
    pool.suspend("its page was put aside");
    void pool.run(job(), limits);
    void pool.run(job(), limits);
    await turn();
    const why = "its page was put aside";
    expect(services.map(({ suspended }) => suspended)).toEqual([why, why]);
    pool.wake();
    expect(services.map(({ suspended }) => suspended)).toEqual([undefined, undefined]);
  });

  it("rejects waiting and later reads when closed", async () => {
    const { pool, services } = rig(1);
    void pool.run(job(), limits);
    const waiting = pool.run(job(), limits);
    await turn();
    pool.close();
    await expect(waiting).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    await expect(pool.run(job(), limits)).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(services[0]?.closed).toBe(true);
  });

  it("lets documents take turns, and urgent reads go first", async () => {
    const { pool, services } = rig(1);
    const named = (title: string, extra: Partial<ReadCall>): ReadCall & { title: string } => ({
      ...job(),
      ...extra,
      title,
    });
    const jobs = [
      named("first", {}),
      named("a1", { group: "a" }),
      named("a2", { group: "a" }),
      named("a3", { group: "a" }),
      named("b1", { group: "b" }),
      named("urgent", { group: "b", priority: 1 }),
    ];
    const reads = jobs.map((each) => pool.run(each, limits));
    for (const index of jobs.keys()) {
      await turn();
      services[0]?.running[index]?.settle.resolve(PAGE);
    }
    await Promise.all(reads);
    const order = services[0]?.running.map(
      (run) => (run.job as ReadCall & { title: string }).title,
    );
    expect(order).toEqual(["first", "urgent", "a1", "b1", "a2", "a3"]);
  });

  it("refuses what does not fit into the queue, by number and by bytes", async () => {
    const { pool } = rig(1, { maxQueued: 2, maxQueuedBytes: 100 });
    const sized = (bytes: number): Promise<Page> => pool.run({ ...job(), bytes }, limits);
    void sized(1_000_000);
    void sized(60);
    await expect(sized(41)).rejects.toMatchObject({ code: "QUEUE_FULL", retryable: true });
    void sized(40);
    await expect(sized(0)).rejects.toMatchObject({ code: "QUEUE_FULL" });
    expect(pool.load).toMatchObject({ queued: 2, queuedBytes: 100 });
  });

  it("starts nothing while there is a reason to pause, loses nothing and goes on", async () => {
    const { pool, services } = rig(1);
    pool.pause("memory");
    pool.pause("hidden");
    const read = pool.run(job(), limits);
    await turn();
    pool.resume("hidden");
    await turn();
    expect(services[0]?.running).toHaveLength(0);
    expect(pool.load.paused).toEqual(["memory"]);
    pool.resume("memory");
    await turn();
    services[0]?.running[0]?.settle.resolve(PAGE);
    await expect(read).resolves.toBe(PAGE);
  });

  it("refuses new reads and keeps those who wait", async () => {
    const { pool, services } = rig(1);
    const reads = [pool.run(job(), limits), pool.run(job(), limits)];
    pool.refuse(new GlyphpoolError("MEMORY_EXHAUSTED", "no room"));
    await expect(pool.run(job(), limits)).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    services[0]?.running[0]?.settle.resolve(PAGE);
    await turn();
    services[0]?.running[1]?.settle.resolve(PAGE);
    await expect(Promise.all(reads)).resolves.toHaveLength(2);
    pool.refuse(undefined);
    void pool.run(job(), limits);
    await turn();
    expect(services[0]?.running).toHaveLength(3);
  });

  it("runs fewer reads at the same time when told so, without touching those that run", async () => {
    const { pool, services } = rig(3);
    const start = (): Promise<Page> => pool.run(job(), limits);
    const reads = [start(), start(), start(), start()];
    expect(pool.load.concurrency).toMatchObject({ inUse: 3, capacity: 3, peak: 3 });
    pool.setConcurrency(1);
    services[0]?.running[0]?.settle.resolve(PAGE);
    services[1]?.running[0]?.settle.resolve(PAGE);
    await turn();
    expect(pool.load).toMatchObject({ queued: 1, concurrency: { inUse: 1, capacity: 1 } });
    pool.setConcurrency(3);
    await turn();
    expect(pool.load).toMatchObject({ queued: 0, concurrency: { inUse: 2 } });
    for (const { running } of services) for (const { settle } of running) settle.resolve(PAGE);
    await Promise.all(reads);
    await turn();
    expect(pool.load.concurrency.inUse).toBe(0);
  });

  it("settles every read exactly once and never exceeds its limits, whatever happens", async () => {
    const task = record({
      fate: constantFrom("success", "failure", "cancel"),
      group: constantFrom("a", "b", undefined),
      priority: integer({ min: 0, max: 1 }),
      bytes: integer({ min: 0, max: 10 }),
    });
    await assert(
      asyncProperty(
        scheduler(),
        array(task, { maxLength: 30, size: "max" }),
        record({ size: integer({ min: 1, max: 3 }), concurrency: integer({ min: 1, max: 3 }) }),
        boolean(),
        async (s, tasks, { size, concurrency }, close) => {
          const most = Math.min(size, concurrency);
          let active = 0;
          let settled = 0;
          const run = async ({ models }: ReadCall, { signal }: CallLimits): Promise<Page> => {
            expect(++active).toBeLessThanOrEqual(most);
            await s.schedule(Promise.resolve());
            active--;
            if (signal?.aborted) throw new GlyphpoolError("ABORTED", "aborted");
            if (models.name === "failure") throw new GlyphpoolError("IMAGE_CORRUPT", "broken");
            return PAGE;
          };
          let made = 0;
          const create = (): OcrService => {
            made++;
            const whenIdle = (): Promise<void> => s.schedule(Promise.resolve());
            return { run, whenIdle, close: () => undefined } as unknown as OcrService;
          };
          const pool = new OcrServicePool(create(), size, create, {
            concurrency,
            maxQueued: 12,
            maxQueuedBytes: 60,
          });
          const reads = tasks.map(async ({ fate, ...rest }) => {
            const controller = new AbortController();
            const { signal } = controller;
            if (fate === "cancel")
              void s.schedule(Promise.resolve()).then(() => controller.abort());
            try {
              const models = { ...EMBEDDED, name: fate };
              await pool.run({ ...job(), ...rest, models }, { ...limits, signal });
              return "done";
            } catch (error) {
              return (error as GlyphpoolError).code;
            } finally {
              settled++;
            }
          });
          if (close) void s.schedule(Promise.resolve()).then(() => pool.close());
          const all = Promise.all(reads);
          await s.waitFor(all);
          const allowed: Record<string, string[]> = {
            success: ["done"],
            failure: ["IMAGE_CORRUPT"],
            cancel: ["ABORTED", "done"],
          };
          const always = close ? ["QUEUE_FULL", "ENGINE_CLOSED"] : ["QUEUE_FULL"];
          for (const [index, end] of (await all).entries()) {
            expect([...always, ...(allowed[tasks[index]?.fate ?? ""] ?? [])]).toContain(end);
          }
          expect(settled).toBe(tasks.length);
          expect(made).toBeLessThanOrEqual(most);
          await s.waitIdle();
          expect(pool.load).toMatchObject({ queued: 0, queuedBytes: 0 });
          expect(pool.load.concurrency.inUse).toBe(0);
          expect(pool.load.concurrency.peak).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("structure stages of OcrServicePool", () => {
  it("reach the setting and never exceed it", async () => {
    const weights = array(integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 20 });
    await assert(
      asyncProperty(scheduler(), weights, async (s, stages) => {
        const { pool } = rig(1, { structureConcurrency: 3 });
        let inUse = 0;
        let measured = 0;
        const run = (weight: number): Promise<void> =>
          pool.withStructurePermit(weight, undefined, async () => {
            inUse += weight;
            measured = Math.max(measured, inUse);
            await s.schedule(Promise.resolve());
            inUse -= weight;
          });
        // Three of weight 1 at the start, so that the setting can be reached.
        await s.waitFor(Promise.all([1, 1, 1, ...stages].map(run)));
        expect(measured).toBe(3);
        expect(pool.load.structureConcurrency).toEqual({
          inUse: 0,
          capacity: 3,
          peak: 3,
          waiting: 0,
        });
      }),
    );
  });

  it("are one at a time by default", async () => {
    const { pool } = rig(1);
    let inUse = 0;
    const stage = async (): Promise<void> => {
      expect(++inUse).toBe(1);
      await turn();
      inUse--;
    };
    await Promise.all(
      [1, 1, 1].map((weight) => pool.withStructurePermit(weight, undefined, stage)),
    );
    expect(pool.load.structureConcurrency.peak).toBe(1);
    await expect(pool.withStructurePermit(2, undefined, stage)).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  it("reject at once when aborted, and keep their weight until they are over", async () => {
    const { pool } = rig(1);
    const controller = new AbortController();
    const over = deferred<void>();
    const aborted = pool.withStructurePermit(1, controller.signal, () => over.promise);
    const next = pool.withStructurePermit(1, undefined, async () => "next");
    await turn();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    await turn();
    expect(pool.load.structureConcurrency).toMatchObject({ inUse: 1, waiting: 1 });
    over.resolve();
    await expect(next).resolves.toBe("next");
    await turn();
    expect(pool.load.structureConcurrency).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it("give their weight back when they fail", async () => {
    const { pool } = rig(1);
    const failing = pool.withStructurePermit(1, undefined, async () => {
      throw new Error("stage");
    });
    await expect(failing).rejects.toThrow("stage");
    expect(pool.load.structureConcurrency.inUse).toBe(0);
    const waiting = pool.withStructurePermit(1, undefined, () => new Promise(() => undefined));
    const late = pool.withStructurePermit(1, undefined, async () => undefined);
    await turn();
    pool.close();
    await expect(late).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    void waiting;
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { DEFAULT_LIMITS } from "../../src/options/limits.ts";
import { OcrServicePool } from "../../src/pool/ocr-service-pool.ts";
import { OcrService } from "../../src/pool/ocr-service.ts";
import type { OcrServiceOptions, ReadCall } from "../../src/pool/ocr-service.ts";
import { FaultyEngine } from "../faults/faulty-engine.ts";

const PNG = await Deno.readFile(new URL("../fixtures/pages/line.png", import.meta.url));

let spawned = 0;

function service(options: Partial<OcrServiceOptions> = {}): OcrService {
  spawned = 0;
  return new OcrService({
    spawn: (name) => {
      spawned++;
      return new Worker(new URL("../faults/fault.worker.ts", import.meta.url), {
        type: "module",
        name: `${name}-${spawned}`,
      });
    },
    name: "fault",
    config: { backend: "wasm", runtime: "auto", limits: DEFAULT_LIMITS, cache: false },
    startDeadline: 20_000,
    ...options,
  });
}

/** The set's name chooses the fault. */
const job = (fault: string, repeatable = false): ReadCall => ({
  name: "read",
  repeatable,
  open: async () => ({ input: { kind: "bytes", bytes: new Uint8Array(1) }, transfer: [] }),
  models: { ...EMBEDDED, name: fault },
  options: {},
});

describe("a real worker that fails", () => {
  let host: OcrService;
  afterEach(() => host.close());

  it.each([
    ["throw", "WORKER_DIED", 20_000],
    ["close", "WORKER_DIED", 20_000],
    ["silence", "DEADLINE_EXCEEDED", 200],
  ])("by %s rejects with %s, and a new one takes its place", async (fault, code, deadline) => {
    host = service();
    await host.start();
    const start = performance.now();
    await expect(host.run(job(fault), { deadline })).rejects.toMatchObject({ code });
    expect(performance.now() - start).toBeLessThan(2_000);
    await expect(host.start()).resolves.toMatchObject({ backend: "wasm" });
    expect(spawned).toBe(2);
  });

  it("is noticed when its module does not exist", async () => {
    host = new OcrService({
      spawn: () => new Worker(new URL("../faults/none.ts", import.meta.url), { type: "module" }),
      name: "missing",
      config: { backend: "wasm", runtime: "auto", limits: DEFAULT_LIMITS, cache: false },
      startDeadline: 20_000,
    });
    await expect(host.start()).rejects.toMatchObject({ code: "WORKER_DIED" });
  });

  it.each(["throw", "close"])("by %s has its read done by a new one", async (fault) => {
    host = service();
    await host.start();
    const start = performance.now();
    await expect(host.run(job(`first:${fault}`, true), {})).resolves.toMatchObject({ text: "a" });
    const recovery = performance.now() - start;
    console.info(`recovered from ${fault} in ${recovery.toFixed(0)} ms`);
    expect(recovery).toBeLessThan(2_000);
    expect(spawned).toBe(2);
  });

  it("by silence when it is warm has its read done by a new one", async () => {
    host = service({ warmDeadline: 200 });
    // A set of its own for every read would be a cold one for every read.
    const later = job("first:later", true);
    await host.run(later, {});
    const start = performance.now();
    await expect(host.run(later, {})).resolves.toMatchObject({ text: "a" });
    const recovery = performance.now() - start;
    console.info(`recovered from silence in ${recovery.toFixed(0)} ms, 200 of them the deadline`);
    expect(recovery).toBeLessThan(2_000);
    expect(spawned).toBe(2);
  });

  it("under a read that kills every worker takes no third one with it", async () => {
    host = service();
    await expect(host.run(job("throw", true), {})).rejects.toMatchObject({ code: "WORKER_DIED" });
    expect(spawned).toBe(2);
    const start = performance.now();
    await expect(host.run(job("none"), {})).resolves.toMatchObject({ text: "a" });
    // Two deaths in a row: the third start waits.
    expect(performance.now() - start).toBeGreaterThan(200);
    expect(host.counts).toEqual({ spawns: 3, deaths: 2, recycles: 0, reruns: 1 });
  });

  it("loses nothing that waits for it", async () => {
    host = service();
    const pool = new OcrServicePool(host, 1, () => expect.unreachable());
    const reads = Array.from({ length: 30 }, (_, index) =>
      pool.run(job(index === 10 ? "first:throw" : "none", true), {}),
    );
    await expect(Promise.all(reads)).resolves.toHaveLength(30);
    expect(spawned).toBe(2);
  });
});

describe("a real worker that is busy", () => {
  let host: OcrService;
  afterEach(() => host.close());

  it("rejects an aborted read at once, and is free for others when it comes to a halt", async () => {
    host = service();
    const pool = new OcrServicePool(host, 1, () => expect.unreachable());
    await host.start();
    const controller = new AbortController();
    const aborted = pool.run(job("busy"), { signal: controller.signal });
    const next = pool.run(job("none"), {});
    const start = performance.now();
    setTimeout(() => controller.abort(), 50);
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    expect(performance.now() - start).toBeLessThan(300);
    expect(pool.load).toMatchObject({ queued: 1, concurrency: { inUse: 1 } });
    await expect(next).resolves.toMatchObject({ text: "a" });
    expect(performance.now() - start).toBeGreaterThan(500);
    expect(spawned).toBe(1);
  });

  it("is replaced when it does not come to a halt by the deadline", async () => {
    host = service();
    const pool = new OcrServicePool(host, 1, () => expect.unreachable());
    await host.start();
    const controller = new AbortController();
    const aborted = pool.run(job("busy"), { signal: controller.signal, deadline: 200 });
    const next = pool.run(job("none"), {});
    const start = performance.now();
    setTimeout(() => controller.abort(), 50);
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    await expect(next).resolves.toMatchObject({ text: "a" });
    console.info(`next read after ${(performance.now() - start).toFixed(0)} ms`);
    expect(spawned).toBe(2);
  });

  it("is recycled between two reads", async () => {
    host = service({ respawn: { minLife: 0 } });
    const pool = new OcrServicePool(host, 1, () => expect.unreachable());
    const reads = [1, 2, 3].map(() => pool.run(job("none"), {}));
    await reads[0];
    const recycled = host.recycle("a test");
    await expect(Promise.all(reads)).resolves.toHaveLength(3);
    await expect(recycled).resolves.toBe(true);
    expect(spawned).toBe(2);
    expect(host.counts).toMatchObject({ deaths: 0, recycles: 1 });
  });
});

describe("a worker that hoards what nothing counts", () => {
  it("is replaced when its process has grown too much, and the process gives it back", async () => {
    const url = new URL("../faults/fault.worker.ts", import.meta.url);
    await using faulty = await FaultyEngine.open({
      spawn: (name) => new Worker(url, { type: "module", name }),
      backend: "wasm",
      models: { ...EMBEDDED, name: "hoard" },
      maxProcessGrowth: "100MiB",
      sampleInterval: 50,
      minWorkerLife: 0,
    });
    const { engine, workers } = faulty;
    const respawned: string[] = [];
    engine.memory.addEventListener("respawned", ({ detail }) => respawned.push(detail.outcome));
    const rss = (): number => Deno.memoryUsage().rss;
    await expect.poll(() => engine.memory.metrics().counters.samples).toBeGreaterThan(3);
    for (let i = 0; i < 4; i++) await engine.read(new Uint8Array(PNG));
    const grown = rss();
    await expect.poll(() => respawned, { timeout: 10_000 }).toEqual(["recovered"]);
    await expect.poll(rss, { timeout: 10_000 }).toBeLessThan(grown - 150 * 2 ** 20);
    expect((await engine.read(new Uint8Array(PNG))).text).toBe("a");
    expect(workers).toHaveLength(2);
  });
});

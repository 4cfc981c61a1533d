import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { layoutParams } from "../../src/catalog/presets/structure-families.ts";
import { encodeModel } from "../../src/gpu/onnx-writer.ts";
import { createEngine } from "../../src/index.ts";
import type {
  Engine,
  EngineOptions,
  ModelSet,
  ModelVariant,
  StructureModel,
  TaskRecord,
} from "../../src/index.ts";

const LINE = new URL("../fixtures/pages/line.png", import.meta.url);
const PAGE = new URL("../fixtures/pages/small.png", import.meta.url);

function open(options: EngineOptions = {}): Promise<Engine> {
  return createEngine({ backend: "wasm", workers: 1, ...options });
}

async function until(what: () => boolean, deadline = 10_000): Promise<void> {
  const end = performance.now() + deadline;
  while (!what()) {
    if (performance.now() > end) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const statesOf = (engine: Engine): string[] =>
  Object.values(engine.memory.snapshot().workers).flatMap(
    (worker) => worker?.models.map(({ id, state }) => `${id} ${state}`) ?? [],
  );

/** Side of the made-up structure model's one matrix. */
const SIDE = 64;

const variantOf = (data: Uint8Array): ModelVariant => ({
  precision: "fp32",
  onnx: { name: "made-up.onnx", url: "memory:made-up/made-up.onnx", bytes: data.length, data },
});

/** The embedded models and one more: which role a model has does not matter to its memory. */
function withStructure(): ModelSet & { structure: [StructureModel] } {
  const graph = encodeModel({
    nodes: [{ op: "MatMul", inputs: ["x", "w"], output: "y" }],
    weights: [{ name: "w", dims: [SIDE, SIDE], data: new Float32Array(SIDE * SIDE).fill(0.5) }],
    input: { name: "x", dims: [1, SIDE] },
    output: { name: "y", dims: [1, SIDE] },
  });
  const variants = [variantOf(graph)] as const;
  return {
    ...EMBEDDED,
    structure: [
      {
        role: "layout",
        id: "made-up",
        license: "MIT",
        variants,
        params: layoutParams("PP-DocLayout-S"),
      },
    ],
  };
}

const BACKENDS: ("wasm" | "webgpu")[] = (await navigator.gpu?.requestAdapter())
  ? ["wasm", "webgpu"]
  : ["wasm"];

describe("an engine's memory in Deno", () => {
  it("is told with every read, falls to nothing after the idle timeout, and the next read works", async () => {
    await using engine = await open({ idleTimeout: 300 });
    const first = await engine.read(LINE, { recognizeOnly: true });
    const after = engine.memory.snapshot();
    expect(after.level).toBe("ok");
    expect(after.wasmHeap).toBeGreaterThan(16 * 2 ** 20);
    expect(after.gpuUsed).toBe(0);
    expect(Object.values(after.workers)[0]?.models).toMatchObject([
      { role: "recognition", backend: "wasm" },
    ]);
    expect(after.wasmShared).toBeLessThan(after.wasmHeap);
    // Its heap would stay as large as it is, so the worker ends with its last model.
    await until(() => statesOf(engine).length === 0);
    expect(await engine.memory.measure()).toMatchObject({ level: "ok", wasmHeap: 0 });
    expect((await engine.read(LINE, { recognizeOnly: true })).text).toBe(first.text);
    expect(first.text).not.toBe("");
  });

  it.for(BACKENDS)(
    "loads a structure model ahead, and unloads it like the others, on %s",
    { timeout: 60_000 },
    async (backend) => {
      await using engine = await open({ backend, idleTimeout: 1000, models: withStructure() });
      await engine.preload();
      const loaded = await engine.memory.measure();
      expect(statesOf(engine).map((state) => state.split(" ")[1])).toEqual(Array(4).fill("ready"));
      expect(Object.values(loaded.workers)[0]?.models).toContainEqual(
        expect.objectContaining({ id: "made-up", role: "layout", backend, state: "ready" }),
      );
      expect(loaded.gpuUsed > 4 * SIDE * SIDE).toBe(backend === "webgpu");
      await until(() => statesOf(engine).every((state) => state.endsWith("unloaded")));
      expect((await engine.memory.measure()).gpuUsed).toBe(0);

      await engine.preload({ roles: ["layout"] });
      expect(statesOf(engine).filter((state) => state.endsWith("ready"))).toEqual([
        "made-up ready",
      ]);
      await engine.teardown();
      expect((await engine.memory.measure()).gpuUsed).toBe(0);
      expect(statesOf(engine).every((state) => state.endsWith("unloaded"))).toBe(true);
      expect((await engine.read(LINE, { recognizeOnly: true })).text).not.toBe("");
    },
  );

  it("refuses and cancels a preload with typed errors, and the next one works", async () => {
    const set = withStructure();
    await using engine = await open({
      models: {
        ...set,
        structure: [{ ...set.structure[0], variants: [variantOf(new Uint8Array(2000))] }],
      },
    });
    await expect(engine.preload({ roles: ["layout"] })).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
    await expect(engine.preload({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    await engine.preload({ roles: ["recognition"] });
    expect(statesOf(engine).at(-1)).toMatch(/_rec.* ready$/);
    expect(engine.load.structureConcurrency).toMatchObject({ inUse: 0, peak: 1 });
  });

  it("replaces a worker in which unloaded models left too much; the new one reads the same", async () => {
    await using engine = await open({
      idleTimeout: 300,
      maxIdleHeap: 2 ** 20,
      minIdleWorkers: 1,
      minWorkerLife: 0,
      sampleInterval: 100,
    });
    const { text } = await engine.read(LINE, { recognizeOnly: true });
    const before = engine.memory.snapshot().wasmHeap;
    const respawned = new Promise((resolve) => {
      engine.memory.addEventListener("respawned", ({ detail }) => resolve(detail.outcome));
    });
    expect(await respawned).toBe("recovered");
    expect(engine.memory.snapshot().wasmHeap).toBe(0);
    expect((await engine.read(LINE, { recognizeOnly: true })).text).toBe(text);
    expect(engine.memory.snapshot().wasmHeap).toBe(before);
  });

  it("replaces a process in which unloaded models left too much, and memory falls", async () => {
    await using engine = await open({
      idleTimeout: 300,
      maxIdleHeap: 2 ** 20,
      minIdleWorkers: 1,
      minWorkerLife: 0,
      sampleInterval: 100,
      isolation: "process",
    });
    const respawned: { givenBack: number; outcome: string }[] = [];
    engine.memory.addEventListener("respawned", ({ detail }) => void respawned.push(detail));
    const { text } = await engine.read(PAGE);
    const { wasmHeap: held, workers } = engine.memory.snapshot();
    const before = childMemory();
    expect(Object.values(workers)[0]?.process).toBeGreaterThan(held);
    await until(() => respawned.length > 0);
    expect(respawned[0]).toMatchObject({ outcome: "recovered" });
    expect(respawned[0]?.givenBack).toBeGreaterThan(held / 2);
    expect(before).toBeGreaterThan(held);
    await until(() => childMemory() === 0);
    expect((await engine.read(PAGE)).text).toBe(text);
  });

  it("refuses before it allocates what the budget does not allow, and says what to do", async () => {
    await using engine = await open({ memory: { budget: "20MiB" } });
    const reading = engine.read(PAGE);
    await expect(reading).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED", retryable: true });
    await expect(reading).rejects.toThrow(/budget/);
    expect(engine.memory.snapshot().wasmHeap).toBeLessThan(20 * 2 ** 20);
  });

  it("tells of every read once, however it ends", async () => {
    await using engine = await open({ maxQueued: 1 });
    const records: TaskRecord[] = [];
    engine.onTaskComplete((record) => void records.push(record));
    const abort = new AbortController();
    const reads = [
      engine.read(LINE, { recognizeOnly: true }),
      engine.read(PAGE, { signal: abort.signal }),
      engine.read(LINE),
      engine.read("no/such/file.png"),
    ];
    abort.abort();
    const outcomes = await Promise.allSettled(reads);
    await until(() => records.length === 4);
    const codes = outcomes.map((o) => (o.status === "fulfilled" ? "read" : o.reason.code));
    expect(codes.slice(0, 2)).toEqual(["read", "ABORTED"]);
    expect(codes.filter((code) => code === "QUEUE_FULL")).toHaveLength(1);
    expect(records.map(({ status }) => status).sort()).toEqual(
      outcomes
        .map((o) =>
          o.status === "fulfilled"
            ? "succeeded"
            : o.reason.code === "ABORTED"
              ? "cancelled"
              : "failed",
        )
        .sort(),
    );
    expect(engine.load).toMatchObject({ queued: 0, concurrency: { peak: 1, inUse: 0 } });
  });

  it("drains, takes nothing meanwhile, and takes reads again when it is resumed", async () => {
    await using engine = await open();
    const running = engine.read(LINE, { recognizeOnly: true });
    const drained = engine.drain(30_000);
    await expect(engine.read(LINE)).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    await drained;
    expect((await running).text).not.toBe("");
    engine.resume();
    expect((await engine.read(LINE, { recognizeOnly: true })).text).toBe((await running).text);
  });

  it("prints its metrics as OpenMetrics", async () => {
    await using engine = await open();
    await engine.read(LINE, { recognizeOnly: true });
    const text = engine.memory.openMetrics();
    expect(text).toMatch(/^glyphpool_memory_budget_bytes \d+$/m);
    expect(text.trimEnd().endsWith("# EOF")).toBe(true);
  });
});

/** Private bytes of the processes that this one has started. */
function childMemory(): number {
  let bytes = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = readText(`/proc/${name}/status`);
    if (!new RegExp(`^PPid:\\s+${Deno.pid}$`, "m").test(status)) continue;
    bytes += Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  }
  return bytes;
}

/** Processes come and go between the listing and the look. */
function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

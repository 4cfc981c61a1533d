/** What a real worker says of its memory, and does about it when it is told to. */
import { releaseProxy, wrap } from "comlink";
import type { Remote } from "comlink";
import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { DEFAULT_LIMITS } from "../../src/options/limits.ts";
import { fromWireError } from "../../src/errors.ts";
import type { Page } from "../../src/types.ts";
import type {
  Envelope,
  MemoryMessage,
  ModelSettings,
  WorkerApi,
  WorkerMemory,
} from "../../workers/ocr/worker-api.ts";

const LINE = new URL("../fixtures/pages/line.png", import.meta.url);
const RECOGNITION = EMBEDDED.recognition.id;

/** Bytes of a wasm heap before the first model. */
const EMPTY_HEAP = 16 * 2 ** 20;

class TestWorker implements Disposable {
  readonly api: Remote<WorkerApi>;
  readonly posted: WorkerMemory[] = [];
  readonly #worker: Worker;
  #reads = 0;

  private constructor() {
    const url = new URL("../../workers/ocr.worker.deno.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.api = wrap<WorkerApi>(this.#worker);
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Partial<MemoryMessage>>) => {
      if (data.memory) this.posted.push(data.memory);
    });
  }

  static async start(backend: "wasm" | "webgpu", models: ModelSettings): Promise<TestWorker> {
    const worker = new TestWorker();
    const config = {
      backend,
      runtime: "auto",
      limits: DEFAULT_LIMITS,
      cache: false,
      models,
    } as const;
    await open(worker.api.init(config));
    return worker;
  }

  async read(): Promise<Page> {
    const bytes = await Deno.readFile(LINE);
    const page = await open(
      this.api.run({
        name: "read",
        id: ++this.#reads,
        input: { kind: "bytes", bytes },
        models: { id: 1, set: EMBEDDED },
        recognizeOnly: true,
      }),
    );
    return page as Page;
  }

  [Symbol.dispose](): void {
    this.api[releaseProxy]();
    this.#worker.terminate();
  }
}

async function open<T>(answer: Promise<Envelope<T>>): Promise<T> {
  const envelope = await answer;
  if (envelope.ok) return envelope.value;
  throw fromWireError(envelope.error);
}

describe("a worker on wasm", () => {
  it("tells its memory with every page, and gives models back", async () => {
    using worker = await TestWorker.start("wasm", { idleTimeout: Infinity });
    const { api, posted } = worker;
    const boot = await open(api.memory());
    expect(boot).toEqual({
      backend: "wasm",
      gpuOverhead: 0,
      gpuOverheadPeak: 0,
      wasmHeap: EMPTY_HEAP,
      wasmShared: 0,
      models: [],
    });

    await worker.read();
    // The page's own report has come before the page.
    const [model] = posted.at(-1)?.models ?? [];
    expect(model).toMatchObject({ id: RECOGNITION, state: "ready", leases: 0, backend: "wasm" });
    const held = model?.wasmBytes as number;
    expect(held).toBeGreaterThan(10_000_000);
    const { wasmHeap } = posted.at(-1) as WorkerMemory;
    expect(wasmHeap).toBe(EMPTY_HEAP + held);

    expect(await open(api.recycleDevice())).toBe(false);
    await open(api.trim());
    expect(await open(api.evict(1))).toBe(held);
    expect(await open(api.memory())).toMatchObject({
      wasmHeap,
      wasmShared: held,
      models: [{ id: RECOGNITION, state: "unloaded", reason: "evicted for 1 bytes", wasmBytes: 0 }],
    });
    expect((await open(api.stats())).models).toEqual([]);

    // The heap that was left is used again, not counted twice.
    await worker.read();
    const again = posted.at(-1) as WorkerMemory;
    expect(again.wasmHeap).toBeLessThanOrEqual(wasmHeap + held * 0.1);
    const taken = again.models[0]?.wasmBytes as number;
    expect(taken).toBeGreaterThanOrEqual(held);
    expect(EMPTY_HEAP + taken + again.wasmShared).toBe(again.wasmHeap);
  });

  it("refuses what its budget cannot hold, and unloads at once when told to", async () => {
    using worker = await TestWorker.start("wasm", { budget: 1_000_000 });
    const { api, posted } = worker;
    await expect(worker.read()).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    expect(posted.at(-1)?.wasmHeap).toBe(EMPTY_HEAP);
    await open(api.configure({ budget: Infinity, idleTimeout: 0 }));
    const { text } = await worker.read();
    expect(text).toContain("2204");
    await expect
      .poll(() => posted.at(-1)?.models[0])
      .toMatchObject({ state: "unloaded", reason: "idle timeout" });
  });
});

const hasGpu = Boolean(await navigator.gpu?.requestAdapter());

describe.skipIf(!hasGpu)("a worker on WebGPU (skipped where Deno has no adapter)", () => {
  it("gives every byte back with its device, and reads again", { timeout: 180_000 }, async () => {
    using worker = await TestWorker.start("webgpu", {});
    const { api, posted } = worker;
    const { text } = await worker.read();
    const loaded = posted.at(-1) as WorkerMemory;
    expect(loaded.models).toMatchObject([{ id: RECOGNITION, state: "ready", backend: "webgpu" }]);
    const held = loaded.models[0]?.gpuBytes as number;
    expect(held).toBeGreaterThan(5_000_000);
    expect(loaded.gpu?.used).toBeGreaterThanOrEqual(held);
    expect(loaded.gpuOverhead).toBeGreaterThan(0);

    await open(api.trim());
    expect((await open(api.memory())).gpu?.used).toBeLessThanOrEqual(loaded.gpu?.used as number);
    expect(await open(api.recycleDevice())).toBe(true);
    expect(await open(api.memory())).toMatchObject({
      gpu: { used: 0, allocated: 0, buffers: 0, pipelines: 0 },
      models: [{ id: RECOGNITION, state: "unloaded", reason: "device recycled", gpuBytes: 0 }],
    });

    expect((await worker.read()).text).toBe(text);
    expect(await open(api.evict(Infinity))).toBeGreaterThanOrEqual(held);
    expect((await open(api.memory())).gpu?.used).toBe(0);
  });
});

import type * as Ort from "onnxruntime-web/webgpu";
import { GlyphpoolError } from "../errors.ts";
import { Mutex } from "../core/mutex.ts";
import type { RuntimeKind } from "../options/backend.ts";
import { importedScript, workerAddress } from "../core/worker-script.ts";
import { CompiledModule } from "./compiled-module.ts";
import { encodeModel } from "./onnx-writer.ts";

/**
 * The size of the runtime's WebAssembly heap. No public interface tells it, but the heap is the one
 * memory that never shrinks, so the host has to know it to decide when a worker is to be replaced.
 */
class WasmHeap {
  #memories: WebAssembly.Memory[] = [];

  /** Bytes of all heaps that were created while `during` ran. */
  get bytes(): number {
    return this.#memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  }

  /** Notes every WebAssembly.Memory that is constructed while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const Original = WebAssembly.Memory;
    const memories = this.#memories;
    WebAssembly.Memory = new Proxy(Original, {
      construct(target, args: [WebAssembly.MemoryDescriptor]): WebAssembly.Memory {
        const memory = new target(...args);
        refuseSpareGrowth(memory);
        memories.push(memory);
        return memory;
      },
    });
    try {
      return await work();
    } finally {
      WebAssembly.Memory = Original;
    }
  }
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65_536;

/**
 * When the heap is too small, Emscripten first asks for 20 % more than it has, then for 10 %, and only then for
 * 5 % or what it needs, whichever is more. What it takes beyond its need never comes back, so the first two requests
 * are refused, each once: one that comes a second time is the need itself.
 */
export function refuseSpareGrowth(memory: WebAssembly.Memory): void {
  const grow = memory.grow.bind(memory);
  let refusedAt = 0;
  const refused = new Set<number>();
  memory.grow = (pages) => {
    const bytes = memory.buffer.byteLength;
    if (bytes !== refusedAt) refused.clear();
    refusedAt = bytes;
    const isSpare = [1, 2].some(
      (part) => pages === Math.ceil((bytes * (1 + 0.2 / part)) / PAGE) - bytes / PAGE,
    );
    if (isSpare && !refused.has(pages)) {
      refused.add(pages);
      throw new RangeError("Glyphpool grants no spare growth.");
    }
    return grow(pages);
  };
}

/**
 * Loads and starts onnxruntime-web. Only this file imports it, and never by its bare name: that is the
 * old JavaScript WebGPU backend in browsers and a build without WebGPU in Deno.
 */

export type { Ort };

export interface RuntimeOptions {
  /** `auto` takes JSPI, the smaller and faster build, where the browser can suspend wasm. */
  readonly runtime?: "auto" | RuntimeKind;
  /** Threads of the wasm provider; above 1 only in a cross-origin isolated page. */
  readonly threads?: number | undefined;
  /** URL, with a slash at its end, of the folder that holds the runtime's wasm. Default: beside its script. */
  readonly folder?: string | undefined;
  /** The compiled wasm of the same build, from an earlier worker. */
  readonly module?: WebAssembly.Module | undefined;
}

/** A started runtime: one WebAssembly instance and the lock that every use of it has to hold. */
export interface Runtime {
  readonly kind: RuntimeKind;
  readonly ort: typeof Ort;
  readonly threads: number;
  /**
   * Create, run and release go through this lock. Two of them at once hang the event loop or corrupt
   * the wasm memory, whatever sessions they belong to.
   */
  readonly mutex: Mutex;
  readonly heap: WasmHeap;
  /** The compiled wasm, for further workers. */
  readonly module: WebAssembly.Module | undefined;
}

/** Which build runs here. */
export function chooseRuntime(wanted: "auto" | RuntimeKind = "auto"): RuntimeKind {
  const canSuspend = "Suspending" in WebAssembly;
  if (wanted === "jspi" && !canSuspend) {
    const message = 'runtime: "jspi" needs WebAssembly.Suspending, which is missing here.';
    throw new GlyphpoolError("BACKEND_UNAVAILABLE", message);
  }
  return wanted === "auto" ? (canSuspend ? "jspi" : "asyncify") : wanted;
}

/** Threads the wasm provider gets. Deno cannot start the runtime's own threads, so it has 1. */
export function chooseThreads(wanted: number | undefined): number {
  if (!globalThis.crossOriginIsolated || "Deno" in globalThis) return 1;
  if (wanted !== undefined) return wanted;
  const cores = navigator.hardwareConcurrency || 1;
  // Logical cores come in pairs that share one arithmetic unit; beyond 4 the models are too small to gain.
  return cores <= 2 ? cores : Math.min(4, Math.ceil(cores / 2));
}

/** What the runtime calls the workers that are its threads; they look at the beginning of their name. */
const THREAD = "em-pthread";

/**
 * The runtime starts its threads from the script that it lies in. Where a bundler has put it into the
 * worker's own script, every thread finds itself in the worker's entry, which has to ask this first.
 *
 * @returns the build that the thread belongs to; nothing in a worker that is no such thread
 */
export function threadKind(): RuntimeKind | undefined {
  const { name } = globalThis as { name?: unknown };
  if (typeof name !== "string" || !name.startsWith(THREAD)) return undefined;
  return name.endsWith("asyncify") ? "asyncify" : "jspi";
}

/** Makes this worker a thread of the runtime. */
export async function becomeThread(kind: RuntimeKind): Promise<void> {
  const early: MessageEvent[] = [];
  const keep = (event: Event): void => void early.push(event as MessageEvent);
  globalThis.addEventListener("message", keep);
  await load(kind);
  globalThis.removeEventListener("message", keep);
  for (const { data } of early) globalThis.dispatchEvent(new MessageEvent("message", { data }));
}

/** Tells the threads their build, by the one thing that they get to know before their first message. */
function nameThreads(kind: RuntimeKind): void {
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      const isThread = options?.name === THREAD;
      const name = `${THREAD}-${kind}`;
      super(isThread ? workerAddress(url) : url, isThread ? { ...options, name } : options);
    }
  };
}

/**
 * The runtime compares its own address with the worker's. Where another origin serves the scripts the two differ, and
 * it would look for files that a bundle does not have. So the worker takes the address of the imported script, and
 * never `import.meta.url`, in whose place some bundlers write a path of the machine that they ran on.
 */
function claimHome(): void {
  const home = importedScript(globalThis.location);
  if (home) Object.defineProperty(globalThis, "location", { value: home, configurable: true });
}

/** Literal specifiers, so that bundlers see both. */
function load(kind: RuntimeKind): Promise<typeof Ort> {
  claimHome();
  return kind === "jspi" ? import("onnxruntime-web/jspi") : import("onnxruntime-web/webgpu");
}

/** One per realm and build: a second start of the same build would get the same instance anyway. */
const started = new Map<RuntimeKind, Promise<Runtime>>();

/**
 * Starts the runtime, or returns the one that runs already; `threads` counts for the first call only.
 * A failed start is final for its realm (the runtime refuses a second try): replace the worker.
 *
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE`
 */
export function startRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const kind = chooseRuntime(options.runtime);
  let runtime = started.get(kind);
  if (!runtime) {
    runtime = boot(kind, options);
    started.set(kind, runtime);
  }
  return runtime;
}

async function boot(
  kind: RuntimeKind,
  { threads: wanted, module, folder }: RuntimeOptions,
): Promise<Runtime> {
  const threads = chooseThreads(wanted);
  const heap = new WasmHeap();
  const compiled = new CompiledModule(module);
  try {
    const ort = await load(kind);
    if (threads > 1) nameThreads(kind);
    ort.env.wasm.numThreads = threads;
    if (folder !== undefined)
      ort.env.wasm.wasmPaths = { wasm: new URL(wasmFile(kind), folder).href };
    ort.env.logLevel = "error";
    // The wasm starts with the first session. A graph of one node makes that moment ours: later
    // failures to create a session are then about the model, not about the runtime.
    const start = async (): Promise<void> => {
      const session = await ort.InferenceSession.create(identityModel(), {
        executionProviders: ["wasm"],
      });
      await session.release();
    };
    // Bytes that are never looked at: without any, the runtime would fetch what is compiled already.
    if (module) ort.env.wasm.wasmBinary = new Uint8Array(8);
    await heap.during(() => compiled.during(start));
    return { kind, ort, threads, mutex: new Mutex(), heap, module: compiled.module };
  } catch (cause) {
    const message =
      `The model runtime (onnxruntime-web, ${kind}) could not be started: ${String(cause)} ` +
      `If ${wasmFile(kind)} was not found, name its folder: createEngine({ base: { runtime: "…" } }).`;
    throw new GlyphpoolError("BACKEND_UNAVAILABLE", message, { cause });
  }
}

function wasmFile(kind: RuntimeKind): string {
  return `ort-wasm-simd-threaded.${kind}.wasm`;
}

function identityModel(): Uint8Array {
  return encodeModel({
    nodes: [{ op: "Relu", inputs: ["x"], output: "y" }],
    weights: [],
    input: { name: "x", dims: [1] },
    output: { name: "y", dims: [1] },
  });
}

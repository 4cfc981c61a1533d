/** What a worker does, the same in browsers and in Deno but for what {@link Platform} holds. */
import { deferred } from "../src/core/deferred.ts";
import type { ModelSet } from "../src/catalog/manifest.ts";
import { chooseVariant } from "../src/catalog/variant.ts";
import { GlyphpoolError, throwIfAborted } from "../src/errors.ts";
import { chooseBackend } from "../src/gpu/backend.ts";
import type { BackendChoice } from "../src/gpu/backend.ts";
import { startRuntime } from "../src/gpu/runtime.ts";
import type { Runtime } from "../src/gpu/runtime.ts";
import { createSession } from "../src/gpu/session.ts";
import { ModelManager } from "../src/models/model-manager.ts";
import { readImage } from "../src/ocr/pipeline.ts";
import type { ImageLimits, Page, Progress, RgbaImage } from "../src/types.ts";
import { openModelFiles } from "./model-files.ts";
import type {
  ReadRequest,
  SharedSet,
  WireInput,
  WorkerConfig,
  WorkerInfo,
  WorkerStats,
} from "./worker-api.ts";

/** What differs between a browser's worker and Deno's. */
export interface Platform {
  /** Upright, opaque pixels within the limits. */
  decode(input: WireInput, limits: ImageLimits, signal: AbortSignal): Promise<RgbaImage>;
}

export type ProgressListener = (progress: Progress) => void;

interface Started {
  readonly config: WorkerConfig;
  readonly runtime: Runtime;
  readonly choice: BackendChoice;
  readonly models: ModelManager;
}

export class OcrWorker {
  readonly #platform: Platform;
  readonly #calls = new Map<number, AbortController>();
  /** Loads are shared between calls, so everybody who waits hears of them. */
  readonly #listeners = new Set<ProgressListener>();
  readonly #sets = new Map<number, ModelSet>();
  #started: Started | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** @throws GlyphpoolError `BACKEND_UNAVAILABLE` */
  async init(config: WorkerConfig): Promise<WorkerInfo> {
    if (config.lifeLock) await holdForLife(config.lifeLock);
    const runtime = await startRuntime(config);
    const choice = await chooseBackend(config.backend, runtime);
    const models = await this.#openModels(config, runtime, choice);
    this.#started = { config, runtime, choice, models };
    return {
      backend: choice.backend,
      reason: choice.reason,
      ...(choice.adapter ? { adapter: choice.adapter } : {}),
      runtime: runtime.kind,
      threads: runtime.threads,
    };
  }

  /** @throws GlyphpoolError */
  async read(request: ReadRequest, onProgress: ProgressListener): Promise<Page> {
    const { config, models } = this.#running();
    const { id, input, models: shared, ...options } = request;
    const set = this.#findSet(shared);
    const abort = new AbortController();
    const { signal } = abort;
    this.#calls.set(id, abort);
    this.#listeners.add(onProgress);
    const start = performance.now();
    try {
      onProgress({ stage: "decode", done: 0, total: 1 });
      const image = await this.#platform.decode(input, config.limits, signal);
      const decode = performance.now() - start;
      onProgress({ stage: "decode", done: 1, total: 1 });
      // Decoders may be synchronous: without a pause a cancel that came meanwhile would not be seen.
      await pause();
      throwIfAborted(signal);
      const page = await readImage(image, set, models, options, { signal, onProgress });
      const total = performance.now() - start;
      return { ...page, timings: { decode, ...page.timings, total } };
    } finally {
      this.#listeners.delete(onProgress);
      this.#calls.delete(id);
    }
  }

  cancel(id: number): void {
    this.#calls.get(id)?.abort();
  }

  async teardown(): Promise<void> {
    await this.#running().models.teardown();
  }

  stats(): WorkerStats {
    const { runtime, models } = this.#running();
    return { wasmHeap: runtime.heap.bytes, models: models.models };
  }

  #findSet({ id, set }: SharedSet): ModelSet {
    if (set) this.#sets.set(id, set);
    const known = this.#sets.get(id);
    if (!known) throw new GlyphpoolError("INTERNAL", `The worker never got model set ${id}.`);
    return known;
  }

  #running(): Started {
    if (!this.#started) throw new GlyphpoolError("INTERNAL", "The worker was not initialised.");
    return this.#started;
  }

  async #openModels(
    config: WorkerConfig,
    runtime: Runtime,
    choice: BackendChoice,
  ): Promise<ModelManager> {
    const notify: ProgressListener = (progress) => {
      for (const listener of this.#listeners) listener(progress);
    };
    const files = await openModelFiles(config.cache, notify);
    const { backend, device, adapter } = choice;
    const target = { backend, shaderF16: adapter?.f16 ?? false };
    return new ModelManager(
      {
        chooseFile: (model) =>
          chooseVariant(model, { ...target, backend: model.backend ?? backend }).onnx,
        openModel: (file) => files.open(file),
        createSession: (bytes, model) =>
          createSession(runtime, bytes, {
            name: model.id,
            // Graphs with operators that WebGPU lacks say so in their manifest.
            device: model.backend === "wasm" ? undefined : device,
          }),
      },
      (model, done) => notify({ stage: "load", done: done ? 1 : 0, total: 1, name: model.id }),
    );
  }
}

/** Resolves when the lock is held; it is given back by the end of this realm and by nothing else. */
async function holdForLife(name: string): Promise<void> {
  const held = deferred<void>();
  void navigator.locks.request(name, () => {
    held.resolve();
    return new Promise<never>(() => undefined);
  });
  await held.promise;
}

/** Lets messages in: they are tasks, which a resolved promise does not wait for. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** What a worker does, the same in browsers and in Deno but for what {@link Platform} holds. */
import { modelsOf } from "../../src/catalog/manifest/manifest.ts";
import type { ModelSet } from "../../src/catalog/manifest/manifest.ts";
import type { StructureStage } from "../../src/options/structure.ts";
import { GlyphpoolError, throwIfAborted } from "../../src/errors.ts";
import { chooseBackend } from "../../src/gpu/backend.ts";
import { startRuntime } from "../../src/gpu/runtime.ts";
import type { DecodedImage } from "../../src/image/decode.ts";
import { dpiField } from "../../src/image/headers/density.ts";
import { encodePng } from "../../src/image/png/write.ts";
import type { WorkerMemory } from "../../src/memory/snapshot.ts";
import type { ModelManager } from "../../src/models/model-manager.ts";
import { knownPage } from "../../src/ocr/known-page.ts";
import { readImage } from "../../src/ocr/pipeline.ts";
import { analyzePage } from "../../src/structure/page/analyze-page.ts";
import { orderPage } from "../../src/structure/page/order-page.ts";
import type { EncodedImage, ImageLimits, Page, Progress } from "../../src/types.ts";
import { holdForLife } from "../../src/rpc/life-lock.ts";
import { Inference } from "./inference.ts";
import { MemoryReports } from "./memory-reports.ts";
import { namingBudget } from "./least-budget.ts";
import { openModelFiles } from "./model-files.ts";
import type { StagePermits } from "./stage-permits.ts";
import type {
  CallRequest,
  CallResults,
  EncodeRequest,
  ManagerSettings,
  PreloadRequest,
  ReadRequest,
  SharedSet,
  WireInput,
  WorkerConfig,
  StartedWorker,
  WorkerStats,
} from "./worker-api.ts";

/** What differs between a browser's worker and Deno's. */
export interface Platform {
  /** Upright, opaque pixels within the limits. */
  decode(
    input: WireInput,
    limits: ImageLimits,
    signal: AbortSignal,
    frame: number,
  ): Promise<DecodedImage>;
  /** Resident bytes of the process, where a worker can have one of its own. */
  processBytes?(): number;
}

export type ProgressListener = (progress: Progress) => void;

/** What hears of one call, and how it is ended. */
interface Listeners {
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

interface Started {
  readonly config: WorkerConfig;
  readonly inference: Inference;
  readonly reports: MemoryReports;
}

export class OcrWorker {
  readonly #platform: Platform;
  readonly #permits: StagePermits;
  readonly #calls = new Map<number, AbortController>();
  /** Loads are shared between calls, so everybody who waits hears of them. */
  readonly #listeners = new Set<ProgressListener>();
  readonly #sets = new Map<number, ModelSet>();
  readonly #onMemory: (memory: WorkerMemory) => void;
  #started: Started | undefined;

  /** @param onMemory called after every read, and soon after a model's state has changed */
  constructor(platform: Platform, permits: StagePermits, onMemory: (memory: WorkerMemory) => void) {
    this.#platform = platform;
    this.#permits = permits;
    this.#onMemory = onMemory;
  }

  /** @throws GlyphpoolError `BACKEND_UNAVAILABLE` */
  async init(config: WorkerConfig): Promise<StartedWorker> {
    if (config.lifeLock) await holdForLife(config.lifeLock);
    const { compiled } = config;
    const runtime = await startRuntime({ ...config, module: compiled?.module });
    const choice = await chooseBackend(config.backend, runtime);
    const notify: ProgressListener = (progress) => {
      for (const listener of this.#listeners) listener(progress);
    };
    const files = await openModelFiles(config.cache, notify);
    const inference: Inference = new Inference({
      ...config.models,
      runtime,
      choice,
      openModel: (file) => files.open(file),
      onLoad: (model, done) =>
        notify({ stage: "load", done: done ? 1 : 0, total: 1, name: model.id }),
      onChange: () => reports.changed(),
    });
    const reports = new MemoryReports({ read: () => this.memory, post: this.#onMemory });
    this.#started = { config, inference, reports };
    return {
      backend: choice.backend,
      reason: choice.reason,
      ...(choice.adapter ? { adapter: choice.adapter } : {}),
      runtime: runtime.kind,
      threads: runtime.threads,
      ...(compiled && !compiled.module && runtime.module ? { module: runtime.module } : {}),
    };
  }

  /** Does one call, which can be cancelled and tells its progress. @throws GlyphpoolError */
  async run(
    request: CallRequest,
    onProgress: ProgressListener,
  ): Promise<CallResults[CallRequest["name"]]> {
    const abort = new AbortController();
    const { signal } = abort;
    this.#calls.set(request.id, abort);
    this.#listeners.add(onProgress);
    try {
      if (request.name === "read") return await this.#read(request, { signal, onProgress });
      if (request.name === "encode") return await this.#encode(request, { signal, onProgress });
      return await this.#preload(request, signal);
    } finally {
      this.#listeners.delete(onProgress);
      this.#calls.delete(request.id);
      // Before the answer, so that the host knows it by then.
      this.#running().reports.now();
    }
  }

  async #read(request: ReadRequest, listeners: Listeners): Promise<Page> {
    const { inference } = this.#running();
    const { name: _, id, input, models, frame = 0, structure, known, ...options } = request;
    const { signal } = listeners;
    const set = this.#findSet(models);
    const start = performance.now();
    const image = await this.#decode(input, frame, listeners);
    const decode = performance.now() - start;
    const task = inference.models.forTask();
    const page = known
      ? knownPage(known, image)
      : await namingBudget(
          inference.models,
          set,
          withRoom(inference.models, () => {
            throwIfAborted(signal);
            return readImage(image, set, task, options, listeners);
          }),
        );
    const { order = "layout", region } = options;
    const analysed =
      structure &&
      (await withRoom(inference.models, () => {
        throwIfAborted(signal);
        const permit = (stage: StructureStage): Promise<Disposable> =>
          this.#permits.acquire(id, stage, signal);
        const context = { ...listeners, permit, region };
        return analyzePage(image, page, set, task, structure, context);
      }));
    const short = options.detectOnly === true || options.recognizeOnly === true;
    // The order in which a document draws its text comes with the text.
    const isKept = short || (order === "source" && known !== undefined);
    const { rightToLeft } = set.recognition.params;
    const ordered = isKept
      ? analysed && { blocks: analysed.blocks }
      : orderPage(image, page, analysed?.blocks, {
          order: order === "source" ? "layout" : order,
          rightToLeft: rightToLeft || undefined,
          region,
        });
    const total = performance.now() - start;
    const timings = { decode, ...page.timings, ...analysed?.timings, total };
    return { ...page, ...ordered, ...dpiField(image.dpi), timings };
  }

  async #encode({ input, frame = 0 }: EncodeRequest, listeners: Listeners): Promise<EncodedImage> {
    const image = await this.#decode(input, frame, listeners);
    const { width, height } = image;
    return { bytes: await encodePng(image, listeners.signal), type: "image/png", width, height };
  }

  async #preload({ models: shared, roles }: PreloadRequest, signal: AbortSignal): Promise<void> {
    const { inference } = this.#running();
    const wanted = modelsOf(this.#findSet(shared)).filter(
      ({ role }) => roles?.includes(role) ?? true,
    );
    const models = inference.models.forTask();
    // Held until the last is there: those that came first must not leave meanwhile.
    const leases: Disposable[] = [];
    try {
      for (const model of wanted) leases.push(await models.acquire(model, signal));
    } finally {
      for (const lease of leases) lease[Symbol.dispose]();
    }
  }

  async #decode(
    input: WireInput,
    frame: number,
    { signal, onProgress }: Listeners,
  ): Promise<DecodedImage> {
    const { config } = this.#running();
    onProgress({ stage: "decode", done: 0, total: 1 });
    const image = await this.#platform.decode(input, config.limits, signal, frame);
    onProgress({ stage: "decode", done: 1, total: 1 });
    // Decoders may be synchronous: without a pause a cancel that came meanwhile would not be seen.
    await pause();
    return image;
  }

  cancel(id: number): void {
    this.#calls.get(id)?.abort();
  }

  async teardown(): Promise<void> {
    await this.#running().inference.models.teardown();
  }

  get memory(): WorkerMemory {
    const { config, inference } = this.#running();
    const process = config.ownProcess ? this.#platform.processBytes?.() : undefined;
    return { ...inference.memory, ...(process === undefined ? {} : { process }) };
  }

  stats(): WorkerStats {
    const { wasmHeap, models } = this.memory;
    return { wasmHeap, models: models.filter(({ state }) => state !== "unloaded") };
  }

  async evict(bytes: number): Promise<number> {
    return await this.#running().inference.models.evict(bytes);
  }

  async trim(): Promise<void> {
    await this.#running().inference.trim();
  }

  async recycleDevice(): Promise<boolean> {
    return await this.#running().inference.recycleDevice();
  }

  configure(settings: ManagerSettings): void {
    this.#running().inference.configure(settings);
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
}

/**
 * Where the GPU has no room in the middle of a run, idle models may be what fills it: they go, and the
 * work is done once more.
 */
async function withRoom<T>(models: ModelManager, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!GlyphpoolError.is(error) || error.code !== "GPU_OUT_OF_MEMORY") throw error;
    const freed = await models.evict(Infinity).catch(() => 0);
    if (freed === 0) throw error;
  }
  return await work();
}

/** Lets messages in: they are tasks, which a resolved promise does not wait for. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** The composition root: options in, an engine out that reads images. */
import type { ModelRole, ModelSet } from "../catalog/manifest/manifest.ts";
import { checkEncodeOptions, checkReadOptions, resolveSettings } from "../options/engine.ts";
import type { EncodeOptions, ReadOptions, ResolvedSettings, Settings } from "../options/engine.ts";
import type { PagesOptions } from "../options/pages.ts";
import { deferred } from "../core/deferred.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { delay } from "../core/wait.ts";
import { Documents } from "../document/documents.ts";
import type { DocumentInput } from "../document/open-document.ts";
import { chooseSpawn, defaultWorkers, findModels, serviceOptions } from "./setup.ts";
import type { ModelsOption, StructureOption } from "./setup.ts";
import { PageReads } from "./reads.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import { presentPage } from "../output/present-page.ts";
import { EngineMemory } from "../pool/engine-memory.ts";
import { MemoryControl } from "../pool/memory-control.ts";
import { OcrServicePool } from "../pool/ocr-service-pool.ts";
import type { PoolLoad } from "../pool/ocr-service-pool.ts";
import { OcrService, engineClosed } from "../pool/ocr-service.ts";
import { takeInput } from "../input/open-input.ts";
import type { AdapterInfo, ModelStatus, WorkerInfo } from "../rpc/link.ts";
import { TaskRegistry } from "../tasks/completion.ts";
import { DeferredWork } from "../tasks/deferred-work.ts";
import type { MemoryGate } from "../tasks/deferred-work.ts";
import type { TaskListener } from "../tasks/completion.ts";
import { runTask } from "../tasks/run-task.ts";
import type { TaskScope } from "../tasks/run-task.ts";
import { installShutdown } from "../tasks/shutdown.ts";
import type { ShutdownHandle } from "../tasks/shutdown-target.ts";
import type { DocumentPage, EncodedImage, ImageInput, Page, PageMethods } from "../types.ts";

ensureDisposeSymbols();

export interface EngineOptions extends Settings {
  /**
   * A preset's name, the folder or URL of a model set, its manifest, or model files. Default
   * `embedded`, which needs no network.
   */
  readonly models?: ModelsOption;
  /**
   * Models of the document structure, beside those of the text: a preset's name such as `structure-small`, or
   * the models. Default: what the model set has; the embedded one has none, and the built-in layout needs none.
   */
  readonly structure?: StructureOption;
}

/** What an engine decided at its start. */
export interface EngineInfo extends WorkerInfo {
  /** Name of the model set. */
  readonly models: string;
  /** Pages that can be read at the same time. */
  readonly workers: number;
}

/** Memory that the workers hold. */
export interface EngineStats {
  /** Bytes of the WebAssembly heaps of all workers. */
  readonly wasmHeap: number;
  /** Loaded models, once per worker that holds them. */
  readonly models: ModelStatus[];
}

/** What a preload loads, and for how long anybody waits. */
export interface PreloadOptions extends Pick<ReadOptions, "signal" | "onProgress" | "deadline"> {
  /** Default: every model of the set. */
  readonly roles?: readonly ModelRole[];
}

export type {
  AdapterInfo,
  DocumentInput,
  EncodeOptions,
  EngineMemory,
  ModelStatus,
  ModelsOption,
  PagesOptions,
  PoolLoad,
  ReadOptions,
  StructureOption,
};

/**
 * Milliseconds that the thread of a Deno worker takes, at most, to put the GPU driver down after its
 * end. A process that exits in the middle of that crashes inside the driver.
 */
const DRIVER_FAREWELL = 500;

/** How long a worker has for small questions; it may be in the middle of a long run. */
const CONTROL_DEADLINE = 60_000;

/**
 * Starts an engine: checks the options, resolves the models, starts a worker and decides the backend.
 * Models are downloaded and loaded by the first read that needs them.
 *
 * @example
 * ```ts
 * await using engine = await createEngine();
 * const page = await engine.read("scan.png");
 * console.log(page.text);
 * ```
 * @throws GlyphpoolError `INVALID_OPTION`, `UNKNOWN_PRESET`, `UNSUPPORTED_LANGUAGE`, `MODEL_*`,
 *   `BACKEND_UNAVAILABLE`
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const settings = resolveSettings(options, ["models", "structure"]);
  const source = options.models ?? "embedded";
  const find = (language: string | undefined): Promise<ModelSet> =>
    findModels(source, options.structure, language, settings);
  const models = await find(settings.language);
  const spawn = await chooseSpawn(settings);
  const memory = await MemoryControl.open(settings);
  const create = (index: number): OcrService => {
    const service: OcrService = new OcrService({
      ...serviceOptions(settings, index),
      spawn,
      ...memory.listeners(index, () => service),
    });
    return service;
  };
  const first = create(0);
  try {
    const info = await first.start();
    const workers = settings.workers ?? defaultWorkers(info);
    const pool = new OcrServicePool(first, workers, create, settings);
    memory.attach(pool, info);
    const engine = new Engine(settings, find, models, pool, workers, memory);
    if (settings.shutdown ?? "document" in globalThis) engine.shutDownWithHost();
    return engine;
  } catch (error) {
    first.close();
    memory.close();
    throw error;
  }
}

/** Reads images. Made by {@link createEngine}. */
export class Engine implements AsyncDisposable {
  /** What the workers hold, how that compares with the budget, and what is done about it. */
  readonly memory: EngineMemory;
  readonly #settings: ResolvedSettings;
  readonly #reads: PageReads;
  readonly #models: ModelSet;
  readonly #pool: OcrServicePool;
  readonly #control: MemoryControl;
  readonly #workers: number;
  readonly #tasks = new TaskRegistry();
  readonly #gate: MemoryGate = { wait: (signal) => this.#control.whenPlenty(signal) };
  readonly #documents: Documents;
  #shutdown: ShutdownHandle | undefined;
  #draining = false;
  #closed = false;

  /** Not for callers: use {@link createEngine}. */
  constructor(
    settings: ResolvedSettings,
    find: (language: string) => Promise<ModelSet>,
    models: ModelSet,
    pool: OcrServicePool,
    workers: number,
    control: MemoryControl,
  ) {
    this.#settings = settings;
    this.#models = models;
    this.#pool = pool;
    this.#workers = workers;
    this.#control = control;
    this.memory = new EngineMemory(control);
    const { limits, minConfidence } = settings;
    this.#reads = new PageReads({ pool, control, models, find, minConfidence });
    this.#documents = new Documents({
      limits,
      workers,
      read: (picture, options, late) =>
        this.#task("page", options, ({ signal }) =>
          this.#reads.read(picture, options, signal, late),
        ),
      gate: this.#gate,
      present: presentPage,
    });
  }

  /** Backend, reason, adapter, runtime and models; of the latest worker where one had to be replaced. */
  get info(): EngineInfo {
    const worker = this.#pool.services[0]?.info as WorkerInfo;
    return { ...worker, models: this.#models.name, workers: this.#workers };
  }

  /** Reads that wait, and how much goes on at the same time. */
  get load(): PoolLoad {
    return this.#pool.load;
  }

  /**
   * Reads the text of one image.
   *
   * A read whose worker dies is run once more on a new one, unless the input is a picture that only the
   * worker had. An abort rejects at once; the worker is free for others at its next stage.
   *
   * @throws GlyphpoolError `INVALID_OPTION`, `INVALID_INPUT`, `INPUT_NOT_FOUND`,
   *   `UNSUPPORTED_FORMAT`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`, `UNSUPPORTED_LANGUAGE`, `MODEL_*`,
   *   `GPU_OUT_OF_MEMORY`, `MEMORY_EXHAUSTED`, `QUEUE_FULL`, `DEVICE_LOST`, `INFERENCE_FAILED`,
   *   `ABORTED`, `DEADLINE_EXCEEDED`, `WORKER_DIED`, `ENGINE_CLOSED`
   */
  async read(input: ImageInput, options: ReadOptions = {}): Promise<Page & PageMethods> {
    checkReadOptions(options);
    const { page = 1, signal } = options;
    const late = new DeferredWork(this.#gate);
    const read = await this.#task("read", options, async (scope) => {
      const taken = scope.own(await takeInput(input, this.#settings.limits));
      return await this.#reads.read({ ...taken, frame: page - 1 }, options, scope.signal, late);
    });
    if (late.length > 0) {
      const work = this.#task("deferred", signal ? { signal } : {}, (scope) =>
        late.run(scope.signal),
      );
      // The listener has heard of it.
      work.catch(() => undefined);
    }
    return presentPage(read);
  }

  /**
   * One image as a PNG, as a read sees it: upright, opaque, within the limits. For what cannot show the file itself: no
   * browser shows a TIFF, and a PDF holds JPEG and PNG only. It waits in turn with the reads and needs no model.
   *
   * @throws GlyphpoolError as {@link read}, but for those of models
   */
  async encode(input: ImageInput, options: EncodeOptions = {}): Promise<EncodedImage> {
    checkEncodeOptions(options);
    const { page = 1, onProgress, deadline, priority, group } = options;
    return await this.#task("encode", options, async (scope) => {
      const taken = scope.own(await takeInput(input, this.#settings.limits));
      const job = { ...taken, frame: page - 1, priority, group };
      return await this.#pool.encode(job, { signal: scope.signal, onProgress, deadline });
    });
  }

  /**
   * Reads a document page by page: a PDF, a TIFF of several pages, a list of images or one image. Pages come in the
   * order in which they are asked for, and while one is waited for, a bounded number of the next ones is read. A page
   * that cannot be read has an `error`; the others go on. Stopping the loop ends what is under way.
   *
   * Text that a PDF holds is taken from it where it is good, see {@link PagesOptions.text}.
   *
   * @example
   * ```ts
   * for await (const page of engine.pages("book.pdf", { pages: "1-5,r1" })) console.log(page.number, page.text);
   * ```
   * @throws GlyphpoolError `INVALID_OPTION`, `INVALID_INPUT`, `INPUT_NOT_FOUND`, `UNSUPPORTED_FORMAT`, `PAGE_NOT_FOUND`,
   *   `DOCUMENT_TOO_LARGE`, `PDF_CORRUPT`, `PDF_PASSWORD_REQUIRED`, `PDF_PASSWORD_WRONG`, `ABORTED`, `ENGINE_CLOSED`
   */
  pages(
    input: DocumentInput,
    options: PagesOptions = {},
  ): AsyncGenerator<DocumentPage & PageMethods, void, undefined> {
    this.#checkOpen();
    return this.#documents.read(input, options);
  }

  /**
   * Loads models before the first read needs them, on one worker. They stay until their idle timeout.
   *
   * @throws GlyphpoolError `ABORTED`, `DEADLINE_EXCEEDED`, `ENGINE_CLOSED`, `MODEL_*`,
   *   `GPU_OUT_OF_MEMORY`, `MEMORY_EXHAUSTED`, `DEVICE_LOST`, `WORKER_DIED`
   */
  async preload({ roles, ...limits }: PreloadOptions = {}): Promise<void> {
    await this.#task("preload", limits, ({ signal }) =>
      this.#pool.preload(this.#models, roles, { ...limits, signal }),
    );
  }

  /**
   * Calls the listener once for each read or preload that has ended, however it ended, when all that it held is free.
   *
   * @returns removes the listener
   */
  onTaskComplete(listener: TaskListener): Disposable {
    return this.#tasks.onTaskComplete(listener);
  }

  /**
   * Gives all memory back that no read needs: models are unloaded, and idle workers on wasm end. The
   * engine stays usable; the next read loads again what it needs.
   */
  async teardown(): Promise<void> {
    if (this.#closed) throw engineClosed();
    await this.#pool.teardown(CONTROL_DEADLINE);
    await this.#documents.rest();
    await this.#control.rest();
  }

  /** What the workers hold at this moment. */
  async stats(): Promise<EngineStats> {
    if (this.#closed) throw engineClosed();
    const all = await Promise.all(
      this.#pool.services.map((service) => service.stats(CONTROL_DEADLINE)),
    );
    const known = all.filter((stats) => stats !== undefined);
    return {
      wasmHeap: known.reduce((sum, { wasmHeap }) => sum + wasmHeap, 0),
      models: known.flatMap(({ models }) => models),
    };
  }

  /** Takes no new reads, and resolves when the others have ended or the milliseconds have passed. */
  async drain(deadline: number = this.#settings.drainDeadline): Promise<void> {
    this.#draining = true;
    const over = deferred<void>();
    const timer = setTimeout(over.resolve, deadline);
    await Promise.race([this.#tasks.whenIdle(), over.promise]);
    clearTimeout(timer);
  }

  /** Takes reads again after {@link drain}. */
  resume(): void {
    this.#draining = false;
  }

  /** Ends this engine with its page or process, see the setting `shutdown`. */
  shutDownWithHost(): void {
    const { drainDeadline } = this.#settings;
    const target = {
      drain: (deadline: number) => this.drain(deadline),
      close: () => this.close(),
      teardown: () => this.#suspend(),
      resume: () => this.#wake(),
    };
    this.#shutdown ??= installShutdown(target, { drainDeadline });
  }

  /** Ends the workers and gives all memory back; running and waiting reads fail with `ENGINE_CLOSED`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#shutdown?.[Symbol.dispose]();
    const usedDriver = this.#pool.services.some(({ info }) => info?.adapter);
    this.#pool.close();
    this.#control.close();
    await this.#documents.close();
    if (usedDriver && "Deno" in globalThis) await delay(DRIVER_FAREWELL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Releases what the work holds, and tells of its end, in any case. */
  async #task<T>(
    name: string,
    { signal, onComplete }: Pick<ReadOptions, "signal" | "onComplete">,
    work: (scope: TaskScope) => Promise<T>,
  ): Promise<T> {
    this.#checkOpen();
    throwIfAborted(signal);
    this.#control.checkIntake();
    const run = (scope: TaskScope): Promise<T> => {
      this.#control.busy(1);
      scope.defer(() => this.#control.busy(-1));
      return work(scope);
    };
    return await runTask(run, { signal, onComplete, name, registry: this.#tasks });
  }

  /** The page is put aside and may be frozen in a moment: all at once, and nothing to wait for. */
  #suspend(): void {
    for (const service of this.#pool.services) service.suspend("its page was put aside");
    void this.#control.leaveTabs();
  }

  #wake(): void {
    for (const service of this.#pool.services) service.resume();
    this.resume();
  }

  #checkOpen(): void {
    if (this.#closed) throw engineClosed();
    if (this.#draining) {
      const message = "The engine is shutting down and takes no new reads.";
      throw new GlyphpoolError("ENGINE_CLOSED", message);
    }
  }
}

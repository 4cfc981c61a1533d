/** Reads images and documents: takes tasks, and ends in good order. */
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import { checkEncodeOptions, checkReadOptions } from "../options/engine.ts";
import type { EncodeOptions, ReadOptions, ResolvedSettings } from "../options/engine.ts";
import type { PagesOptions } from "../options/pages.ts";
import { deferred } from "../core/deferred.ts";
import type { Deferred } from "../core/deferred.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { delay } from "../core/wait.ts";
import { Documents } from "../document/documents.ts";
import type { DocumentInput } from "../document/open-document.ts";
import type {
  EngineInfo,
  EngineOptions,
  EngineStats,
  ModelsOption,
  PreloadOptions,
  StructureOption,
} from "./engine-types.ts";
import { chooseIsolation } from "./isolation.ts";
import { TaskIntake } from "./intake.ts";
import { PageReads } from "./reads.ts";
import { engineClosed } from "../errors.ts";
import { presentPage } from "../output/present-page.ts";
import { EngineMemory } from "../pool/engine-memory.ts";
import type { MemoryControl } from "../pool/memory-control.ts";
import type { OcrServicePool } from "../pool/ocr-service-pool.ts";
import type { PoolLoad } from "../pool/pool-options.ts";
import { takeInput } from "../input/open-input.ts";
import type { AdapterInfo, ModelStatus, WorkerInfo } from "../pool/worker-types.ts";
import { DeferredWork } from "../tasks/deferred-work.ts";
import type { MemoryGate } from "../tasks/deferred-work.ts";
import type { TaskListener } from "../tasks/completion.ts";
import { installShutdown } from "../tasks/shutdown.ts";
import type { ShutdownHandle } from "../tasks/shutdown-target.ts";
import type { DocumentPage, EncodedImage, ImageInput, Page, PageMethods } from "../types.ts";

ensureDisposeSymbols();

export type {
  AdapterInfo,
  DocumentInput,
  EncodeOptions,
  EngineInfo,
  EngineMemory,
  EngineOptions,
  EngineStats,
  ModelStatus,
  ModelsOption,
  PagesOptions,
  PoolLoad,
  PreloadOptions,
  ReadOptions,
  StructureOption,
};

/**
 * Milliseconds that the thread of a Deno worker takes, at most, to put the GPU driver down after its
 * end. A process that exits in the middle of that crashes inside the driver.
 */
const DRIVER_FAREWELL = 500;

/** Reads images. Made by `createEngine`. */
export class Engine implements AsyncDisposable {
  /** What the workers hold, how that compares with the budget, and what is done about it. */
  readonly memory: EngineMemory;
  readonly #settings: ResolvedSettings;
  readonly #reads: PageReads;
  readonly #models: ModelSet;
  readonly #pool: OcrServicePool;
  readonly #control: MemoryControl;
  readonly #workers: number;
  readonly #intake: TaskIntake;
  readonly #gate: MemoryGate = { wait: (signal) => this.#control.whenPlenty(signal) };
  readonly #documents: Documents;
  #shutdown: ShutdownHandle | undefined;
  #closing: Deferred<void> | undefined;

  /** Not for callers: use `createEngine`. */
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
    this.#intake = new TaskIntake(control);
    const { limits, minConfidence, base } = settings;
    this.#reads = new PageReads({ pool, control, models, find, minConfidence });
    this.#documents = new Documents({
      limits,
      workers,
      workerFolder: base.workers,
      read: (picture, options, late) =>
        this.#intake.run("page", options, ({ signal }) =>
          this.#reads.read(picture, options, signal, late),
        ),
      gate: this.#gate,
      runLate: (late, signal) => this.#intake.runLate(late, signal),
      checkOpen: () => this.#intake.checkOpen(),
      present: presentPage,
    });
  }

  /** Backend, reason, adapter, runtime and models; of the latest worker where one had to be replaced. */
  get info(): EngineInfo {
    const worker = this.#pool.services[0]?.info as WorkerInfo;
    const { name, detection, recognition } = this.#models;
    const modelIds = [detection.id, recognition.id];
    const isolation = chooseIsolation(this.#settings);
    return { ...worker, models: name, modelIds, workers: this.#workers, ...isolation };
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
    const read = await this.#intake.run("read", options, async (scope) => {
      const late = new DeferredWork(this.#gate);
      const taken = scope.own(await takeInput(input, this.#settings.limits));
      const picture = { ...taken, frame: page - 1 };
      const result = await this.#reads.read(picture, options, scope.signal, late);
      // Begun before this task ends, so that a drain that waits for it waits for both. The listener hears of failures.
      if (!scope.signal.aborted) void this.#intake.runLate(late, signal).catch(() => undefined);
      return result;
    });
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
    return await this.#intake.run("encode", options, async (scope) => {
      const taken = scope.own(await takeInput(input, this.#settings.limits));
      const call = { ...taken, name: "encode", frame: page - 1, priority, group } as const;
      return await this.#pool.run(call, { signal: scope.signal, onProgress, deadline });
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
    this.#intake.checkOpen();
    return this.#documents.read(input, options);
  }

  /**
   * Loads models before the first read needs them, on one worker. They stay until their idle timeout.
   *
   * @throws GlyphpoolError `ABORTED`, `DEADLINE_EXCEEDED`, `ENGINE_CLOSED`, `MODEL_*`,
   *   `GPU_OUT_OF_MEMORY`, `MEMORY_EXHAUSTED`, `DEVICE_LOST`, `WORKER_DIED`
   */
  async preload({ roles, ...limits }: PreloadOptions = {}): Promise<void> {
    await this.#intake.run("preload", limits, ({ signal }) =>
      this.#pool.run({ name: "preload", models: this.#models, roles }, { ...limits, signal }),
    );
  }

  /**
   * Calls the listener once for each read or preload that has ended, however it ended, when all that it held is free.
   *
   * @returns removes the listener
   */
  onTaskComplete(listener: TaskListener): Disposable {
    return this.#intake.onTaskComplete(listener);
  }

  /**
   * Gives all memory back that no read needs: models are unloaded, and idle workers on wasm end. The
   * engine stays usable; the next read loads again what it needs.
   */
  async teardown(): Promise<void> {
    if (this.#closing) throw engineClosed();
    await this.#pool.teardown();
    await this.#documents.rest();
    await this.#control.rest();
  }

  /** What the workers hold at this moment. */
  async stats(): Promise<EngineStats> {
    if (this.#closing) throw engineClosed();
    const all = await Promise.all(this.#pool.services.map((service) => service.stats()));
    const known = all.filter((stats) => stats !== undefined);
    return {
      wasmHeap: known.reduce((sum, { wasmHeap }) => sum + wasmHeap, 0),
      models: known.flatMap(({ models }) => models),
    };
  }

  /** Takes no new reads, and resolves when the others have ended or the milliseconds have passed. */
  async drain(deadline: number = this.#settings.drainDeadline): Promise<void> {
    await this.#intake.drain(deadline);
  }

  /** Takes reads again after {@link drain}. */
  resume(): void {
    this.#intake.resume();
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
    if (!this.#closing) {
      const closing = (this.#closing = deferred<void>());
      this.#end().then(closing.resolve, closing.reject);
    }
    // Whoever closes it second waits as long as the first.
    await this.#closing.promise;
  }

  async #end(): Promise<void> {
    this.#shutdown?.[Symbol.dispose]();
    this.#intake.close();
    const usedDriver = this.#pool.services.some(({ info }) => info?.adapter);
    this.#pool.close();
    this.#control.close();
    await this.#documents.close();
    if (usedDriver && "Deno" in globalThis) await delay(DRIVER_FAREWELL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The page is put aside and may be frozen in a moment: all at once, and nothing to wait for. */
  #suspend(): void {
    this.#pool.suspend("its page was put aside");
    void this.#documents.rest();
    void this.#control.leaveTabs();
  }

  #wake(): void {
    this.#pool.wake();
    this.resume();
  }
}

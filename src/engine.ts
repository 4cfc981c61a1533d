/** The composition root: options in, an engine out that reads images. */
import type { ModelSet } from "./catalog/manifest.ts";
import { resolveModels } from "./catalog/resolve.ts";
import type { UserModelFiles } from "./catalog/resolve.ts";
import { checkReadOptions, resolveSettings } from "./config.ts";
import type { ReadOptions, ResolvedSettings, Settings } from "./config.ts";
import { ensureDisposeSymbols } from "./core/dispose.ts";
import { delay } from "./core/wait.ts";
import { throwIfAborted } from "./errors.ts";
import { OcrServicePool } from "./pool/ocr-service-pool.ts";
import { OcrService, engineClosed } from "./pool/ocr-service.ts";
import type { OcrServiceOptions } from "./pool/ocr-service.ts";
import { takeInput } from "./pool/open-input.ts";
import { spawnWorker } from "./pool/spawn.ts";
import type { AdapterInfo, ModelStatus, WorkerInfo } from "./pool/worker-link.ts";
import type { ImageInput, Page } from "./types.ts";

ensureDisposeSymbols();

/** What names a set of models. */
export type ModelsOption = string | URL | ModelSet | UserModelFiles;

export interface EngineOptions extends Settings {
  /**
   * A preset's name, the folder or URL of a model set, its manifest, or model files. Default
   * `embedded`, which needs no network.
   */
  readonly models?: ModelsOption;
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

export type { AdapterInfo, ModelStatus, ReadOptions };

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
  const settings = resolveSettings(options, ["models"]);
  const source = options.models ?? "embedded";
  const models = await findModels(source, settings.language, settings);
  const create = (index: number): OcrService => new OcrService(serviceOptions(settings, index));
  const first = create(0);
  try {
    const info = await first.start();
    const workers = settings.workers ?? defaultWorkers(info);
    return new Engine(
      settings,
      source,
      models,
      new OcrServicePool(first, workers, create),
      workers,
    );
  } catch (error) {
    first.close();
    throw error;
  }
}

/** Reads images. Made by {@link createEngine}. */
export class Engine implements AsyncDisposable {
  readonly #settings: ResolvedSettings;
  readonly #source: ModelsOption;
  readonly #models: ModelSet;
  /** Sets for other languages; the same object each time, because a worker gets each set once. */
  readonly #otherLanguages = new Map<string, Promise<ModelSet>>();
  readonly #pool: OcrServicePool;
  readonly #workers: number;
  #closed = false;

  /** Not for callers: use {@link createEngine}. */
  constructor(
    settings: ResolvedSettings,
    source: ModelsOption,
    models: ModelSet,
    pool: OcrServicePool,
    workers: number,
  ) {
    this.#settings = settings;
    this.#source = source;
    this.#models = models;
    this.#pool = pool;
    this.#workers = workers;
  }

  /** Backend, reason, adapter, runtime and models; of the latest worker where one had to be replaced. */
  get info(): EngineInfo {
    const worker = this.#pool.services[0]?.info as WorkerInfo;
    return { ...worker, models: this.#models.name, workers: this.#workers };
  }

  /**
   * Reads the text of one image.
   *
   * @throws GlyphpoolError `INVALID_OPTION`, `INVALID_INPUT`, `INPUT_NOT_FOUND`,
   *   `UNSUPPORTED_FORMAT`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`, `UNSUPPORTED_LANGUAGE`, `MODEL_*`,
   *   `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`, `INFERENCE_FAILED`, `ABORTED`, `DEADLINE_EXCEEDED`,
   *   `WORKER_DIED`, `ENGINE_CLOSED`
   */
  async read(input: ImageInput, options: ReadOptions = {}): Promise<Page> {
    if (this.#closed) throw engineClosed();
    checkReadOptions(options);
    const { signal, onProgress, language, deadline, minConfidence, ...pipeline } = options;
    throwIfAborted(signal);
    const settings = this.#settings;
    const open = await takeInput(input, settings.limits);
    const models = language === undefined ? this.#models : await this.#modelsFor(language);
    return await this.#pool.read(
      {
        open,
        models,
        options: { ...pipeline, minConfidence: minConfidence ?? settings.minConfidence },
      },
      { signal, onProgress, deadline: deadline ?? settings.deadline },
    );
  }

  async #modelsFor(language: string): Promise<ModelSet> {
    let models = this.#otherLanguages.get(language);
    if (!models) {
      models = findModels(this.#source, language, this.#settings);
      this.#otherLanguages.set(language, models);
      // What failed once may work later: a folder can be filled, a server can come back.
      models.catch(() => this.#otherLanguages.delete(language));
    }
    return await models;
  }

  /** Unloads every model that is not in use. The engine stays usable and loads them again. */
  async teardown(): Promise<void> {
    if (this.#closed) throw engineClosed();
    await this.#pool.teardown(CONTROL_DEADLINE);
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

  /** Ends the workers and gives all memory back; running and waiting reads fail with `ENGINE_CLOSED`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const usedDriver = this.#pool.services.some(({ info }) => info?.adapter);
    this.#pool.close();
    if (usedDriver && "Deno" in globalThis) await delay(DRIVER_FAREWELL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function findModels(
  source: ModelsOption,
  language: string | undefined,
  settings: ResolvedSettings,
): Promise<ModelSet> {
  const set = await resolveModels(source, { language });
  if (settings.orientation) return set;
  const { orientation: _turned, ...rest } = set;
  return rest;
}

function serviceOptions(settings: ResolvedSettings, index: number): OcrServiceOptions {
  const { backend, runtime, threads, limits, cache, startDeadline } = settings;
  return {
    spawn: spawnWorker,
    name: `glyphpool-${index}`,
    config: { backend, runtime, limits, cache, ...(threads === undefined ? {} : { threads }) },
    startDeadline,
  };
}

/** One GPU is not faster with two workers; wasm without threads has only workers to use the cores with. */
function defaultWorkers({ backend }: WorkerInfo): number {
  if (backend === "webgpu" || !("Deno" in globalThis)) return 1;
  return Math.min(4, navigator.hardwareConcurrency);
}

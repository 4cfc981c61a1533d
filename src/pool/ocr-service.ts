/** The host's side of one worker slot: starts a worker when one is needed, and again when it died. */
import { transfer } from "comlink";
import { Deadline, untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { ModelSet } from "../catalog/manifest.ts";
import type { Page, Progress } from "../types.ts";
import type { PipelineOptions, WireInput, WorkerConfig, WorkerInfo } from "./worker-link.ts";
import type { WorkerStats } from "./worker-link.ts";
import { WorkerLink } from "./worker-link.ts";
import type { WorkerLike } from "./worker-like.ts";

export interface OcrServiceOptions {
  /** Makes a new worker. Its module must serve the worker API. */
  readonly spawn: (name: string) => WorkerLike;
  /** Shown by developer tools. */
  readonly name: string;
  readonly config: WorkerConfig;
  /** Milliseconds for the start of a worker, 0 for no end. */
  readonly startDeadline: number;
}

/** An input that can cross to the worker. */
export interface OpenInput {
  readonly input: WireInput;
  /** What the host gives away. */
  readonly transfer: Transferable[];
}

export interface ReadJob {
  /** Called when a worker is free, so that waiting jobs hold no pixels that they need not hold. */
  readonly open: (signal: AbortSignal | undefined) => Promise<OpenInput>;
  readonly models: ModelSet;
  readonly options: PipelineOptions;
}

export interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for everything after the queue, the start of a worker included; 0 for no end. */
  readonly deadline: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

interface Running {
  readonly link: WorkerLink;
  readonly info: WorkerInfo;
}

/** Errors after which the worker's memory cannot be trusted any more. */
const FATAL: ReadonlySet<string> = new Set(["DEVICE_LOST"]);

let nextCall = 1;

export class OcrService {
  readonly #options: OcrServiceOptions;
  #running: Promise<Running> | undefined;
  /** The link of `#running`, known before its start has finished. */
  #link: WorkerLink | undefined;
  #info: WorkerInfo | undefined;
  #closed = false;
  #busy: Promise<void> = Promise.resolve();

  constructor(options: OcrServiceOptions) {
    this.#options = options;
  }

  /** What the latest worker found out while it started. */
  get info(): WorkerInfo | undefined {
    return this.#info;
  }

  /**
   * Starts the worker, unless it runs.
   *
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `WORKER_DIED`, `ENGINE_CLOSED`
   */
  async start(): Promise<WorkerInfo> {
    return (await this.#ensure()).info;
  }

  /**
   * Reads one image. An abort rejects at once, while the worker comes to a halt at its next stage:
   * {@link whenIdle} tells when it has.
   *
   * @throws GlyphpoolError
   */
  async read(job: ReadJob, limits: CallLimits): Promise<Page> {
    throwIfAborted(limits.signal);
    const work = this.#read(job, limits);
    this.#busy = work.then(
      () => undefined,
      () => undefined,
    );
    return await untilAborted(work, limits.signal);
  }

  /** Resolves when the latest read has left the worker, or the worker has died. */
  whenIdle(): Promise<void> {
    return this.#busy;
  }

  /** Unloads the worker's idle models; nothing happens without a worker. */
  async teardown(deadline: number): Promise<void> {
    using clock = new Deadline(deadline);
    const running = await this.#current();
    await running?.link.call((api) => api.teardown(), clock);
  }

  /** The worker's own figures; absent without a worker. */
  async stats(deadline: number): Promise<WorkerStats | undefined> {
    using clock = new Deadline(deadline);
    const running = await this.#current();
    return await running?.link.call((api) => api.stats(), clock);
  }

  /** Ends the worker at once; what waits for it is rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#closed = true;
    this.#link?.kill(engineClosed());
  }

  async #read(job: ReadJob, { signal, deadline, onProgress }: CallLimits): Promise<Page> {
    using clock = new Deadline(deadline);
    const { link } = await clock.guard(this.#ensure());
    const { input, transfer: gifts } = await clock.guard(job.open(signal));
    throwIfAborted(signal);
    const id = nextCall++;
    using listening = link.listen(id, (progress) => {
      // Bytes that arrive prove that the worker is alive; the network may be as slow as it is.
      if (progress.stage === "download") clock.restart();
      if (!signal?.aborted) onProgress?.(progress);
    });
    void listening;
    const onAbort = (): void => link.cancel(id);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const request = { ...job.options, id, input, models: link.share(job.models) };
      return await link.call((api) => api.read(transfer(request, gifts)), clock);
    } catch (error) {
      if (GlyphpoolError.is(error) && FATAL.has(error.code)) link.kill(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #current(): Promise<Running | undefined> {
    return this.#link?.death ? undefined : await this.#running;
  }

  #ensure(): Promise<Running> {
    if (this.#closed) return Promise.reject(engineClosed());
    if (!this.#running || this.#link?.death) this.#running = this.#launch();
    return this.#running;
  }

  async #launch(): Promise<Running> {
    const { config } = this.#options;
    try {
      return await this.#spawn(config);
    } catch (error) {
      if (config.backend !== "auto" || this.#closed || !(error instanceof Error)) throw error;
      if (!GlyphpoolError.is(error) || !error.retryable) throw error;
      // A driver that hangs or crashes takes the worker with it, before it can fall back by itself.
      const running = await this.#spawn({ ...config, backend: "wasm" });
      const reason = `the worker did not survive its start with WebGPU: ${error.message}`;
      this.#info = { ...running.info, reason };
      return { link: running.link, info: this.#info };
    }
  }

  async #spawn(config: WorkerConfig): Promise<Running> {
    const link = new WorkerLink(this.#options.spawn(this.#options.name));
    this.#link = link;
    try {
      const info = await link.init(config, this.#options.startDeadline);
      this.#info = info;
      return { link, info };
    } catch (error) {
      // The runtime refuses a second start in the same realm.
      link.kill(error as GlyphpoolError);
      throw error;
    }
  }
}

/** The error of every call to a closed engine. */
export function engineClosed(): GlyphpoolError {
  return new GlyphpoolError("ENGINE_CLOSED", "The engine is closed. Create a new one.");
}

/** The host's side of one worker slot: calls that end in any case, on a worker that may not. */
import { Deadline, untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { WorkerMemory } from "../memory/snapshot.ts";
import { WorkerKeeper } from "../rpc/keeper.ts";
import type { WorkerCounts, WorkerEvent } from "../rpc/keeper.ts";
import type { Invoke } from "../rpc/link.ts";
import type { Call, CallLimits, ReadCall, ResultOf } from "./call.ts";
import { ReadClock } from "./read-clock.ts";
import type { OcrServiceOptions } from "./service-options.ts";
import { sendCall } from "./send-call.ts";
import type { CallListeners } from "./send-call.ts";
import type {
  ManagerSettings,
  MemoryMessage,
  OcrLink,
  OcrState,
  PermitMessage,
  ProgressMessage,
  WorkerApi,
  WorkerConfig,
  WorkerInfo,
  WorkerStats,
} from "./worker-types.ts";

export type { CallLimits, OcrServiceOptions, ReadCall, WorkerCounts, WorkerEvent };

/** See {@link OcrServiceOptions.controlDeadline}. */
const CONTROL_DEADLINE = 60_000;

/** Errors of calls whose worker may be gone. */
const LOST: ReadonlySet<string> = new Set(["WORKER_DIED", "DEVICE_LOST", "DEADLINE_EXCEEDED"]);

/** Milliseconds that a second attempt needs at least; timers are no more exact than this. */
const SHORTEST_RERUN = 10;

export class OcrService {
  readonly #options: OcrServiceOptions;
  readonly #keeper: WorkerKeeper<WorkerApi, OcrState>;
  readonly #now: () => number;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #questions = new Set<Promise<unknown>>();
  readonly #listeners: CallListeners = new Map();
  #config: WorkerConfig;
  #info: WorkerInfo | undefined;
  #memory: WorkerMemory | undefined;
  /** The runtime's wasm as the first worker has compiled it: the next ones start without compiling. */
  #module: WebAssembly.Module | undefined;
  #reruns = 0;

  constructor(options: OcrServiceOptions) {
    const { spawn, name, respawn, now, random } = options;
    this.#options = options;
    this.#config = options.config;
    this.#now = now ?? (() => performance.now());
    this.#keeper = new WorkerKeeper<WorkerApi, OcrState>({
      title: "OCR worker",
      spawn: () => spawn(name),
      start: (link, failure) => this.#start(link, failure),
      // A driver that hangs or crashes takes the worker with it, before it can fall back by itself.
      retry: ({ retryable }) => retryable && this.#config.backend === "auto",
      respawn,
      now,
      random,
      onEvent: (event) => {
        if (event.type === "died" || event.type === "recycled") this.#memory = undefined;
        options.onEvent?.(event);
      },
      onMessage: (data) => this.#hear(data),
    });
  }

  /** What the latest worker found out while it started. */
  get info(): WorkerInfo | undefined {
    return this.#info;
  }

  /** What the worker told last of its memory; absent without a worker, which holds nothing. */
  get memory(): WorkerMemory | undefined {
    return this.#memory;
  }

  /** Whether there is a worker, or one that starts. */
  get hasWorker(): boolean {
    return this.#keeper.current !== undefined;
  }

  /** How often workers came and went, and how many calls were run a second time. */
  get counts(): WorkerCounts & { readonly reruns: number } {
    return { ...this.#keeper.counts, reruns: this.#reruns };
  }

  /** Whether a call is under way, an aborted one included that has not left its worker yet. */
  get busy(): boolean {
    return this.#calls.size > 0;
  }

  /**
   * Starts the worker, unless it runs.
   *
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `WORKER_DIED`, `ENGINE_CLOSED`
   */
  async start(): Promise<WorkerInfo> {
    return (await this.#keeper.ensure()).state.info;
  }

  /**
   * Has the worker do a call. When the worker is lost under it, a repeatable one is run once more on a new one.
   *
   * An abort rejects at once. The worker cannot be interrupted in the middle of a model's run; it comes
   * to a halt at its next stage, and is killed if it has not by the deadline. {@link whenIdle} tells. (A
   * Deno worker that is killed in the middle of a run is given up, but its thread ends only after the
   * run; a child process ends at once.)
   *
   * @throws GlyphpoolError
   */
  async run<C extends Call>(call: C, limits: CallLimits): Promise<ResultOf<C>> {
    throwIfAborted(limits.signal);
    return await untilAborted(track(this.#calls, this.#attempt(call, limits)), limits.signal);
  }

  /** Resolves when all calls so far have left the worker, or the worker has gone. */
  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }

  /**
   * Replaces the worker when it is idle; the new one starts with the next read, or at once. False when
   * there is none, or it is too young: see `respawn.minLife`.
   */
  async recycle(
    reason: string,
    { restart = false }: { readonly restart?: boolean } = {},
  ): Promise<boolean> {
    const done = await this.#keeper.recycle(reason, async () => {
      await Promise.allSettled([...this.#calls, ...this.#questions]);
    });
    // A start that fails now fails again, and is told, when somebody needs the worker.
    if (done && restart) this.#keeper.ensure().catch(() => undefined);
    return done;
  }

  /** Unloads the worker's idle models; nothing happens without a worker. */
  async teardown(): Promise<void> {
    this.#keeper.present?.state.warm.clear();
    await this.#ask((api) => api.teardown());
  }

  /** The worker's own figures; absent without a worker. */
  async stats(): Promise<WorkerStats | undefined> {
    return await this.#ask((api) => api.stats());
  }

  /** Unloads the fewest idle models that hold so many bytes. @returns the bytes that were freed */
  async evict(bytes: number): Promise<number> {
    return (await this.#ask((api) => api.evict(bytes))) ?? 0;
  }

  /** Gives back what the worker keeps only for speed. */
  async trim(): Promise<void> {
    await this.#ask((api) => api.trim());
  }

  /** Replaces the GPU device; false on wasm, while a model is in use, and without a worker. */
  async recycleDevice(): Promise<boolean> {
    this.#keeper.present?.state.warm.clear();
    return (await this.#ask((api) => api.recycleDevice())) ?? false;
  }

  /** Changes settings of the models, for this worker and for those that follow; what is absent stays. */
  async configure(settings: ManagerSettings): Promise<void> {
    this.#config = { ...this.#config, models: { ...this.#config.models, ...settings } };
    await this.#ask((api) => api.configure(settings));
  }

  /** Asks for the memory now; absent without a worker. @throws GlyphpoolError `WORKER_DIED` */
  async measure(): Promise<WorkerMemory | undefined> {
    return await this.#ask((api) => api.memory());
  }

  /** Ends the worker in this very turn, however young it is; the next read starts a new one. */
  end(reason: string): void {
    this.#keeper.end(reason);
  }

  /** Ends the worker in this very turn; reads wait for {@link resume}. */
  suspend(reason: string): void {
    this.#keeper.suspend(reason);
  }

  resume(): void {
    this.#keeper.resume();
  }

  /** Ends the worker at once; what waits for it is rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#keeper.close();
    this.#memory = this.#module = undefined;
  }

  async #start(link: OcrLink, failure: GlyphpoolError | undefined): Promise<OcrState> {
    const { startDeadline } = this.#options;
    const module = this.#module;
    // Modules cross between workers, but not to another process.
    const compiled = link.ownProcess ? {} : { compiled: module ? { module } : {} };
    const config = {
      ...this.#config,
      ...compiled,
      ...(failure ? { backend: "wasm" as const } : {}),
    };
    const started = await link.start((api, own) => api.init({ ...config, ...own }), startDeadline);
    const { module: own, ...told } = started;
    this.#module ??= own;
    const reason = `the worker did not survive its start with WebGPU: ${failure?.message}`;
    this.#info = failure ? { ...told, reason } : told;
    return { info: this.#info, warm: new Set(), sets: new Set() };
  }

  /** What the worker tells without being asked. */
  #hear(data: unknown): void {
    const message = (data ?? {}) as Partial<ProgressMessage & MemoryMessage & PermitMessage>;
    const caller = message.call === undefined ? undefined : this.#listeners.get(message.call);
    if (message.progress) caller?.onProgress(message.progress);
    if (message.permit !== undefined) caller?.onPermit(message as PermitMessage);
    const { memory } = message;
    if (!memory) return;
    const ready = new Set(memory.models.filter(isReady).map(({ id }) => id));
    const before = this.#memory?.models.filter(isReady) ?? [];
    // What has to be loaded again may have to be compiled again.
    if (before.some(({ id }) => !ready.has(id))) this.#keeper.present?.state.warm.clear();
    this.#memory = memory;
    this.#options.onMemory?.(memory);
  }

  async #attempt<C extends Call>(call: C, limits: CallLimits): Promise<ResultOf<C>> {
    const { deadline = 120_000, warmDeadline } = this.#options;
    using clock = new ReadClock(limits.deadline ?? deadline, this.#now);
    const repeatable = call.name === "preload" || (call.repeatable ?? false);
    const sender = { listeners: this.#listeners, warmDeadline };
    let first: unknown;
    for (;;) {
      let link: OcrLink | undefined;
      try {
        clock.step();
        const running = await untilAborted(clock.guard(this.#keeper.ensure()), limits.signal);
        ({ link } = running);
        const result = await sendCall(running, call, limits, clock, sender);
        this.#keeper.policy.succeeded();
        return result;
      } catch (error) {
        const lost = GlyphpoolError.is(error) && LOST.has(error.code);
        if (!lost) throw error;
        // A call that kills its worker twice is poison: nobody else shall pay for a third.
        if (first) throw first;
        // Before there is a worker nothing was given away, so any call can be run again.
        const safe = repeatable || !link;
        const gone = !link || link.death !== undefined;
        const late = clock.left < SHORTEST_RERUN || limits.signal?.aborted || this.#keeper.closed;
        if (!safe || !gone || late) throw error;
        first = error;
        this.#reruns++;
      }
    }
  }

  /** A small question to the worker, if there is one. A busy one answers when it has time. */
  async #ask<T>(invoke: Invoke<WorkerApi, T>): Promise<T | undefined> {
    const { current } = this.#keeper;
    if (!current) return undefined;
    const { controlDeadline = CONTROL_DEADLINE } = this.#options;
    using clock = new Deadline(controlDeadline);
    const { link } = await clock.guard(current);
    return await track(this.#questions, link.ask(invoke, controlDeadline));
  }
}

function isReady({ state }: { state: string }): boolean {
  return state === "ready";
}

/** Keeps a promise in the set until it settles. */
function track<T>(set: Set<Promise<unknown>>, promise: Promise<T>): Promise<T> {
  const forget = (): void => void set.delete(promise);
  set.add(promise);
  promise.then(forget, forget);
  return promise;
}

/** One worker, from its start to its end. Calls settle in any case: with a result, or with its death. */
import { releaseProxy, wrap } from "comlink";
import type { Remote } from "comlink";
import type {
  AdapterInfo,
  Envelope,
  ManagerSettings,
  MemoryMessage,
  ModelSettings,
  ModelStatus,
  PermitMessage,
  ProgressMessage,
  ReadRequest,
  RuntimeKind,
  SharedSet,
  StartedWorker,
  WireInput,
  WorkerApi,
  WorkerConfig,
  WorkerInfo,
  WorkerMemory,
  WorkerReadOptions,
  WorkerStats,
} from "../../workers/ocr/worker-api.ts";
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import { Breaker } from "../core/breaker.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { Deadline } from "../core/wait.ts";
import { GlyphpoolError, fromWireError } from "../errors.ts";
import type { Progress } from "../types.ts";
import type { WorkerLike } from "./worker-like.ts";

/** The host's one way to the worker's types. */
export type {
  AdapterInfo,
  Envelope,
  ManagerSettings,
  MemoryMessage,
  ModelSettings,
  ModelStatus,
  PermitMessage,
  ReadRequest,
  RuntimeKind,
  WireInput,
  WorkerApi,
  WorkerConfig,
  WorkerInfo,
  WorkerMemory,
  WorkerReadOptions,
  WorkerStats,
};

ensureDisposeSymbols();

const setIds = new WeakMap<ModelSet, number>();
let nextSetId = 1;

/** What the owner of a link hears of its worker. */
export interface LinkListeners {
  /** Once, whoever ended the worker. */
  readonly onDeath?: ((reason: GlyphpoolError) => void) | undefined;
  /** Whenever the worker tells what it holds. */
  readonly onMemory?: ((memory: WorkerMemory) => void) | undefined;
}

/** What the caller hears of one call. */
export interface CallListeners {
  readonly onProgress: (progress: Progress) => void;
  readonly onPermit?: ((message: PermitMessage) => void) | undefined;
}

/** Anything that limits the time of a call. */
export interface Clock {
  guard<T>(promise: Promise<T>): Promise<T>;
}

export class WorkerLink {
  readonly #worker: WorkerLike;
  readonly #listeners: LinkListeners;
  readonly #api: Remote<WorkerApi>;
  readonly #death = new Breaker();
  readonly #lockWait = new AbortController();
  readonly #sharedSets = new Set<number>();
  readonly #calls = new Map<number, CallListeners>();

  constructor(worker: WorkerLike, listeners: LinkListeners = {}) {
    this.#worker = worker;
    this.#listeners = listeners;
    this.#api = wrap<WorkerApi>(worker);
    worker.addEventListener("error", (event) => {
      // Without this, Deno ends the parent together with its worker.
      event.preventDefault();
      const { message } = event as Partial<ErrorEvent>;
      this.kill(died(message || "it failed to start or threw an error"));
    });
    worker.addEventListener("messageerror", () => {
      // The call that this message belonged to would wait for ever.
      this.kill(died("one of its messages could not be read"));
    });
    worker.addEventListener("message", (event) => {
      const { data } = event as MessageEvent<
        Partial<ProgressMessage & MemoryMessage & PermitMessage> | undefined
      >;
      const { call, progress, permit } = data ?? {};
      const caller = call === undefined ? undefined : this.#calls.get(call);
      if (progress) caller?.onProgress(progress);
      if (permit !== undefined) caller?.onPermit?.(data as PermitMessage);
      if (data?.memory && !this.#death.error) this.#listeners.onMemory?.(data.memory);
    });
  }

  /** Why the worker is dead; absent while it lives. */
  get death(): Error | undefined {
    return this.#death.error;
  }

  /**
   * Starts the worker's runtime. Has to be the first call.
   *
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `WORKER_DIED`
   */
  async init(config: WorkerConfig, deadline: number): Promise<StartedWorker> {
    using clock = new Deadline(deadline);
    // Node and insecure pages have no locks; there only deadlines end a silent death.
    const platform = globalThis.navigator as Partial<Navigator> | undefined;
    const locks = this.#worker.announcesDeath ? undefined : platform?.locks;
    const lifeLock = `glyphpool-${Math.random().toString(36).slice(2)}-${Date.now()}`;
    const full = locks ? { ...config, lifeLock } : config;
    const info = await this.call((api) => api.init(full), clock);
    if (locks) void this.#watch(locks, lifeLock);
    return info;
  }

  /**
   * Calls the worker. When the clock runs out the worker is killed, because it may be busy for ever;
   * a `patient` call only gives up.
   *
   * @throws GlyphpoolError whatever the worker answers, `WORKER_DIED`, `DEADLINE_EXCEEDED`
   */
  async call<T>(
    invoke: (api: Remote<WorkerApi>) => Promise<Envelope<T>>,
    clock: Clock,
    { patient = false }: { readonly patient?: boolean } = {},
  ): Promise<T> {
    if (this.#death.error) throw this.#death.error;
    let envelope: Envelope<T>;
    try {
      envelope = await clock.guard(this.#death.guard(invoke(this.#api)));
    } catch (error) {
      if (GlyphpoolError.is(error) && error.code === "DEADLINE_EXCEEDED" && !patient) {
        this.kill(died("another call exceeded its deadline, so it was replaced"));
      }
      throw GlyphpoolError.is(error) ? error : internal(error);
    }
    if (envelope.ok) return envelope.value;
    throw fromWireError(envelope.error);
  }

  /** The form of a model set that this worker needs: the whole of it only once. */
  share(set: ModelSet): SharedSet {
    let id = setIds.get(set);
    if (id === undefined) setIds.set(set, (id = nextSetId++));
    if (this.#sharedSets.has(id)) return { id };
    this.#sharedSets.add(id);
    return { id, set };
  }

  /** Hears what one call tells until the result is disposed. */
  listen(call: number, listeners: CallListeners): Disposable {
    this.#calls.set(call, listeners);
    return { [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  /** Gives the share of a structure stage that a call has asked for. */
  grant(permit: number): void {
    if (!this.#death.error) void this.#api.grant(permit);
  }

  /** Tells the worker to stop a read; it does so at its next stage. */
  cancel(call: number): void {
    if (!this.#death.error) void this.#api.cancel(call);
  }

  /** Ends the worker and rejects what waits for it. The first reason stands. */
  kill(reason: GlyphpoolError): void {
    if (this.#death.error) return;
    this.#death.trip(reason);
    this.#lockWait.abort();
    this.#api[releaseProxy]();
    this.#worker.terminate();
    this.#listeners.onDeath?.(reason);
  }

  /** The lock becomes free when the worker is gone, also after `close()`, which raises no event. */
  async #watch(locks: LockManager, name: string): Promise<void> {
    try {
      await locks.request(name, { signal: this.#lockWait.signal }, () => {
        this.kill(died("it closed without a word"));
      });
    } catch {
      // Killed from this side: nobody has to be told.
    }
  }
}

/** The error of what waited for a worker that is gone. */
export function died(why: string): GlyphpoolError {
  return new GlyphpoolError("WORKER_DIED", `The OCR worker is gone: ${why}.`);
}

/** Something in the arguments cannot be cloned, or the worker is not ours. */
function internal(cause: unknown): GlyphpoolError {
  const message = `The call could not be passed to the worker: ${String(cause)}`;
  return new GlyphpoolError("INTERNAL", message, { cause });
}

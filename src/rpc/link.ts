/** One worker, from its start to its end. Calls settle in any case: with a result, or with its death. */
import { releaseProxy, wrap } from "comlink";
import type { Remote } from "comlink";
import { Breaker } from "../core/breaker.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { Deadline } from "../core/wait.ts";
import { GlyphpoolError, fromWireError } from "../errors.ts";
import type { Envelope } from "./envelope.ts";
import { watchLife } from "./life-lock.ts";
import type { WorkerLike } from "./worker-like.ts";

ensureDisposeSymbols();

/** What every worker has to know of itself when it starts. */
export interface StartOptions {
  /** A Web Lock that the worker holds for as long as it lives; see `life-lock.ts`. */
  readonly lifeLock?: string;
  /** Whether the worker has a process of its own, whose size it tells then. */
  readonly ownProcess?: boolean;
}

export interface LinkOptions {
  /** What error messages call the worker: "OCR worker". */
  readonly title: string;
  /** Called once, whoever ended the worker. */
  readonly onDeath?: ((reason: GlyphpoolError) => void) | undefined;
  /** Gets what the worker posts past its calls. */
  readonly onMessage?: ((data: unknown) => void) | undefined;
  /** The error of a process that ended with this exit code, where it is not just dead. */
  readonly explainExit?: ((code: number) => GlyphpoolError | undefined) | undefined;
}

/** Anything that limits the time of a call. */
export interface Clock {
  guard<T>(promise: Promise<T>): Promise<T>;
}

export type Invoke<Api, T> = (api: Remote<Api>) => Promise<Envelope<T>>;

export class Link<Api> {
  readonly #worker: WorkerLike;
  readonly #options: LinkOptions;
  readonly #api: Remote<Api>;
  readonly #death = new Breaker();
  readonly #lockWait = new AbortController();
  /** Work that the worker has not answered yet. */
  #work = 0;
  /** The clocks of questions; they stand still while there is work. */
  readonly #questions = new Set<Deadline>();
  #startBytes: number | undefined;
  #processBytes: number | undefined;

  constructor(worker: WorkerLike, options: LinkOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#api = wrap<Api>(worker);
    worker.addEventListener("error", (event) => {
      // Without this, Deno ends the parent together with its worker.
      event.preventDefault();
      const { message, code } = event as Partial<ErrorEvent & { code: number }>;
      const explained = code === undefined ? undefined : options.explainExit?.(code);
      this.kill(explained ?? this.died(message || "it failed to start or threw an error"));
    });
    worker.addEventListener("messageerror", () => {
      // The call that this message belonged to would wait forever.
      this.kill(this.died("one of its messages could not be read"));
    });
    worker.addEventListener("message", (event) => {
      if (!this.#death.error) options.onMessage?.((event as MessageEvent<unknown>).data);
    });
  }

  /** Why the worker is dead; absent while it lives. */
  get death(): Error | undefined {
    return this.#death.error;
  }

  /** Whether the worker has a process of its own. */
  get ownProcess(): boolean {
    return this.#worker.announcesDeath ?? false;
  }

  /** Bytes that its process has grown by since its start; absent where it tells none. */
  get growth(): number | undefined {
    const [start, now] = [this.#startBytes, this.#processBytes];
    return start === undefined || now === undefined ? undefined : now - start;
  }

  /** The error of what waited for this worker when it has gone. */
  died(why: string): GlyphpoolError {
    return new GlyphpoolError("WORKER_DIED", `The ${this.#options.title} is gone: ${why}.`);
  }

  /**
   * Starts what runs inside the worker. Has to be the first call.
   *
   * @param deadline milliseconds, 0 for no end
   * @throws GlyphpoolError whatever the worker answers, `DEADLINE_EXCEEDED`, `WORKER_DIED`
   */
  async start<T>(
    init: (api: Remote<Api>, options: StartOptions) => Promise<Envelope<T>>,
    deadline: number,
  ): Promise<T> {
    using clock = new Deadline(deadline);
    // Node and insecure pages have no locks; there only deadlines end a silent death.
    const platform = globalThis.navigator as Partial<Navigator> | undefined;
    const locks = this.ownProcess ? undefined : platform?.locks;
    const lifeLock = `glyphpool-${Math.random().toString(36).slice(2)}-${Date.now()}`;
    const options = { ...(locks ? { lifeLock } : {}), ownProcess: this.ownProcess };
    const started = await this.call((api) => init(api, options), clock);
    this.#startBytes = this.#processBytes;
    if (locks) {
      const gone = (): void => this.kill(this.died("it exited without reporting an error"));
      void watchLife(locks, lifeLock, this.#lockWait.signal, gone);
    }
    return started;
  }

  /**
   * Gives the worker work. When the clock runs out the worker is killed, because it may be busy forever.
   *
   * @throws GlyphpoolError whatever the worker answers, `INVALID_OPTION` for what cannot be sent, `WORKER_DIED`,
   *   `DEADLINE_EXCEEDED`
   */
  async call<T>(invoke: Invoke<Api, T>, clock: Clock): Promise<T> {
    if (this.#work++ === 0) for (const question of this.#questions) question.pause();
    try {
      return await this.#send(invoke, clock);
    } finally {
      if (--this.#work === 0) for (const question of this.#questions) question.restart();
    }
  }

  /**
   * Asks the worker something small. The answer may have to wait for work, which has clocks of its own: the deadline
   * counts from the end of that work, and only a worker that is silent although it has nothing to do is killed.
   *
   * @param deadline milliseconds, 0 for no end
   * @throws GlyphpoolError as {@link call}
   */
  async ask<T>(invoke: Invoke<Api, T>, deadline: number): Promise<T> {
    using clock = new Deadline(deadline);
    if (this.#work > 0) clock.pause();
    this.#questions.add(clock);
    try {
      return await this.#send(invoke, clock);
    } finally {
      this.#questions.delete(clock);
    }
  }

  /** Tells the worker something that it does not answer. */
  tell(message: (api: Remote<Api>) => unknown): void {
    if (this.#death.error) return;
    // A pipe may be full; who waits for an effect has a deadline.
    Promise.resolve(message(this.#api)).catch(() => undefined);
  }

  /** Ends the worker and rejects what waits for it. The first reason stands. */
  kill(reason: GlyphpoolError): void {
    if (this.#death.error) return;
    this.#death.trip(reason);
    this.#lockWait.abort();
    (this.#api as { [releaseProxy](): void })[releaseProxy]();
    this.#worker.terminate();
    this.#options.onDeath?.(reason);
  }

  async #send<T>(invoke: Invoke<Api, T>, clock: Clock): Promise<T> {
    if (this.#death.error) throw this.#death.error;
    let envelope: Envelope<T>;
    try {
      envelope = await clock.guard(this.#death.guard(invoke(this.#api)));
    } catch (error) {
      const known = GlyphpoolError.is(error);
      if (known && error.code === "DEADLINE_EXCEEDED") {
        this.kill(this.died("another call exceeded its deadline, so it was replaced"));
      }
      throw known ? error : this.#unsent(error);
    }
    this.#processBytes = envelope.processBytes;
    if (envelope.ok) return envelope.value;
    throw fromWireError(envelope.error);
  }

  /** Something in the arguments cannot be cloned, or the worker is not ours. */
  #unsent(cause: unknown): GlyphpoolError {
    const why = String(cause);
    if (/clone/i.test(why)) {
      const message =
        `An option cannot be sent to the ${this.#options.title}: ${why}. Pass plain data: no functions, and the ` +
        "raw object where a framework has wrapped it in a proxy.";
      return new GlyphpoolError("INVALID_OPTION", message, { cause });
    }
    const message = `The call could not be passed to the ${this.#options.title}: ${why}`;
    return new GlyphpoolError("INTERNAL", message, { cause });
  }
}

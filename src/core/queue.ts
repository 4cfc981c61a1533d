/** Who waits, and who is next: bounded, by priority, and fair between groups. */
import { GlyphpoolError, abortError } from "../errors.ts";
import { deferred } from "./deferred.ts";

export interface QueueLimits {
  /** Entries that may wait. 0: nobody. */
  readonly maxCount: number;
  /** Bytes that the waiting entries may hold together. */
  readonly maxBytes: number;
}

export interface QueueEntry {
  /** What waiting holds, in bytes. Default 0. */
  readonly bytes?: number | undefined;
  /** Higher goes first. Default 0. */
  readonly priority?: number | undefined;
  /**
   * Entries of one group, such as the pages of a document, keep their order; groups take turns. Those
   * without a group are one group together.
   */
  readonly group?: unknown;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  readonly bytes: number;
  readonly take: (turn: T) => void;
  readonly fail: (error: Error) => void;
}

/** The waiting groups of one priority; the first one is next, and then goes to the end. */
type Level<T> = Map<unknown, Set<Waiter<T>>>;

/** Hands turns of type `T`, for example free workers, to those who wait. */
export class FairQueue<T> {
  readonly #limits: QueueLimits;
  readonly #levels = new Map<number, Level<T>>();
  #length = 0;
  #bytes = 0;
  #paused = false;
  #closed: Error | undefined;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Entries that wait. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that the waiting entries hold. */
  get bytes(): number {
    return this.#bytes;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /**
   * Waits for a turn. One that was given although the signal has fired since is the caller's to return.
   *
   * @throws GlyphpoolError `QUEUE_FULL`, `ABORTED`; what `close` got
   */
  wait({ bytes = 0, priority = 0, group, signal }: QueueEntry = {}): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const full = this.#full(bytes);
    if (full) return Promise.reject(full);
    const { promise, resolve, reject } = deferred<T>();
    const forget = (): void => signal?.removeEventListener("abort", onAbort);
    const waiter: Waiter<T> = {
      bytes,
      take: (turn) => {
        forget();
        resolve(turn);
      },
      fail: (error) => {
        forget();
        reject(error);
      },
    };
    const onAbort = (): void => {
      this.#remove(waiter, priority, group);
      waiter.fail(abortError(signal as AbortSignal));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#add(waiter, priority, group);
    return promise;
  }

  /** Whether {@link give} would find somebody. */
  get ready(): boolean {
    return !this.#paused && this.#length > 0;
  }

  /** Gives a turn to the next one. False while paused and when nobody waits: the turn stays here. */
  give(turn: T): boolean {
    if (!this.ready) return false;
    const priority = Math.max(...this.#levels.keys());
    const level = this.#levels.get(priority) as Level<T>;
    const [group, waiters] = first(level);
    const waiter = first(waiters);
    this.#remove(waiter, priority, group);
    if (level.delete(group)) level.set(group, waiters);
    waiter.take(turn);
    return true;
  }

  /** Gives no turns until {@link resume}. Entries may still come and go. */
  pause(): void {
    this.#paused = true;
  }

  /** Turns can be given again; whoever has some must offer them. */
  resume(): void {
    this.#paused = false;
  }

  /** Rejects all who wait, now and later. */
  close(error: Error): void {
    this.#closed ??= error;
    const levels = [...this.#levels.values()];
    this.#levels.clear();
    this.#length = this.#bytes = 0;
    for (const level of levels) {
      for (const waiters of level.values()) for (const waiter of waiters) waiter.fail(error);
    }
  }

  #add(waiter: Waiter<T>, priority: number, group: unknown): void {
    const level: Level<T> = this.#levels.get(priority) ?? new Map();
    const waiters = level.get(group) ?? new Set();
    this.#levels.set(priority, level.set(group, waiters.add(waiter)));
    this.#length++;
    this.#bytes += waiter.bytes;
  }

  #remove(waiter: Waiter<T>, priority: number, group: unknown): void {
    const level = this.#levels.get(priority);
    const waiters = level?.get(group);
    if (!level || !waiters?.delete(waiter)) return;
    this.#length--;
    this.#bytes -= waiter.bytes;
    if (waiters.size > 0) return;
    level.delete(group);
    if (level.size === 0) this.#levels.delete(priority);
  }

  #full(bytes: number): GlyphpoolError | undefined {
    const { maxCount, maxBytes } = this.#limits;
    const tooMany = this.#length + 1 > maxCount;
    if (!tooMany && this.#bytes + bytes <= maxBytes) return undefined;
    const held = `${this.#length} tasks with ${this.#bytes} bytes wait already`;
    const bound = tooMany
      ? `${maxCount} may wait`
      : `${maxBytes} bytes may wait, this has ${bytes}`;
    const advice = "Wait for earlier ones to finish and try again, or raise the limit";
    const paused = this.#paused ? " No task is started at the moment: the queue is paused." : "";
    const message = `The queue is full: ${held}; at most ${bound}. ${advice}.${paused}`;
    return new GlyphpoolError("QUEUE_FULL", message);
  }
}

/** Of something that is not empty. */
function first<V>(values: Iterable<V>): V {
  const [value] = values;
  return value as V;
}

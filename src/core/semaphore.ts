/** Limits how much goes on at the same time, where some things weigh more than others. */
import { GlyphpoolError, abortError } from "../errors.ts";
import { deferred } from "./deferred.ts";
import { ensureDisposeSymbols } from "./dispose.ts";

ensureDisposeSymbols();

/** A share of a semaphore. Disposing it gives the share back; only the first time counts. */
export interface Permit extends Disposable {
  readonly weight: number;
}

export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first. Default 0. */
  readonly priority?: number | undefined;
}

interface Waiter {
  readonly weight: number;
  readonly priority: number;
  readonly grant: (permit: Permit) => void;
  readonly fail: (error: Error) => void;
}

export class Semaphore {
  readonly #name: string;
  #capacity: number;
  /** The largest capacity so far: what a weight is measured against. */
  #limit: number;
  #inUse = 0;
  #peak = 0;
  /** By priority, then by arrival. */
  readonly #waiters: Waiter[] = [];
  #closed: Error | undefined;

  /**
   * @param capacity sum of the weights that may be held at the same time; whole, 0 grants nothing
   * @param name what errors call it
   */
  constructor(capacity: number, name = "capacity") {
    this.#name = name;
    this.#capacity = this.#limit = whole(capacity, 0, name);
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Sum of the weights that are held now. Above the capacity only after that was lowered. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Largest `inUse` so far. */
  get peak(): number {
    return this.#peak;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * Waits for a share. Within a priority the order is that of arrival, so that light ones never starve
   * a heavy one. Only while the capacity is lowered below a waiter's weight may others pass it.
   *
   * @param weight whole, at least 1
   * @throws GlyphpoolError `INVALID_OPTION` for a weight that never fits, `ABORTED`; what `close` got
   */
  acquire(weight = 1, { signal, priority = 0 }: AcquireOptions = {}): Promise<Permit> {
    try {
      this.#check(weight);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const { promise, resolve, reject } = deferred<Permit>();
    const forget = (): void => signal?.removeEventListener("abort", onAbort);
    const waiter: Waiter = {
      weight,
      priority,
      grant: (permit) => {
        forget();
        resolve(permit);
      },
      fail: (error) => {
        forget();
        reject(error);
      },
    };
    const onAbort = (): void => {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.fail(abortError(signal as AbortSignal));
      // It may have been the one that kept lighter ones back.
      this.#grant();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const after = this.#waiters.findIndex((other) => other.priority < priority);
    this.#waiters.splice(after < 0 ? this.#waiters.length : after, 0, waiter);
    this.#grant();
    return promise;
  }

  /**
   * A share if there is one now and nobody waits for it; else undefined.
   *
   * @throws GlyphpoolError `INVALID_OPTION` for a weight that never fits
   */
  tryAcquire(weight = 1): Permit | undefined {
    this.#check(weight);
    const overtakes = this.#waiters.some((waiter) => waiter.weight <= this.#capacity);
    return this.#closed || overtakes || !this.#fits(weight) ? undefined : this.#permit(weight);
  }

  /**
   * Changes the capacity. Shares that are held stay held; while they exceed a lowered capacity, and
   * always at 0, nothing is granted.
   *
   * @throws GlyphpoolError `INVALID_OPTION` unless it is whole and not negative
   */
  setCapacity(capacity: number): void {
    this.#capacity = whole(capacity, 0, this.#name);
    this.#limit = Math.max(this.#limit, capacity);
    this.#grant();
  }

  /** Rejects all who wait, now and later. Shares that are held can still be given back. */
  close(error: Error): void {
    this.#closed ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.fail(error);
  }

  #check(weight: number): void {
    whole(weight, 1, `The weight for ${this.#name}`);
    if (weight <= this.#limit) return;
    const message = `The weight for ${this.#name} is ${weight}; allowed: up to ${this.#limit}.`;
    throw new GlyphpoolError("INVALID_OPTION", message);
  }

  #fits(weight: number): boolean {
    return this.#inUse + weight <= this.#capacity;
  }

  #grant(): void {
    for (let at = 0; at < this.#waiters.length;) {
      const waiter = this.#waiters[at] as Waiter;
      if (this.#fits(waiter.weight)) {
        this.#waiters.splice(at, 1);
        waiter.grant(this.#permit(waiter.weight));
      } else if (waiter.weight > this.#capacity) at++;
      else return;
    }
  }

  #permit(weight: number): Permit {
    this.#inUse += weight;
    this.#peak = Math.max(this.#peak, this.#inUse);
    let held = true;
    return {
      weight,
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#inUse -= weight;
        this.#grant();
      },
    };
  }
}

function whole(value: number, min: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  const message = `${name} is ${String(value)}; allowed: a whole number of at least ${min}.`;
  throw new GlyphpoolError("INVALID_OPTION", message);
}

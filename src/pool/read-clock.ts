/** The time that one read has: for all its attempts together, and for the present step of one. */
import { deferred } from "../core/deferred.ts";
import type { Deferred } from "../core/deferred.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { GlyphpoolError } from "../errors.ts";

ensureDisposeSymbols();

export class ReadClock implements Disposable {
  readonly #total: number;
  readonly #now: () => number;
  #since: number;
  #expired: Deferred<never> = expiry();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param total milliseconds, 0 for no end
   * @param now milliseconds of a clock that never goes back
   */
  constructor(total: number, now: () => number) {
    this.#total = total;
    this.#now = now;
    this.#since = now();
    this.step();
  }

  /** Milliseconds that are left in all; Infinity without an end. */
  get left(): number {
    return this.#total ? this.#total - (this.#now() - this.#since) : Number.POSITIVE_INFINITY;
  }

  /** Begins a step, which may take this many milliseconds, 0 for no end, and at most what is left. */
  step(milliseconds = 0): void {
    this.#expired = expiry();
    this.#arm(Math.min(milliseconds || Number.POSITIVE_INFINITY, this.left));
  }

  /** All of the time again, for there is proof that something goes on. The step has no end of its own. */
  restart(): void {
    this.#since = this.#now();
    this.#arm(this.left);
  }

  /** Stands still until {@link restart}: what is waited for is nobody's fault. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** The same promise, but rejected with `DEADLINE_EXCEEDED` when the time of the step is over. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([this.#expired.promise, promise]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    const { reject } = this.#expired;
    const limit = Math.max(0, Math.round(milliseconds));
    this.#timer = setTimeout(() => {
      const message = `The read did not finish within its deadline of ${limit} ms.`;
      reject(new GlyphpoolError("DEADLINE_EXCEEDED", message));
    }, limit);
  }
}

function expiry(): Deferred<never> {
  const expired = deferred<never>();
  // Nobody may be waiting when it runs out.
  expired.promise.catch(() => undefined);
  return expired;
}

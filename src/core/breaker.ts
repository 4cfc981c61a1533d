import { deferred } from "./deferred.ts";

/**
 * Fails everything that waits on something that has died.
 *
 * A plain `Promise.race` against one long-lived "it died" promise would do, but keeps every result
 * alive for as long as that promise lives.
 */
export class Breaker {
  #error: Error | undefined;
  readonly #waiting = new Set<(error: Error) => void>();

  /** Set once tripped. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Rejects all that wait, now and later. Only the first call counts. */
  trip(error: Error): void {
    if (this.#error) return;
    this.#error = error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** The same promise, but rejected as soon as the breaker trips. */
  async guard<T>(promise: Promise<T>): Promise<T> {
    const tripped = deferred<never>();
    if (this.#error) tripped.reject(this.#error);
    else this.#waiting.add(tripped.reject);
    try {
      return await Promise.race([tripped.promise, promise]);
    } finally {
      this.#waiting.delete(tripped.reject);
    }
  }
}

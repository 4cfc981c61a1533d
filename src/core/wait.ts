import { deferred } from "./deferred.ts";
import { GlyphpoolError, abortError } from "../errors.ts";
import { ensureDisposeSymbols } from "./dispose.ts";

ensureDisposeSymbols();

/**
 * Waits for a promise until the signal fires. The promise itself goes on: the caller must stop or undo
 * what it stands for; its late rejection is swallowed here.
 *
 * @throws GlyphpoolError `ABORTED`, or whatever the promise rejects with
 */
export async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return await promise;
  const aborted = deferred<never>();
  const onAbort = (): void => aborted.reject(abortError(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** A clock that runs out; `restart` sets it back when there is proof of progress. */
export class Deadline implements Disposable {
  readonly #milliseconds: number;
  readonly #expired = deferred<never>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param milliseconds 0 means that it never runs out */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#expired.promise.catch(() => undefined);
    this.restart();
  }

  restart(): void {
    clearTimeout(this.#timer);
    if (!this.#milliseconds) return;
    this.#timer = setTimeout(() => {
      const message = `The call did not finish within its deadline of ${this.#milliseconds} ms.`;
      this.#expired.reject(new GlyphpoolError("DEADLINE_EXCEEDED", message));
    }, this.#milliseconds);
  }

  /** Stands still until {@link restart}. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** The same promise, but rejected with `DEADLINE_EXCEEDED` when the time is over. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([this.#expired.promise, promise]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

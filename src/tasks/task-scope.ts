/** What a task holds, and its release: last in, first out, each once, whatever the others throw. */
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { GlyphpoolError } from "../errors.ts";

ensureDisposeSymbols();

/**
 * Whatever can be given back: leases and permits (`Symbol.dispose`), GPU buffers and devices (`destroy`),
 * tensors (`dispose`), bitmaps and video frames (`close`). Of several the first of this list is called:
 * `Symbol.asyncDispose`, `Symbol.dispose`, `destroy`, `dispose`, `close`.
 */
export type Resource =
  | AsyncDisposable
  | Disposable
  | { destroy(): unknown }
  | { dispose(): unknown }
  | { close(): unknown };

const RELEASES = [Symbol.asyncDispose, Symbol.dispose, "destroy", "dispose", "close"] as const;

type Release = () => unknown;

/** How a resource is released. @throws GlyphpoolError `INVALID_OPTION` when it has no such method */
export function releaseOf(resource: Resource): Release {
  const methods = resource as Partial<Record<(typeof RELEASES)[number], unknown>>;
  for (const name of RELEASES) {
    const method = methods[name];
    if (typeof method === "function") return () => method.call(resource) as unknown;
  }
  const message =
    "own() takes something that can be released: with Symbol.dispose, Symbol.asyncDispose, destroy(), dispose() or close().";
  throw new GlyphpoolError("INVALID_OPTION", message);
}

export class ScopeStack {
  /** In the order of arrival. The key is the resource, so that one that is owned twice is released once. */
  readonly #held = new Map<unknown, Release>();
  readonly #onError: (error: unknown) => void;
  #ended = false;

  /** @param onError hears of every release that throws or rejects; must not throw itself */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** What is held at this moment. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Holds something until the scope ends. After the end it is released at once.
   *
   * @throws GlyphpoolError `ABORTED` after the end
   */
  hold(key: unknown, release: Release): void {
    if (!this.#ended) {
      // Owned again, it keeps its place: what came after it may depend on it.
      if (!this.#held.has(key)) this.#held.set(key, release);
      return;
    }
    void this.#try(release);
    const message = "The task has ended already; what it got afterwards was released at once.";
    throw new GlyphpoolError("ABORTED", message);
  }

  /** Lets go of something without releasing it. False when it was not held. */
  forget(key: unknown): boolean {
    return this.#held.delete(key);
  }

  /**
   * Releases everything, the last first. A release that returns a promise is waited for before the next one
   * starts. Never rejects; a second call has nothing to do.
   */
  async end(): Promise<void> {
    this.#ended = true;
    const releases = [...this.#held.values()].reverse();
    this.#held.clear();
    for (const release of releases) {
      const pending = this.#try(release);
      // Not awaited when there is nothing to wait for: plain releases all happen in this very turn.
      if (pending) await pending;
    }
  }

  #try(release: Release): Promise<void> | undefined {
    try {
      const result = release();
      if (!isThenable(result)) return undefined;
      return Promise.resolve(result).then(() => undefined, this.#onError);
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

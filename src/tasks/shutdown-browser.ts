/** The end of a page: left for good, put aside for the way back, or frozen in the background. */
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { attempt, distinct } from "./shutdown-target.ts";
import type {
  ShutdownHandle,
  ShutdownOptions,
  ShutdownRegistration,
  ShutdownTarget,
} from "./shutdown-target.ts";

ensureDisposeSymbols();

/** The two event targets of a page. */
export interface PageEvents {
  readonly window: EventTarget;
  readonly document: EventTarget;
}

/**
 * All targets of one page, behind one listener per event.
 *
 * - `pagehide` of a page that is thrown away: `close()`. Nothing is drained: nobody waits for an answer.
 * - `pagehide` into the back/forward cache, and `freeze` of a tab in the background: `teardown()`, once, since
 *   the page comes back with all its objects. `pageshow` and `resume`: `resume()`.
 * - `beforeunload`: `prepare()` only. The reader may stay on the page after it, phones never send it, and some
 *   browsers keep a page with such a listener out of the back/forward cache; so it is listened to only while
 *   a target wants it, and never cancelled. `unload` is never used: it bars every page from that cache.
 *
 * All of it is started in the event itself. A target has little more than that: Chromium froze a cached page and
 * its workers 40 ms after `pagehide`, and what they had not done by then waited until the page was back. To give
 * memory back there, a `teardown` has to end its workers in the same turn.
 */
export class PageShutdown {
  readonly #page: PageEvents;
  readonly #installed = new Set<ShutdownRegistration>();
  #listening: { readonly names: string[]; readonly stop: AbortController } | undefined;
  #preparing: AbortController | undefined;
  /** Those that were torn down and wait for the page to come back; absent while it is shown. */
  #aside: ShutdownRegistration[] | undefined;

  constructor(page: PageEvents) {
    this.#page = page;
  }

  install(target: ShutdownTarget, options: ShutdownOptions = {}): ShutdownHandle {
    const registration = { target, options };
    this.#installed.add(registration);
    this.#update();
    return {
      listensTo: [...(this.#listening?.names ?? []), ...(this.#preparing ? ["beforeunload"] : [])],
      [Symbol.dispose]: () => {
        this.#installed.delete(registration);
        this.#update();
      },
    };
  }

  #update(): void {
    const { window } = this.#page;
    if (this.#installed.size === 0) {
      this.#listening?.stop.abort();
      this.#listening = undefined;
    } else this.#listening ??= this.#listen();
    const wanted = [...this.#installed].some(({ target }) => typeof target.prepare === "function");
    if (!wanted) {
      this.#preparing?.abort();
      this.#preparing = undefined;
    } else if (!this.#preparing) {
      this.#preparing = new AbortController();
      const { signal } = this.#preparing;
      window.addEventListener("beforeunload", () => this.#prepare(), { signal });
    }
  }

  #listen(): { names: string[]; stop: AbortController } {
    const { window, document } = this.#page;
    const stop = new AbortController();
    const { signal } = stop;
    window.addEventListener(
      "pagehide",
      (event) => {
        if ((event as PageTransitionEvent).persisted) this.#putAside();
        else this.#close();
      },
      { signal },
    );
    window.addEventListener("pageshow", () => this.#comeBack(), { signal });
    document.addEventListener("freeze", () => this.#putAside(), { signal });
    document.addEventListener("resume", () => this.#comeBack(), { signal });
    return { names: ["pagehide", "pageshow", "freeze", "resume"], stop };
  }

  #close(): void {
    const all = distinct(this.#installed);
    this.#installed.clear();
    this.#aside = undefined;
    this.#update();
    for (const { target, options } of all) void attempt(() => target.close(), options);
  }

  #putAside(): void {
    // A page on its way into the cache is frozen as well: both events come, and mean one thing.
    if (this.#aside) return;
    this.#aside = distinct(this.#installed);
    for (const { target, options } of this.#aside) void attempt(() => target.teardown?.(), options);
  }

  #comeBack(): void {
    const back = this.#aside;
    this.#aside = undefined;
    const still = new Set(distinct(this.#installed).map(({ target }) => target));
    for (const { target, options } of back ?? []) {
      if (still.has(target)) void attempt(() => target.resume?.(), options);
    }
  }

  #prepare(): void {
    for (const { target, options } of distinct(this.#installed)) {
      void attempt(() => target.prepare?.(), options);
    }
  }
}

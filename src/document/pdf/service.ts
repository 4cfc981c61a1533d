/** One PDF worker and the documents that are open on it; the worker is replaced without them noticing. */
import { transfer } from "comlink";
import { ensureDisposeSymbols } from "../../core/dispose.ts";
import { Mutex } from "../../core/mutex.ts";
import { Deadline, untilAborted } from "../../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../../errors.ts";
import { WorkerKeeper } from "../../rpc/keeper.ts";
import type { WorkerCounts } from "../../rpc/keeper.ts";
import type { WorkerLike } from "../../rpc/worker-like.ts";
import { OpenDocument } from "./document.ts";
import type { PdfDocument } from "./document.ts";
import { takePdf } from "./input.ts";
import { MEMORY_CEILING, checkPdfLimits } from "./limits.ts";
import type { PdfLimits } from "./limits.ts";
import { spawnPdfWorker } from "./spawn.ts";
import type { PdfIsolation } from "./spawn.ts";
import type { PageInvoke, PdfPlace, PdfWorkerApi } from "./worker-types.ts";

ensureDisposeSymbols();

export interface PdfServiceOptions {
  readonly limits?: Partial<PdfLimits> | undefined;
  /** Default `auto`. */
  readonly isolation?: PdfIsolation | undefined;
  /** Milliseconds without a call after which the worker is ended; documents stay usable. Default 60 000. */
  readonly idleTimeout?: number | undefined;
  /** URL of the folder that holds the worker's script, in browsers. Default: where the bundler put it. */
  readonly folder?: string | undefined;
  /** Makes a worker that serves the PDF worker API; tests give another. */
  readonly spawn?: (() => WorkerLike) | undefined;
}

export interface PdfOpenOptions {
  readonly password?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const IDLE_TIMEOUT = 60_000;

/** What a process may hold before its first document: 150 to 200 MB, fonts of the system included. Bytes. */
const START_BYTES = 256 * 2 ** 20;

/** What a process ends with that has grown too large within one page. */
const EXIT_MEMORY = 137;

/** What the service keeps of one worker. */
interface PdfState {
  /** Pages that it has read or drawn. */
  pages: number;
}

export class PdfService implements AsyncDisposable {
  readonly #limits: PdfLimits;
  readonly #idleTimeout: number;
  /** One call at a time: two pages at once would hold the pixels of both. */
  readonly #turn = new Mutex();
  readonly #keeper: WorkerKeeper<PdfWorkerApi, PdfState>;
  #nextCall = 1;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  /** @throws GlyphpoolError `INVALID_OPTION` */
  constructor({ limits, isolation = "auto", idleTimeout, folder, spawn }: PdfServiceOptions = {}) {
    this.#limits = checkPdfLimits(limits);
    this.#idleTimeout = idleTimeout ?? IDLE_TIMEOUT;
    const { maxPages, maxPixels, maxMemory, openDeadline } = this.#limits;
    const ceiling = START_BYTES + maxMemory * MEMORY_CEILING;
    this.#keeper = new WorkerKeeper<PdfWorkerApi, PdfState>({
      title: "PDF worker",
      spawn: spawn ?? (() => spawnPdfWorker(isolation, ceiling, folder)),
      start: async (link) => {
        await link.start((api, own) => api.init({ maxPages, maxPixels, ...own }), openDeadline);
        return { pages: 0 };
      },
      explainExit: (code) => (code === EXIT_MEMORY ? memoryExhausted() : undefined),
      // A page that kills its worker is given up after two: nothing to wait for before the next one.
      respawn: { minLife: 0, backOff: 0 },
    });
  }

  /** How often workers came and went; `recycles` are those that had grown or had nothing to do. */
  get counts(): WorkerCounts {
    return this.#keeper.counts;
  }

  /**
   * Opens a document. Bytes are copied and may be changed afterwards.
   *
   * @throws GlyphpoolError `INVALID_INPUT`, `UNSUPPORTED_FORMAT`, `DOCUMENT_TOO_LARGE`, `PDF_CORRUPT`,
   *   `PDF_PASSWORD_REQUIRED`, `PDF_PASSWORD_WRONG`, `BACKEND_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `WORKER_DIED`,
   *   `ABORTED`, `ENGINE_CLOSED`
   */
  async open(bytes: Uint8Array | Blob, options: PdfOpenOptions = {}): Promise<PdfDocument> {
    const { password, signal } = options;
    throwIfAborted(signal);
    const blob = await takePdf(bytes, this.#limits.maxBytes);
    const document: OpenDocument = new OpenDocument(blob, password, {
      maxPixels: this.#limits.maxPixels,
      page: (of, page, invoke, pageSignal) => this.#page(of, page, invoke, pageSignal),
      close: (which) => this.#forget(which),
    });
    const opening = this.#take(signal, () => this.#place(document));
    try {
      await untilAborted(opening, signal);
    } catch (error) {
      // It may open still; nobody would close it.
      void opening.then(() => document.close()).catch(() => undefined);
      throw error;
    }
    return document;
  }

  /** Ends the worker; what waits for it, and every later call, is rejected with `ENGINE_CLOSED`. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#keeper.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #page<T>(
    document: OpenDocument,
    page: number,
    invoke: PageInvoke<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    throwIfAborted(signal);
    const call = this.#nextCall++;
    // Where the worker cannot stop it goes on until the page's deadline; the caller does not wait for that.
    const onAbort = (): void => this.#keeper.present?.link.tell((api) => api.cancel(call));
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const work = this.#take(signal, async () => {
        try {
          return await this.#attempt(document, call, page, invoke);
        } catch (error) {
          const died = GlyphpoolError.is(error) && error.code === "WORKER_DIED";
          if (!died || signal?.aborted || this.#keeper.closed) throw error;
        }
        // Whatever killed the worker need not have been this page.
        return await this.#attempt(document, call, page, invoke);
      });
      return await untilAborted(work, signal);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #attempt<T>(
    document: OpenDocument,
    call: number,
    page: number,
    invoke: PageInvoke<T>,
  ): Promise<T> {
    const { link, id } = await this.#place(document);
    using clock = new Deadline(this.#limits.pageDeadline);
    try {
      return await link.call((api) => invoke(api, { call, document: id, page }), clock);
    } finally {
      await this.#recycleIfGrown();
    }
  }

  /** Has the worker to itself, and keeps it from being ended as idle. */
  #take<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#turn.run(async () => {
      throwIfAborted(signal);
      clearTimeout(this.#idleTimer);
      try {
        return await work();
      } finally {
        clearTimeout(this.#idleTimer);
        if (this.#keeper.present) {
          this.#idleTimer = setTimeout(() => this.#keeper.end("idle"), this.#idleTimeout);
        }
      }
    });
  }

  /** Where the document is open; it is opened on a worker that does not know it yet. */
  async #place(document: OpenDocument): Promise<PdfPlace> {
    using clock = new Deadline(this.#limits.openDeadline);
    const { link } = await clock.guard(this.#keeper.ensure());
    if (document.place?.link === link) return document.place;
    const bytes = new Uint8Array(await document.blob.arrayBuffer());
    const { password } = document;
    const request = { bytes, ...(password === undefined ? {} : { password }) };
    const opened = await link.call((api) => api.open(transfer(request, [bytes.buffer])), clock);
    return document.opened(link, opened);
  }

  async #recycleIfGrown(): Promise<void> {
    const { present } = this.#keeper;
    if (!present) return;
    const { maxMemory, maxWorkerPages } = this.#limits;
    const { growth } = present.link;
    const pages = ++present.state.pages;
    const grown = growth === undefined ? pages >= maxWorkerPages : growth > maxMemory;
    if (grown) await this.#keeper.recycle("it had grown", async () => undefined);
  }

  async #forget(document: OpenDocument): Promise<void> {
    await this.#turn.run(async () => {
      const { place } = document;
      if (!place || place.link.death) return;
      // Of a worker that dies meanwhile nothing is left to free.
      await place.link
        .ask((api) => api.close(place.id), this.#limits.pageDeadline)
        .catch(() => undefined);
    });
  }
}

function memoryExhausted(): GlyphpoolError {
  const message =
    "The page needs more memory than `limits.maxMemory` allows. Its worker was ended.";
  return new GlyphpoolError("MEMORY_EXHAUSTED", message);
}

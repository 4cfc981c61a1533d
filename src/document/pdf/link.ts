/** One PDF worker, from its start to its end. Calls settle in any case: with a result, or with its death. */
import { releaseProxy, wrap } from "comlink";
import type { Remote } from "comlink";
import type {
  OpenedPdf,
  PageBox,
  PageRequest,
  PdfEnvelope,
  PdfPageInfo,
  PdfWorkerApi,
  PdfWorkerConfig,
  RenderedPage,
  TextLayer,
  TextLayerOptions,
  TextRun,
} from "../../../workers/pdf/worker-api.ts";
import { Breaker } from "../../core/breaker.ts";
import { ensureDisposeSymbols } from "../../core/dispose.ts";
import { Deadline } from "../../core/wait.ts";
import { GlyphpoolError, fromWireError } from "../../errors.ts";
import type { WorkerLike } from "../../rpc/worker-like.ts";

/** The host's one way to the worker's types. */
export type {
  OpenedPdf,
  PageBox,
  PdfEnvelope,
  PdfPageInfo,
  PdfWorkerApi,
  PdfWorkerConfig,
  RenderedPage,
  TextLayer,
  TextLayerOptions,
  TextRun,
};

ensureDisposeSymbols();

/** A call that concerns one page. */
export type PageInvoke<T> = (
  api: Remote<PdfWorkerApi>,
  request: PageRequest,
) => Promise<PdfEnvelope<T>>;

export class PdfLink {
  readonly #worker: WorkerLike;
  readonly #api: Remote<PdfWorkerApi>;
  readonly #death = new Breaker();
  #startBytes: number | undefined;
  #processBytes: number | undefined;

  constructor(worker: WorkerLike) {
    this.#worker = worker;
    this.#api = wrap<PdfWorkerApi>(worker);
    worker.addEventListener("error", (event) => {
      // Without this, Deno ends the parent together with its worker.
      event.preventDefault();
      const { message, code } = event as Partial<ErrorEvent & { code: number }>;
      if (code === EXIT_MEMORY) this.kill(memoryExhausted());
      this.kill(pdfWorkerDied(message || "it failed to start or threw an error"));
    });
    worker.addEventListener("messageerror", () => {
      // The call that this message belonged to would wait for ever.
      this.kill(pdfWorkerDied("one of its messages could not be read"));
    });
  }

  /** Why the worker is dead; absent while it lives. */
  get death(): Error | undefined {
    return this.#death.error;
  }

  /** Bytes that its process has grown by since its start; absent where it has none of its own. */
  get growth(): number | undefined {
    const [start, now] = [this.#startBytes, this.#processBytes];
    return start === undefined || now === undefined ? undefined : now - start;
  }

  /** Has to be the first call. @throws GlyphpoolError `WORKER_DIED`, `DEADLINE_EXCEEDED` */
  async init(config: PdfWorkerConfig, clock: Deadline): Promise<void> {
    const ownProcess = this.#worker.announcesDeath ?? false;
    await this.call((api) => api.init({ ...config, ownProcess }), clock);
    this.#startBytes = this.#processBytes;
  }

  /**
   * Calls the worker. When the clock runs out the worker is killed, because it may be busy for ever.
   *
   * @throws GlyphpoolError whatever the worker answers, `WORKER_DIED`, `DEADLINE_EXCEEDED`
   */
  async call<T>(
    invoke: (api: Remote<PdfWorkerApi>) => Promise<PdfEnvelope<T>>,
    clock: Deadline,
  ): Promise<T> {
    if (this.#death.error) throw this.#death.error;
    let envelope: PdfEnvelope<T>;
    try {
      envelope = await clock.guard(this.#death.guard(invoke(this.#api)));
    } catch (error) {
      const known = GlyphpoolError.is(error);
      if (known && error.code === "DEADLINE_EXCEEDED") this.kill(error);
      throw known ? error : internal(error);
    }
    this.#processBytes = envelope.processBytes;
    if (envelope.ok) return envelope.value;
    throw fromWireError(envelope.error);
  }

  /** Tells the worker to stop a call where it can. */
  cancel(call: number): void {
    if (!this.#death.error) void this.#api.cancel(call);
  }

  /** Ends the worker and rejects what waits for it. The first reason stands. */
  kill(reason: GlyphpoolError): void {
    if (this.#death.error) return;
    this.#death.trip(reason);
    this.#api[releaseProxy]();
    this.#worker.terminate();
  }
}

/** The error of what waited for a worker that is gone. */
export function pdfWorkerDied(why: string): GlyphpoolError {
  return new GlyphpoolError("WORKER_DIED", `The PDF worker is gone: ${why}.`);
}

/** What a process ends with that has grown too large within one page. */
const EXIT_MEMORY = 137;

function memoryExhausted(): GlyphpoolError {
  const message =
    "The page needs more memory than `limits.maxMemory` allows. Its worker was ended.";
  return new GlyphpoolError("MEMORY_EXHAUSTED", message);
}

function internal(cause: unknown): GlyphpoolError {
  const message = `The call could not be passed to the PDF worker: ${String(cause)}`;
  return new GlyphpoolError("INTERNAL", message, { cause });
}

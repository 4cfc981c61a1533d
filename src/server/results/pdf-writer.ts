/** Writes searchable PDFs in threads of their own, a few at the same time. */
import { Semaphore } from "../../core/semaphore.ts";
import { abortError, fromWireError, GlyphpoolError } from "../../errors.ts";
import type { WireError } from "../../errors.ts";
import { HttpProblem } from "../http/problem.ts";

/** A page of the input as the PDF shows it. */
export interface Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: "image/png";
  readonly width: number;
  readonly height: number;
}

export type ToWriter =
  | {
      readonly kind: "open";
      readonly path: string;
      readonly name: string | undefined;
      readonly language: string | undefined;
      readonly password: string | undefined;
    }
  | { readonly kind: "page"; readonly json: string }
  | { readonly kind: "picture"; readonly picture: Picture }
  | { readonly kind: "save" };

export type FromWriter =
  | { readonly kind: "next" }
  | { readonly kind: "picture"; readonly page: number }
  | { readonly kind: "saved"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly error: WireError };

export interface PdfJob {
  /** The input, which the PDF shows. */
  readonly path: string;
  readonly name: string | undefined;
  readonly language: string | undefined;
  readonly password: string | undefined;
  /** See stored-page.ts. */
  readonly pages: AsyncIterable<string>;
  /** Encodes a page of a file that no PDF holds, such as TIFF. */
  readonly pictureOf: (page: number) => Promise<Picture>;
  readonly signal: AbortSignal;
}

export class PdfWriter {
  readonly #places: Semaphore;
  readonly #maxWaiting: number;
  #waiting = 0;

  /** @param atOnce threads; each holds a document in memory */
  constructor(atOnce: number, maxWaiting: number) {
    this.#places = new Semaphore(atOnce, "PDF results");
    this.#maxWaiting = maxWaiting;
  }

  /**
   * @throws HttpProblem 429 where too many wait; GlyphpoolError where the PDF cannot be made, `ABORTED`; what the pages
   *   throw
   */
  async write(job: PdfJob): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#waiting >= this.#maxWaiting) {
      const detail = `${this.#waiting} PDF results are waited for already.`;
      throw new HttpProblem(429, "TOO_MANY_REQUESTS", detail, { retryAfter: 5 });
    }
    this.#waiting++;
    try {
      const place = await this.#places.acquire(1, { signal: job.signal });
      try {
        return await inThread(job);
      } finally {
        place[Symbol.dispose]();
      }
    } finally {
      this.#waiting--;
    }
  }
}

async function inThread(job: PdfJob): Promise<Uint8Array<ArrayBuffer>> {
  const { path, name, language, password, pages, pictureOf, signal } = job;
  const worker = new Worker(new URL("./pdf-worker.ts", import.meta.url), { type: "module" });
  const saved = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  let next = Promise.withResolvers<void>();
  const send = (message: ToWriter): void => worker.postMessage(message);
  const onAbort = (): void => saved.reject(abortError(signal));
  worker.addEventListener("message", ({ data }: MessageEvent<FromWriter>) => {
    if (data.kind === "next") next.resolve();
    else if (data.kind === "saved") saved.resolve(data.bytes);
    else if (data.kind === "failed") saved.reject(fromWireError(data.error));
    else pictureOf(data.page).then((picture) => send({ kind: "picture", picture }), saved.reject);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    saved.reject(new GlyphpoolError("INTERNAL", `The PDF could not be written: ${event.message}`));
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) throw abortError(signal);
    send({ kind: "open", path, name, language, password });
    for await (const json of pages) {
      next = Promise.withResolvers<void>();
      send({ kind: "page", json });
      await Promise.race([next.promise, saved.promise]);
    }
    send({ kind: "save" });
    return await saved.promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}

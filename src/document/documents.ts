/** The documents of one engine: opened, read page by page, and the PDF worker that they share. */
import type { PagesOptions, ResolvedPagesOptions } from "../options/pages.ts";
import { resolvePagesOptions } from "../options/pages.ts";
import type { ReadOptions } from "../options/engine.ts";
import type { PageUpdate } from "../options/structure.ts";
import { throwIfAborted } from "../errors.ts";
import { DeferredWork } from "../tasks/deferred-work.ts";
import type { MemoryGate } from "../tasks/deferred-work.ts";
import type { DocumentPage, ImageLimits, Page, PageMethods, Progress } from "../types.ts";
import type { PagePicture } from "./document-source.ts";
import { openDocument } from "./open-document.ts";
import type { DocumentInput } from "./open-document.ts";
import type { PdfService } from "./pdf/service.ts";
import { readDocument } from "./read-document.ts";
import type { DocumentReader } from "./read-document.ts";

export interface DocumentsOptions {
  readonly limits: ImageLimits;
  /** Pages that can be read at the same time. */
  readonly workers: number;
  /** Reads one picture as a task of its own; what it puts off is added to `late`. */
  readonly read: (picture: PagePicture, options: ReadOptions, late: DeferredWork) => Promise<Page>;
  /** When put-off work may go on. */
  readonly gate: MemoryGate;
  /** Gives the pages that callers get their methods. */
  readonly present: (page: DocumentPage) => DocumentPage & PageMethods;
}

export class Documents {
  readonly #options: DocumentsOptions;
  #pdf: Promise<PdfService> | undefined;
  /** Documents that are being read. */
  #open = 0;

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** @throws GlyphpoolError see `engine.pages` */
  read(
    input: DocumentInput,
    options: PagesOptions,
  ): AsyncGenerator<DocumentPage & PageMethods, void, undefined> {
    const { pages, read } = resolvePagesOptions(options);
    throwIfAborted(read.signal);
    return this.#read(input, pages, read);
  }

  /** Ends the PDF worker, unless a document is being read. */
  async rest(): Promise<void> {
    if (this.#open === 0) await this.close();
  }

  /** Ends the PDF worker; documents that are being read fail with `ENGINE_CLOSED`. */
  async close(): Promise<void> {
    const pdf = await this.#pdf;
    this.#pdf = undefined;
    await pdf?.close();
  }

  async *#read(
    input: DocumentInput,
    pages: ResolvedPagesOptions,
    { onProgress, onUpdate, ...options }: ReadOptions,
  ): AsyncGenerator<DocumentPage & PageMethods, void, undefined> {
    const { limits, workers, gate, present } = this.#options;
    const { signal = new AbortController().signal } = options;
    // Documents that wait for the same workers take turns.
    const each = { ...options, group: {}, onProgress: onlyLoading(onProgress) };
    this.#open++;
    try {
      const tools = { limits, pdf: () => this.#pdfService() };
      await using source = await openDocument(input, tools, pages, signal);
      const late = new DeferredWork(gate);
      const read: DocumentReader["read"] = (picture, finish, pageSignal) => {
        const tell =
          onUpdate &&
          ((update: PageUpdate) => onUpdate({ ...update, page: present(finish(update.page)) }));
        return this.#options.read(
          picture,
          { ...each, ...(tell ? { onUpdate: tell } : {}), signal: pageSignal },
          late,
        );
      };
      const reader = { read, ahead: workers + 1, onProgress };
      for await (const page of readDocument(source, pages, reader, signal)) yield present(page);
      // The text of all pages is out; what was put off is a part of this document.
      await late.run(signal);
    } finally {
      this.#open--;
    }
  }

  /** Started by the first PDF, and not a part of what everybody loads. */
  #pdfService(): Promise<PdfService> {
    this.#pdf ??= import("./pdf/service.ts").then((module) => new module.PdfService());
    return this.#pdf;
  }
}

/** What several pages at once tell of their stages would only confuse. */
function onlyLoading(listener: ReadOptions["onProgress"]): (progress: Progress) => void {
  return (progress) => {
    if (progress.stage === "download" || progress.stage === "load") listener?.(progress);
  };
}

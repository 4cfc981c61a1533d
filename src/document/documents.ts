/** The documents of one engine: opened, read page by page, and the PDF worker that they share. */
import type { PagesOptions, ResolvedPagesOptions } from "../options/pages.ts";
import { resolvePagesOptions } from "../options/pages.ts";
import type { ReadOptions } from "../options/engine.ts";
import type { PageUpdate } from "../options/structure.ts";
import { Lazy } from "../core/lazy.ts";
import { GlyphpoolError, engineClosed, throwIfAborted } from "../errors.ts";
import { DeferredWork } from "../tasks/deferred-work.ts";
import type { MemoryGate } from "../tasks/deferred-work.ts";
import type { DocumentPage, ImageLimits, Page, PageMethods, Progress } from "../types.ts";
import type { PagePicture } from "./document-source.ts";
import { openDocument } from "./open-document.ts";
import type { DocumentInput } from "./open-document.ts";
import { DEFAULT_PDF_LIMITS } from "./pdf/limits.ts";
import type { PdfService } from "./pdf/service.ts";
import { readDocument } from "./read-document.ts";
import type { DocumentReader } from "./read-document.ts";

export interface DocumentsOptions {
  readonly limits: ImageLimits;
  /** Pages that can be read at the same time. */
  readonly workers: number;
  /** URL of the folder that holds the scripts of the workers. Default: where the bundler has put them. */
  readonly workerFolder?: string | undefined;
  /** Reads one picture as a task of its own; what it puts off is added to `late`. */
  readonly read: (picture: PagePicture, options: ReadOptions, late: DeferredWork) => Promise<Page>;
  /** When put-off work may go on. */
  readonly gate: MemoryGate;
  /** Does what was put off, as a task of its own. */
  readonly runLate: (late: DeferredWork, signal: AbortSignal) => Promise<void>;
  /** @throws GlyphpoolError `ENGINE_CLOSED` while no document may be begun */
  readonly checkOpen: () => void;
  /** Gives the pages that callers get their methods. */
  readonly present: (page: DocumentPage) => DocumentPage & PageMethods;
}

export class Documents {
  readonly #options: DocumentsOptions;
  /** Started by the first PDF, and not a part of what everybody loads. */
  readonly #pdf = new Lazy<PdfService>(async () => {
    const { PdfService: Service } = await import("./pdf/service.ts");
    const { limits, workerFolder } = this.#options;
    // Whoever allows larger images allows larger PDFs, too.
    const maxBytes = Math.max(DEFAULT_PDF_LIMITS.maxBytes, limits.maxBytes);
    const maxPixels = Math.max(DEFAULT_PDF_LIMITS.maxPixels, limits.maxPixels);
    return new Service({ folder: workerFolder, limits: { maxBytes, maxPixels } });
  });
  /** Documents that are being read. */
  #open = 0;
  #closed = false;

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
    if (this.#open === 0) await this.#endPdf();
  }

  /** Ends the PDF worker; documents that are being read, or are begun later, fail with `ENGINE_CLOSED`. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#endPdf();
  }

  async #endPdf(): Promise<void> {
    const pdf = await this.#pdf.take();
    await pdf?.close();
  }

  async *#read(
    input: DocumentInput,
    pages: ResolvedPagesOptions,
    { onProgress, onUpdate, ...options }: ReadOptions,
  ): AsyncGenerator<DocumentPage & PageMethods, void, undefined> {
    const { limits, workers, gate, present, runLate, checkOpen } = this.#options;
    // A generator begins with its first page, which may be asked for long after the call.
    checkOpen();
    const { signal = new AbortController().signal } = options;
    // Documents that wait for the same workers take turns.
    const each = { ...options, group: {}, onProgress: onlyLoading(onProgress) };
    const late = new DeferredWork(gate);
    let reason: unknown = new GlyphpoolError("ABORTED", "The document was not read to its end.");
    this.#open++;
    try {
      const tools = { limits, pdf: () => this.#pdfService() };
      await using source = await openDocument(input, tools, pages, signal);
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
      const readPart: DocumentReader["readPart"] = (picture, pageSignal) =>
        this.#options.read(picture, { ...withoutStructure(each), signal: pageSignal }, late);
      const reader = { read, readPart, ahead: workers + 1, onProgress };
      for await (const page of readDocument(source, pages, reader, signal)) {
        if (this.#closed) throw engineClosed();
        yield present(page);
      }
      // The text of all pages is out; what was put off is a part of this document.
      await runLate(late, signal);
    } catch (error) {
      reason = error;
      throw error;
    } finally {
      this.#open--;
      late.fail(reason);
    }
  }

  async #pdfService(): Promise<PdfService> {
    const pdf = this.#closed ? undefined : await this.#pdf.get();
    // The engine may have been closed while it was loaded; `close` ends what was loaded.
    if (!pdf || this.#closed) throw engineClosed();
    return pdf;
  }
}

/** Parts of a page have no structure of their own. */
function withoutStructure({
  layout: _layout,
  tables: _tables,
  formulas: _formulas,
  charts: _charts,
  chartReader: _chartReader,
  ...options
}: ReadOptions): ReadOptions {
  return options;
}

/** What several pages at once tell of their stages would only confuse. */
function onlyLoading(listener: ReadOptions["onProgress"]): (progress: Progress) => void {
  return (progress) => {
    if (progress.stage === "download" || progress.stage === "load") listener?.(progress);
  };
}

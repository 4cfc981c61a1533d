/** What a PDF worker does, the same in browsers and in Deno but for what {@link PdfPlatform} holds. */
import { GlyphpoolError } from "../../src/errors.ts";
import { holdForLife } from "../../src/rpc/life-lock.ts";
import { Assets } from "./assets.ts";
import { NoFilters, canvasFactory } from "./canvas.ts";
import type { CanvasMaker } from "./canvas.ts";
import { ActualTexts } from "./layer/actual-text.ts";
import { pdfFailure } from "./failure.ts";
import { getDocument } from "./pdf-js.ts";
import type { Trouble } from "./warnings.ts";
import type { PDFDocumentProxy, PDFPageProxy } from "./pdf-js.ts";
import { renderPage } from "./render.ts";
import { knownText, readTextLayer } from "./layer/page-layer.ts";
import type {
  OpenRequest,
  OpenedPdf,
  PageRequest,
  PdfPageInfo,
  PdfWorkerConfig,
  RenderRequest,
  RenderedPage,
  TextLayer,
  TextLayerOptions,
} from "./worker-api.ts";

/** What differs between a browser's worker and Deno's. */
export interface PdfPlatform {
  readonly makeCanvas: CanvasMaker;
  /** Called once, before the first document. */
  start(config: PdfWorkerConfig): Promise<void>;
  /** Calls back with what pdf.js leaves out or repairs. */
  onTrouble(listener: (trouble: Trouble) => void): Disposable;
  /** Resident bytes of the process, where a worker can have one of its own. */
  processBytes?(): number;
}

/** Where the mark of a PDF's end has to be. Bytes. */
const TAIL = 1024;

type LoadingTask = ReturnType<typeof getDocument>;

interface Open {
  readonly task: LoadingTask;
  readonly document: PDFDocumentProxy;
  readonly actualTexts: ActualTexts;
}

export class PdfWorker {
  readonly #platform: PdfPlatform;
  readonly #documents = new Map<number, Open>();
  readonly #calls = new Map<number, AbortController>();
  #config: PdfWorkerConfig | undefined;
  #nextId = 1;

  constructor(platform: PdfPlatform) {
    this.#platform = platform;
  }

  /** Absent where the process is not the worker's own. */
  get processBytes(): number | undefined {
    return this.#config?.ownProcess ? this.#platform.processBytes?.() : undefined;
  }

  async init(config: PdfWorkerConfig): Promise<void> {
    if (config.lifeLock) await holdForLife(config.lifeLock);
    await this.#platform.start(config);
    this.#config = config;
  }

  /** @throws GlyphpoolError `PDF_CORRUPT`, `PDF_PASSWORD_REQUIRED`, `PDF_PASSWORD_WRONG`, `DOCUMENT_TOO_LARGE` */
  async open({ bytes, password }: OpenRequest): Promise<OpenedPdf> {
    const { maxPages, maxPixels } = this.#running();
    // Before the bytes are given away.
    const isComplete = new TextDecoder("latin1").decode(bytes.subarray(-TAIL)).includes("%%EOF");
    const task = getDocument({
      data: bytes,
      ...(password === undefined ? {} : { password }),
      // Warnings say what was left out of a page; see pdf-warnings.ts.
      verbosity: 1,
      // Glyphs are drawn as paths: workers have no document to put fonts into, and both platforms draw alike.
      disableFontFace: true,
      useSystemFonts: false,
      // All files come through `Assets`, so the half that parses needs no network.
      useWorkerFetch: false,
      BinaryDataFactory: Assets,
      CanvasFactory: canvasFactory(this.#platform.makeCanvas, maxPixels),
      FilterFactory: NoFilters,
      maxImageSize: maxPixels,
      canvasMaxAreaInBytes: maxPixels * 4,
      enableXfa: false,
      stopAtErrors: false,
    });
    let document: PDFDocumentProxy;
    let repaired = false;
    using troubles = this.#platform.onTrouble((trouble) => (repaired ||= trouble === "repaired"));
    void troubles;
    try {
      document = await task.promise;
      if (document.numPages > maxPages) {
        const message = `The PDF has ${document.numPages} pages, but at most ${maxPages} are allowed.`;
        throw new GlyphpoolError("DOCUMENT_TOO_LARGE", message);
      }
      if (document.numPages < 1) throw new GlyphpoolError("PDF_CORRUPT", "The PDF has no pages.");
    } catch (error) {
      await task.destroy();
      const what = isComplete
        ? "it could not be opened"
        : "its end is missing, as if it was cut off";
      throw pdfFailure(error, what);
    }
    const id = this.#nextId++;
    const actualTexts = new ActualTexts(() => document.getData(), password);
    this.#documents.set(id, { task, document, actualTexts });
    return { id, pageCount: document.numPages, repaired };
  }

  async close(id: number): Promise<void> {
    const open = this.#documents.get(id);
    this.#documents.delete(id);
    await open?.task.destroy();
  }

  /** @throws GlyphpoolError `PAGE_NOT_FOUND`, `PDF_CORRUPT` */
  async info(request: PageRequest): Promise<PdfPageInfo> {
    return await this.#onPage(request, "opened", async (page) => {
      const { width, height, rotation } = page.getViewport({ scale: 1 });
      return { width, height, rotation };
    });
  }

  /** @throws GlyphpoolError `PAGE_NOT_FOUND`, `PDF_CORRUPT`, `IMAGE_TOO_LARGE`, `ABORTED` */
  async textLayer(request: PageRequest & TextLayerOptions): Promise<TextLayer> {
    return await this.#onPage(request, "read", (page, signal) =>
      readTextLayer(
        page,
        this.#platform.makeCanvas,
        request,
        (this.#documents.get(request.document) as Open).actualTexts,
        signal,
      ),
    );
  }

  /** @throws GlyphpoolError `PAGE_NOT_FOUND`, `PDF_CORRUPT`, `IMAGE_TOO_LARGE`, `BACKEND_UNAVAILABLE`, `ABORTED` */
  async render(request: RenderRequest): Promise<RenderedPage> {
    return await this.#onPage(request, "drawn", async (page, signal) => {
      const without = request.withoutText ? await knownText(page) : undefined;
      return await renderPage(page, this.#platform.makeCanvas, request, signal, without);
    });
  }

  cancel(call: number): void {
    this.#calls.get(call)?.abort();
  }

  async #onPage<T>(
    { call, document: id, page: number }: PageRequest,
    verb: string,
    work: (page: PDFPageProxy, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const open = this.#documents.get(id);
    if (!open) throw new GlyphpoolError("INTERNAL", `The worker has no document ${id}.`);
    const { numPages } = open.document;
    if (!(Number.isInteger(number) && number >= 1 && number <= numPages)) {
      const message = `There is no page ${number}: the PDF has the pages 1 to ${numPages}.`;
      throw new GlyphpoolError("PAGE_NOT_FOUND", message);
    }
    const abort = new AbortController();
    this.#calls.set(call, abort);
    let [removed, damaged] = [false, false];
    using troubles = this.#platform.onTrouble((trouble) => {
      removed ||= trouble === "removed";
      damaged ||= trouble === "damaged";
    });
    void troubles;
    let page: PDFPageProxy | undefined;
    try {
      page = await open.document.getPage(number);
      const result = await work(page, abort.signal);
      if (removed) throw tooLarge(number, this.#running().maxPixels);
      return damaged ? { ...result, damaged } : result;
    } catch (error) {
      if (removed) throw tooLarge(number, this.#running().maxPixels);
      throw pdfFailure(
        abort.signal.aborted ? abort.signal.reason : error,
        `page ${number} could not be ${verb}`,
      );
    } finally {
      this.#calls.delete(call);
      page?.cleanup();
    }
  }

  #running(): PdfWorkerConfig {
    if (!this.#config) throw new GlyphpoolError("INTERNAL", "The PDF worker was not initialised.");
    return this.#config;
  }
}

function tooLarge(page: number, maxPixels: number): GlyphpoolError {
  const message =
    `Page ${page} of the PDF holds an image or a stream that is larger than ${maxPixels} pixels allow. ` +
    "Raise `maxPixels` if you trust the document.";
  return new GlyphpoolError("IMAGE_TOO_LARGE", message);
}

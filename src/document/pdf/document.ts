/** One open PDF, as its user holds it. It survives the worker that reads it. */
import { ensureDisposeSymbols } from "../../core/dispose.ts";
import { GlyphpoolError } from "../../errors.ts";
import type {
  OpenedPdf,
  PageBox,
  PageInvoke,
  PdfLink,
  PdfPageInfo,
  PdfPlace,
  RenderedPage,
  TextLayer,
  TextLayerOptions,
} from "./worker-types.ts";

ensureDisposeSymbols();

export interface PdfPageOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PdfLayerOptions extends PdfPageOptions, TextLayerOptions {}

export interface PdfRenderOptions extends PdfPageOptions {
  /** Pixels per inch; above 0. */
  readonly dpi: number;
  /** Largest width × height. Default and upper bound: the limit of the service. */
  readonly maxPixels?: number | undefined;
  /** Only this part of the page is drawn. */
  readonly part?: PageBox | undefined;
  /** Leaves out the text that the page's layer has. Default false. */
  readonly withoutText?: boolean | undefined;
}

/**
 * Pages count from 1. Every call of a page rejects with `PAGE_NOT_FOUND`, `PDF_CORRUPT`, `IMAGE_TOO_LARGE` (an image of
 * the page is), `DEADLINE_EXCEEDED`, `WORKER_DIED` (also the second worker died of the page), `ABORTED` or
 * `ENGINE_CLOSED`; the next call works nevertheless, unless the engine is closed.
 */
export interface PdfDocument extends AsyncDisposable {
  readonly pageCount: number;
  /** Whether the file is damaged and was repaired, so that something may be missing. */
  readonly repaired: boolean;
  /** Size in points and rotation, as the page is seen. */
  info(page: number, options?: PdfPageOptions): Promise<PdfPageInfo>;
  /** The text that the document holds, in points from the top-left corner of the page as it is seen. */
  textLayer(page: number, options?: PdfLayerOptions): Promise<TextLayer>;
  /**
   * Draws a page on white. `dpi` is lowered so that the result has at most `maxPixels` pixels and 16 384 on a side.
   *
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE` in Deno without its optional canvas or the permission for it
   */
  render(page: number, options: PdfRenderOptions): Promise<RenderedPage>;
  /** Frees the document; later calls reject with `INVALID_INPUT`. */
  close(): Promise<void>;
}

/** What a document needs of the service that it belongs to. */
export interface PdfHost {
  page<T>(
    document: OpenDocument,
    page: number,
    invoke: PageInvoke<T>,
    signal: AbortSignal | undefined,
  ): Promise<T>;
  close(document: OpenDocument): Promise<void>;
  readonly maxPixels: number;
}

export class OpenDocument implements PdfDocument {
  /** The whole file: a new worker gets it from here. */
  readonly blob: Blob;
  readonly password: string | undefined;
  /** Set by the service; its link may be dead. */
  place: PdfPlace | undefined;
  readonly #host: PdfHost;
  #pageCount = 0;
  #repaired = false;
  #closing: Promise<void> | undefined;

  constructor(blob: Blob, password: string | undefined, host: PdfHost) {
    this.blob = blob;
    this.password = password;
    this.#host = host;
  }

  get repaired(): boolean {
    return this.#repaired;
  }

  get pageCount(): number {
    return this.#pageCount;
  }

  opened(link: PdfLink, { id, pageCount, repaired }: OpenedPdf): PdfPlace {
    this.#repaired = repaired;
    this.#pageCount = pageCount;
    return (this.place = { link, id });
  }

  async info(page: number, { signal }: PdfPageOptions = {}): Promise<PdfPageInfo> {
    this.#check();
    return await this.#host.page(this, page, (api, request) => api.info(request), signal);
  }

  async textLayer(page: number, options: PdfLayerOptions = {}): Promise<TextLayer> {
    this.#check();
    const { signal, look, pictures } = options;
    return await this.#host.page(
      this,
      page,
      (api, request) => api.textLayer({ ...request, look, pictures }),
      signal,
    );
  }

  async render(page: number, options: PdfRenderOptions): Promise<RenderedPage> {
    this.#check();
    const { dpi, maxPixels = Infinity, part, withoutText = false, signal } = options;
    checkPositive("dpi", dpi);
    checkPositive("maxPixels", maxPixels);
    const size = { dpi, maxPixels: Math.min(maxPixels, this.#host.maxPixels), part, withoutText };
    return await this.#host.page(
      this,
      page,
      (api, request) => api.render({ ...request, ...size }),
      signal,
    );
  }

  async close(): Promise<void> {
    // Whoever closes it second waits as long as the first.
    this.#closing ??= this.#host.close(this);
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #check(): void {
    if (!this.#closing) return;
    throw new GlyphpoolError("INVALID_INPUT", "The PDF is closed. Open it again.");
  }
}

function checkPositive(name: string, value: unknown): void {
  if (typeof value === "number" && value > 0) return;
  const message = `${name} is ${String(value)}, but it has to be a number above 0.`;
  throw new GlyphpoolError("INVALID_OPTION", message);
}

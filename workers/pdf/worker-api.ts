/** The wire between host and PDF worker: types only, seen by both realms. */
import type { Quad, RgbaImage } from "../../src/types.ts";
import type { Envelope } from "../../src/rpc/envelope.ts";
import type { StartOptions } from "../../src/rpc/link.ts";

/** Everything a PDF worker has to know once. */
export interface PdfWorkerConfig extends StartOptions {
  /** Documents with more pages are refused. */
  readonly maxPages: number;
  /** Largest width × height of an image inside a document, and of a canvas. */
  readonly maxPixels: number;
}

export interface OpenRequest {
  /** The whole document. Given away to the worker. */
  readonly bytes: Uint8Array;
  readonly password?: string;
}

export interface OpenedPdf {
  /** Names the document in later calls. */
  readonly id: number;
  readonly pageCount: number;
  /** The file is damaged: its objects were looked for one by one, and some may be missing. */
  readonly repaired: boolean;
}

/** Names a page of an open document, and the call, so that it can be cancelled. */
export interface PageRequest {
  /** Unique for a worker. */
  readonly call: number;
  readonly document: number;
  /** From 1. */
  readonly page: number;
}

export interface RenderRequest extends PageRequest {
  readonly dpi: number;
  /** Largest width × height of the result. */
  readonly maxPixels: number;
  /** Only this part of the page is drawn. */
  readonly part?: PageBox | undefined;
  /** Whether the text that the layer has is left out of the picture. */
  readonly withoutText?: boolean;
}

/** A page as a reader sees it: turned by its /Rotate, cut to its CropBox. */
export interface PdfPageInfo {
  /** Points, 1/72 inch. */
  readonly width: number;
  /** Points, 1/72 inch. */
  readonly height: number;
  /** Degrees clockwise by which the page is turned: 0, 90, 180 or 270. `width` and `height` say it after that. */
  readonly rotation: number;
}

/** A piece of text that the document draws in one go. */
export interface TextRun {
  /** In logical order, also of right-to-left text. */
  readonly text: string;
  /**
   * Points from the top-left corner of the page as it is seen; clockwise from the top-left of the text. Height is
   * the font's, not of the glyphs.
   */
  readonly polygon: Quad;
  /** Points. */
  readonly fontSize: number;
  /** Whether the document begins a new line after it. */
  readonly hasEOL: boolean;
  readonly dir: "ltr" | "rtl" | "ttb";
  /**
   * Where each code point of `text` ends, as a part of the run's length from the side where reading begins, 0–1.
   * Without them places within the run are estimated.
   */
  readonly ends?: readonly number[];
  /** Nobody sees it: drawn without colour, or under a picture. It is what OCR programs put over a scan. */
  readonly hidden?: boolean;
}

/** A rectangle in points from the top-left corner of the page as it is seen. */
export type PageBox = readonly [left: number, top: number, right: number, bottom: number];

export interface TextLayerOptions {
  /** Whether the page is drawn, coarsely, where it may hold ink that its text does not explain. Default false. */
  readonly look?: boolean | undefined;
  /** Whether pictures on pages that are not scans count as such ink. Default true. */
  readonly pictures?: boolean | undefined;
}

/** The text that a document holds for a page, without any reading of pixels. */
export interface TextLayer {
  /**
   * In the order in which the document draws them. Without what cannot be seen: switched off, cut away, covered, in the
   * colour of its background, or drawn twice. Without fonts whose codes have no characters.
   */
  readonly runs: readonly TextRun[];
  readonly page: PdfPageInfo;
  /** Part of the page that lies under images, 0–1, to about 1/50. */
  readonly imageCoverage: number;
  /**
   * Whether the text is invisible: `all` is what OCR programs put over a scan. Known for the page as a whole only.
   */
  readonly invisible: "none" | "some" | "all";
  /** Where ink is that may be text and is none of the layer. Empty unless the page was looked at. */
  readonly ink: readonly PageBox[];
  /** Part of the hidden runs that lie on ink, 0–1: little where a layer is shifted or does not belong to its page. */
  readonly support: number;
  /** Pages cannot be drawn here: `ink` is a guess. */
  readonly unseen?: boolean;
  /** Something of the page could not be read, and is missing. */
  readonly damaged?: boolean;
}

export interface RenderedPage {
  /** White where the page draws nothing. Its buffer belongs to the receiver. */
  readonly image: RgbaImage;
  /** What was used: less than what was asked for where the page is too large for `maxPixels`. */
  readonly dpi: number;
  /** Something of the page could not be read, and is missing. */
  readonly damaged?: boolean;
}

/** Every answer tells the resident bytes of the worker's process where it has one of its own. */
export interface PdfWorkerApi {
  /** Has to be called first, once. */
  init(config: PdfWorkerConfig): Promise<Envelope<void>>;
  open(request: OpenRequest): Promise<Envelope<OpenedPdf>>;
  /** Frees a document; unknown ids are ignored. */
  close(document: number): Promise<Envelope<void>>;
  info(request: PageRequest): Promise<Envelope<PdfPageInfo>>;
  textLayer(request: PageRequest & TextLayerOptions): Promise<Envelope<TextLayer>>;
  render(request: RenderRequest): Promise<Envelope<RenderedPage>>;
  /** Stops a call where pdf.js looks for it: between drawing steps. Unknown ids are ignored. */
  cancel(call: number): void;
}

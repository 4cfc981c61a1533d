/** Public data types. Coordinates are pixels of the decoded, EXIF-upright image; y grows downwards. */
import type { GlyphpoolError } from "./errors.ts";

/** x and y in pixels. */
export type Point = readonly [x: number, y: number];

/** Four corners, clockwise as seen on the page, starting at the top-left of the *text*. */
export type Quad = readonly [Point, Point, Point, Point];

/** An axis-aligned rectangle in pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One word of a line. */
export interface Word {
  text: string;
  /** Mean probability of the kept characters, 0–1. */
  confidence: number;
  polygon: Quad;
}

/** One line of text. */
export interface Line {
  text: string;
  /** Mean probability of the kept characters, 0–1. */
  confidence: number;
  polygon: Quad;
  /** Present unless only detection ran. */
  words?: Word[];
  /** Where the line comes from, on pages whose `source` is `mixed`. */
  source?: "ocr" | "layer";
}

/** Milliseconds spent on one page. The stages do not overlap; `total` also holds what lies between. */
export interface Timings {
  decode: number;
  detect: number;
  orient: number;
  recognize: number;
  /** Present where the structure was asked for. */
  structure?: number;
  /** The part of all stages that was spent inside the model runtime. */
  inference: number;
  total: number;
}

/** What a part of a page is. */
export type BlockType =
  | "title" // of the document
  | "heading" // of a section; `level` tells how deep
  | "text"
  | "abstract"
  | "contents" // a table of contents
  | "list"
  | "table"
  | "figure"
  | "chart"
  | "formula"
  | "inline-formula"
  | "formula-number"
  | "algorithm"
  | "caption" // of a figure, chart or table
  | "reference" // an entry, or all, of a bibliography
  | "sidebar"
  | "seal"
  | "header"
  | "footer"
  | "page-number"
  | "footnote";

/** One cell of a table. Cells do not overlap, and together they cover the grid. */
export interface TableCell {
  /** Of its top-left corner, from 0. */
  row: number;
  column: number;
  rowSpan: number;
  columnSpan: number;
  text: string;
  /** Whether it names what stands below or beside it. */
  header: boolean;
  /** Of its borders, or of its words where none are drawn. Absent of empty cells without borders. */
  polygon?: Quad;
}

/** A table as a grid. */
export interface Table {
  rows: number;
  columns: number;
  /** By row, then by column. */
  cells: TableCell[];
}

/** One part of a page. */
export interface Block {
  type: BlockType;
  polygon: Quad;
  /** Place in the reading order of the page, from 0. Every block has one; header and footer stand first and last. */
  order: number;
  /** 0–1: the layout model's score, 1 from the built-in layout. */
  confidence: number;
  /** Its lines joined in reading order; of a table the cells, parted by tabs and newlines. */
  text: string;
  /** The lines of the page that it consists of, as indices into `Page.lines`, in reading order. */
  lines: number[];
  /** Headings: 1 for a section, 2 for a part of one, … */
  level?: number;
  /** Tables, once they were analysed: the grid, and the same as an HTML `<table>`. */
  table?: Table;
  html?: string;
  /** Formulas, once they were read. */
  latex?: string;
  /** Figures and charts, where their pictures were asked for. */
  image?: RgbaImage;
}

/**
 * What made a page less than it could be.
 *
 * - `LINES_DROPPED`: lines were read with less confidence than `minConfidence` and left out.
 * - `RESOLUTION_REDUCED`: the picture was read at a smaller scale than its text needs.
 * - `TEXT_LAYER_IGNORED`: the document's own text was not used, or not all of it.
 * - `PICTURES_NOT_READ`: the page holds pictures that could not be looked at.
 * - `DOCUMENT_REPAIRED`: the file is damaged and was repaired; pages or text may be missing.
 * - `PAGE_DAMAGED`: a part of the page could not be read.
 */
export type PageWarningCode =
  | "LINES_DROPPED"
  | "RESOLUTION_REDUCED"
  | "TEXT_LAYER_IGNORED"
  | "PICTURES_NOT_READ"
  | "DOCUMENT_REPAIRED"
  | "PAGE_DAMAGED";

/** Why a page that was read may be incomplete. */
export interface PageWarning {
  readonly code: PageWarningCode;
  /** A sentence for people: what happened, and what to do about it. */
  readonly message: string;
}

/** Bytes in a buffer of their own. Written so that TypeScript before 5.7, whose arrays are not generic, takes it too. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/** The text of one image. */
export interface Page {
  width: number;
  height: number;
  /** Pixels per inch; absent where the file does not tell. Of an image 100 to 4800, as scanners write them. */
  dpi?: number;
  /**
   * Degrees clockwise, in tenths, by which the picture would have to be turned for most of its text to
   * run from left to right: 0, 90, 180 or 270 and the skew. Polygons are in the picture as it is.
   */
  rotation: number;
  /** The lines in reading order, joined with newlines. */
  text: string;
  lines: Line[];
  /** What the lines and pictures are, in reading order. Present where the structure was asked for. */
  blocks?: Block[];
  /** Why the result may be incomplete, one for each code. Absent where there is nothing to say. */
  warnings?: readonly PageWarning[];
  timings: Timings;
}

/** One page of a document. Coordinates are pixels of the page as it was read, upright as its file says. */
export interface DocumentPage extends Page {
  /** From 1 on, in the document. */
  readonly number: number;
  /** Where the text comes from: recognised, the document's own text layer, or both; then each line tells. */
  readonly source: "ocr" | "layer" | "mixed";
  /** Why this page could not be read; it has no lines then. */
  readonly error?: GlyphpoolError;
}

/** What a page can be turned into by itself; for whole documents and other formats see `createWriter`. */
export interface PageMethods {
  /** Paragraphs, and where the structure is known headings, lists, tables and formulas. */
  toMarkdown(): string;
  /** The same as a fragment of HTML, without `<html>` and `<body>`. */
  toHtml(): string;
}

/** Pixels as the pipeline sees them: 8-bit RGBA, row-major, no padding, alpha already blended away. */
export interface RgbaImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** A picture as a file that anything can show. */
export interface EncodedImage {
  /** A PNG: upright, opaque, with the pixels that a read sees. */
  readonly bytes: Bytes;
  readonly type: "image/png";
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Where inference runs. `auto` takes WebGPU only where it is real hardware and agrees with wasm. */
export type Backend = "auto" | "webgpu" | "wasm";

/** Progress of one call. `total` is absent where it is not known. */
export interface Progress {
  stage: "download" | "load" | "decode" | "detect" | "orient" | "recognize" | "structure" | "page";
  /** Bytes for `download`, models for `load`, lines for `orient` and `recognize`, pages for `page`, else 0 or 1. */
  done: number;
  total?: number;
  /** The file being downloaded or the model being loaded. */
  name?: string;
}

/** Anything that `engine.read` takes. Paths are for Deno only. */
export type ImageInput =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | ImageBitmap
  | ImageData
  | OffscreenCanvas
  | HTMLCanvasElement
  | HTMLImageElement
  | VideoFrame
  | RgbaImage;

/** Limits that are checked against an image's header before a pixel is decoded. */
export interface ImageLimits {
  /** Largest encoded input in bytes. */
  readonly maxBytes: number;
  /** Largest width × height. */
  readonly maxPixels: number;
  /** Largest width or height. */
  readonly maxSide: number;
}

export type TaskStatus = "succeeded" | "failed" | "cancelled";

/** How one task ended. Everything that it owned is released by the time this exists. */
export interface TaskRecord {
  /** Unique in this realm, rising in the order of the starts. */
  readonly id: number;
  readonly name: string;
  /** `cancelled`: its signal fired or an inner call was aborted. A passed deadline is `failed`. */
  readonly status: TaskStatus;
  /** Why it did not succeed; what its promise was rejected with. */
  readonly error?: unknown;
  /** What went wrong while its resources were released; empty as a rule. */
  readonly releaseErrors: readonly unknown[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds from the start until everything was released. */
  readonly ms: number;
}

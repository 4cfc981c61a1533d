/** Bounds for documents that come from strangers. */
import { GlyphpoolError } from "../../errors.ts";

export interface PdfLimits {
  /** Documents that claim more pages are refused; how many are read is limited by `engine.pages`. */
  readonly maxPages: number;
  /** Largest width × height of a rendered page, and of an image inside a document. */
  readonly maxPixels: number;
  /** Largest document in bytes. */
  readonly maxBytes: number;
  /** Milliseconds to open a document, the start of a worker included; 0 for no end. */
  readonly openDeadline: number;
  /** Milliseconds for the text layer or the pixels of one page; 0 for no end. The worker is replaced then. */
  readonly pageDeadline: number;
  /**
   * Bytes by which the worker's process may grow before it is replaced between two pages. A process that grows by
   * {@link MEMORY_CEILING} times as much is ended in the middle of a page. Only a process of its own can be measured:
   * neither a browser nor Deno tells what one of its workers holds.
   */
  readonly maxMemory: number;
  /** Pages after which a worker whose memory cannot be measured is replaced. */
  readonly maxWorkerPages: number;
}

/** The largest pages are A3 at 600 dpi: 70 million pixels. */
export const DEFAULT_PDF_LIMITS: PdfLimits = {
  maxPages: 1_000_000,
  maxPixels: 100_000_000,
  maxBytes: 256 * 2 ** 20,
  openDeadline: 30_000,
  pageDeadline: 60_000,
  maxMemory: 512 * 2 ** 20,
  maxWorkerPages: 500,
};

/** How many times `maxMemory` a process may hold within one page: drawing needs several times its result. */
export const MEMORY_CEILING = 3;

/** @throws GlyphpoolError `INVALID_OPTION` */
export function checkPdfLimits(given: Partial<PdfLimits> = {}): PdfLimits {
  const limits: PdfLimits = { ...DEFAULT_PDF_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    const least = name.endsWith("Deadline") ? 0 : 1;
    if (typeof value === "number" && value >= least) continue;
    const message = `limits.${name} is ${String(value)}, but it has to be a number of at least ${least}.`;
    throw new GlyphpoolError("INVALID_OPTION", message);
  }
  return limits;
}

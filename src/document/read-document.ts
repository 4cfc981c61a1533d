/** Reads a document page by page, a bounded number of pages ahead, in order. */
import type { PagesOptions } from "../options/pages.ts";
import { delay, untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { DocumentPage, Page, Progress } from "../types.ts";
import type { DocumentSource, PagePicture, ReadPart } from "./document-source.ts";
import { parsePageRange } from "./page-range.ts";

/** What is known of a page beside what was read. */
export type FinishPage = <P extends Page>(page: P) => P & DocumentPage;

export interface DocumentReader {
  /**
   * Reads one picture; it waits for a free worker.
   *
   * @param finish makes a page of the document of what was read, now or later
   */
  readonly read: (picture: PagePicture, finish: FinishPage, signal: AbortSignal) => Promise<Page>;
  /** Reads a part of a page, for its source. */
  readonly readPart: ReadPart;
  /**
   * Pages that may be under way: one for each worker, and one more that is made ready. A page is done with before the
   * next but so many is begun.
   */
  readonly ahead: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Milliseconds before a page is tried again that found the queue or the memory full, each twice the last. */
const FIRST_WAIT = 250;
const LAST_WAIT = 8_000;
/** Milliseconds after which such a page has failed. */
const PATIENCE = 120_000;

/** Others fill them, and they become free again: no reason to lose a page. */
const TRANSIENT: ReadonlySet<string> = new Set(["QUEUE_FULL", "MEMORY_EXHAUSTED"]);
/** Nothing can be read any more. */
const FINAL: ReadonlySet<string> = new Set(["ENGINE_CLOSED"]);

/**
 * Yields every page that is asked for, in that order; one that cannot be read has an `error`, and the others go on.
 * Ends all that is under way when the caller stops.
 *
 * @throws GlyphpoolError `PAGE_NOT_FOUND`, `DOCUMENT_TOO_LARGE`, `ABORTED`, `ENGINE_CLOSED`
 */
export async function* readDocument(
  source: DocumentSource,
  { pages, maxPages = Infinity }: Pick<PagesOptions, "pages" | "maxPages">,
  { read, readPart, ahead, onProgress }: DocumentReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<DocumentPage, void, undefined> {
  const numbers = parsePageRange(pages, source.count);
  if (numbers.length > maxPages) throw tooMany(numbers.length, maxPages);
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const underWay: Promise<DocumentPage>[] = [];
  const begin = (): void => {
    const number = numbers[underWay.length + done];
    if (number === undefined) return;
    const page = readPage(source, number, { read, readPart }, both);
    // Somebody asks for it later, or nobody does because the caller has stopped.
    page.catch(() => undefined);
    underWay.push(page);
  };
  let done = 0;
  onProgress?.({ stage: "page", done, total: numbers.length });
  try {
    while (underWay.length < ahead && underWay.length < numbers.length) begin();
    for (let next = underWay[0]; next; next = underWay[0]) {
      const page = await untilAborted(next, signal);
      void underWay.shift();
      done++;
      begin();
      onProgress?.({ stage: "page", done, total: numbers.length });
      yield page;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(underWay);
  }
}

function tooMany(count: number, allowed: number): GlyphpoolError {
  const message =
    `The document has ${count} pages to be read, but at most ${allowed} are allowed. ` +
    "Name fewer with `pages`, or raise `maxPages`.";
  return new GlyphpoolError("DOCUMENT_TOO_LARGE", message);
}

type PageReader = Pick<DocumentReader, "read" | "readPart">;

async function readPage(
  source: DocumentSource,
  number: number,
  read: PageReader,
  signal: AbortSignal,
): Promise<DocumentPage> {
  const start = performance.now();
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LAST_WAIT)) {
    try {
      return await readOnce(source, number, read, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (!GlyphpoolError.is(error) || FINAL.has(error.code)) throw error;
      const patient = performance.now() - start < PATIENCE;
      if (!TRANSIENT.has(error.code) || !patient) return failed(number, error);
    }
    await untilAborted(delay(wait), signal);
  }
}

async function readOnce(
  source: DocumentSource,
  number: number,
  { read, readPart }: PageReader,
  signal: AbortSignal,
): Promise<DocumentPage> {
  const prepared = await source.prepare(number, signal, readPart);
  if ("page" in prepared) return prepared.page;
  try {
    const { dpi, source: from = "ocr", warnings = [] } = prepared;
    const more = { number, source: from, ...(dpi === undefined ? {} : { dpi }) } as const;
    const finish: FinishPage = (page) => {
      const all = [...(page.warnings ?? []), ...warnings];
      return { ...page, ...more, ...(all.length > 0 ? { warnings: all } : {}) };
    };
    return finish(await read(prepared, finish, signal));
  } finally {
    prepared.close?.();
  }
}

function failed(number: number, error: GlyphpoolError): DocumentPage {
  return {
    number,
    source: "ocr",
    error,
    width: 0,
    height: 0,
    rotation: 0,
    text: "",
    lines: [],
    timings: { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 },
  };
}

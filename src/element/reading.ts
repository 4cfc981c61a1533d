/** Reads one document, file by file and page by page. Knows nothing of what shows it. */
import type { PagesOptions } from "../options/pages.ts";
import type { Engine } from "../engine/engine.ts";
import type { DocumentPage, PageMethods, Progress } from "../types.ts";
import type { Part } from "./source.ts";
import { TimeLeft } from "./time-left.ts";

/** A page, and the file that it is from. */
export interface ReadPage {
  readonly page: DocumentPage & PageMethods;
  readonly part: Part;
  /** From 0 on, in the document as a whole. */
  readonly index: number;
}

/** How far the reading is. */
export interface ReadingProgress {
  /** Pages that are done. */
  readonly done: number;
  /** Pages in all, as far as is known. */
  readonly total: number;
  /** Milliseconds; absent before the first page is done. */
  readonly left?: number;
  /** What the engine is busy with: above all downloads of models. */
  readonly detail?: Progress;
}

export interface ReadingListeners {
  readonly onPage: (page: ReadPage) => void;
  readonly onProgress: (progress: ReadingProgress) => void;
  /** A page whose formulas or tables came later. */
  readonly onUpdate: (page: ReadPage) => void;
}

/**
 * Reads all pages of all parts in their order.
 *
 * @throws GlyphpoolError as `engine.pages`; a page that cannot be read has an `error` instead
 */
export async function readParts(
  engine: Engine,
  parts: readonly Part[],
  options: PagesOptions,
  { onPage, onProgress, onUpdate }: ReadingListeners,
): Promise<void> {
  const clock = new TimeLeft();
  const totals = parts.map(() => 1);
  let done = 0;
  const tell = (detail?: Progress): void => {
    const total = Math.max(
      done,
      totals.reduce((sum, count) => sum + count, 0),
    );
    const left = clock.of(total - done);
    onProgress({
      done,
      total,
      ...(left === undefined ? {} : { left }),
      ...(detail ? { detail } : {}),
    });
  };
  for (const [place, part] of parts.entries()) {
    const indexes = new Map<number, number>();
    const pages = engine.pages(part.file, {
      ...options,
      onProgress: (progress) => {
        if (progress.stage === "page") totals[place] = progress.total ?? 1;
        tell(progress.stage === "page" ? undefined : progress);
      },
      onUpdate: ({ page }) => {
        const late = page as DocumentPage & PageMethods;
        onUpdate({ page: late, part, index: indexes.get(late.number) ?? 0 });
      },
    });
    for await (const page of pages) {
      const index = done++;
      indexes.set(page.number, index);
      clock.pageDone();
      onPage({ page, part, index });
      tell();
    }
  }
}

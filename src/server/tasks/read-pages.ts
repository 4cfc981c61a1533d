/** Reads one file with the engine, within the limits of pages and time. */
import { parsePageRange } from "../../document/page-range.ts";
import type { Engine, PagesOptions } from "../../engine/engine.ts";
import { GlyphpoolError } from "../../errors.ts";
import type { DocumentPage } from "../../types.ts";
import type { TaskOptions } from "../store/task-store.ts";

/** The part of an engine that reads. */
export type PageReader = Pick<Engine, "pages">;

export interface ReadLimits {
  readonly maxPages: number;
  /** Milliseconds for all pages. */
  readonly deadline: number;
}

/** Pages that an earlier attempt has stored. */
export interface Progress {
  readonly done: number;
  /** Pages that were asked for, where that is known. */
  readonly total: number | undefined;
}

const NOTHING_DONE: Progress = { done: 0, total: undefined };

/**
 * The pages with how many there are in all. Stopping the loop ends what is under way.
 *
 * @param progress pages that are left out
 * @throws GlyphpoolError as `engine.pages`; `DOCUMENT_TOO_LARGE`, `DEADLINE_EXCEEDED`, `ABORTED`
 */
export async function* readPages(
  engine: PageReader,
  path: string,
  options: TaskOptions,
  { maxPages, deadline }: ReadLimits,
  outer: AbortSignal,
  progress: Progress = NOTHING_DONE,
): AsyncGenerator<{ page: DocumentPage; total: number | undefined }, void, undefined> {
  const { done } = progress;
  if (done > 0 && done === progress.total) return;
  const limit = new AbortController();
  const stop = (code: "DEADLINE_EXCEEDED" | "DOCUMENT_TOO_LARGE", message: string): void =>
    limit.abort(new GlyphpoolError(code, message));
  const timer = setTimeout(
    () => stop("DEADLINE_EXCEEDED", `Reading took more than the ${deadline} ms that are allowed.`),
    deadline,
  );
  const rest = done > 0 ? { pages: pagesAfter(options, done, maxPages) } : {};
  let total: number | undefined;
  const onProgress: PagesOptions["onProgress"] = (step) => {
    if (step.stage !== "page") return;
    total = step.total === undefined ? undefined : done + step.total;
    if (total !== undefined && total > maxPages) {
      stop("DOCUMENT_TOO_LARGE", `${total} pages are asked for, but ${maxPages} are allowed.`);
    }
  };
  const signal = AbortSignal.any([outer, limit.signal]);
  try {
    for await (const page of engine.pages(path, { ...options, ...rest, signal, onProgress })) {
      yield { page, total };
    }
  } catch (error) {
    if (limit.signal.aborted && !outer.aborted) throw limit.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a reading can go on after some of its pages: not where pages are counted from the end. */
export function canResume({ pages }: TaskOptions): boolean {
  return typeof pages !== "string" || !pages.includes("r");
}

function pagesAfter({ pages }: TaskOptions, done: number, maxPages: number): string {
  if (typeof pages !== "string") return `${done + 1}-r1`;
  // Some of them were read: they are all in the document, and no more than a document may have are asked for.
  const named = pages.match(/\d+/g)?.map(Number) ?? [];
  const numbers = parsePageRange(pages, Math.max(...named));
  return numbers.slice(done, maxPages).join(",");
}

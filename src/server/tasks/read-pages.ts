/** Reads one file with the engine, within the limits of pages and time. */
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

/**
 * The pages with how many there are in all. Stopping the loop ends what is under way.
 *
 * @throws GlyphpoolError as `engine.pages`; `DOCUMENT_TOO_LARGE`, `DEADLINE_EXCEEDED`, `ABORTED`
 */
export async function* readPages(
  engine: PageReader,
  path: string,
  options: TaskOptions,
  { maxPages, deadline }: ReadLimits,
  outer: AbortSignal,
): AsyncGenerator<{ page: DocumentPage; total: number | undefined }, void, undefined> {
  const limit = new AbortController();
  const stop = (code: "DEADLINE_EXCEEDED" | "DOCUMENT_TOO_LARGE", message: string): void =>
    limit.abort(new GlyphpoolError(code, message));
  const timer = setTimeout(
    () => stop("DEADLINE_EXCEEDED", `Reading took more than the ${deadline} ms that are allowed.`),
    deadline,
  );
  let total: number | undefined;
  const onProgress: PagesOptions["onProgress"] = (progress) => {
    if (progress.stage !== "page") return;
    total = progress.total;
    if (total !== undefined && total > maxPages) {
      stop("DOCUMENT_TOO_LARGE", `${total} pages are asked for, but ${maxPages} are allowed.`);
    }
  };
  const signal = AbortSignal.any([outer, limit.signal]);
  try {
    for await (const page of engine.pages(path, { ...options, signal, onProgress })) {
      yield { page, total };
    }
  } catch (error) {
    if (limit.signal.aborted && !outer.aborted) throw limit.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

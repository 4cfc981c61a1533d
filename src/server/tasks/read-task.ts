/** One attempt at a task, from its first page that is not stored to its last one or to the end of its turn. */
import { HEAD_BYTES } from "../../document/file-kind.ts";
import { GlyphpoolError } from "../../errors.ts";
import { hasPages } from "../intake/file-types.ts";
import type { Claim, StoredTask, TaskStore } from "../store/task-store.ts";
import { canResume, readPages } from "./read-pages.ts";
import type { PageReader, ReadLimits } from "./read-pages.ts";
import type { Statistics } from "./statistics.ts";
import { fromStoredPage, toStoredPage } from "./stored-page.ts";
import type { Span } from "./tracing.ts";
import { isPassing, StoreFailure } from "./verdict.ts";
import type { Attempt } from "./verdict.ts";

/** Why a task's signal fired. */
export type Stop = "lost" | "shutdown";

/** A task that is being read. */
export interface Running {
  readonly claim: Claim;
  readonly stop: AbortController;
  /** Whether another task ran at the same time. */
  company: boolean;
  /** Names of the savings that its events have told of. */
  told: string;
}

interface Reading {
  readonly engine: PageReader;
  readonly store: TaskStore;
  readonly limits: ReadLimits;
  readonly maxAttempts: number;
  readonly statistics: Statistics;
  /** Whether the task has to make room for others. */
  readonly isOver: () => Promise<boolean>;
}

type Result = Omit<Attempt, "maxAttempts"> & { readonly turnIsOver: boolean };

export async function readTask(
  { engine, store, limits, maxAttempts, statistics, isOver }: Reading,
  task: StoredTask,
  running: Running,
  span: Span,
): Promise<Result> {
  const { claim, stop } = running;
  const { attempts, blame, options } = task;
  const resumes = canResume(options);
  const pagesDone = resumes ? task.pagesDone : 0;
  const count = { rerun: false, pages: 0, failed: 0, turnIsOver: false };
  let firstFailure: GlyphpoolError | undefined;
  let thrown: unknown;
  try {
    if (task.pagesDone > 0 && !resumes) await stored(() => store.restart(claim));
    await using input = await stored(() => store.input(claim.id));
    count.rerun = !hasPages(await readHead(input.path));
    let since = performance.now();
    const progress = { done: pagesDone, total: task.pagesTotal };
    const reading = readPages(engine, input.path, options, limits, stop.signal, progress);
    for await (const { page, total } of reading) {
      const now = performance.now();
      const { number, error } = page;
      const code = error?.code;
      const ms = Math.round(now - since);
      since = now;
      const conditions = { attempts, maxAttempts, blame, alone: !running.company };
      const again = code === "WORKER_DIED" || isPassing(code, conditions);
      if (!again) count.pages++;
      if (error && !again) count.failed++;
      if (error) firstFailure = again ? error : (firstFailure ?? error);
      if (again) break;
      statistics.page(error ? "failed" : "read");
      span.addEvent("page", { "glyphpool.page": number, ...(code ? { error: code } : {}) });
      const row = { number, json: toStoredPage(page), ms, error: code, total };
      if (!(await stored(() => store.addPage(claim, row)))) stop.abort("lost" satisfies Stop);
      if (stop.signal.aborted) break;
      const left = total === undefined || pagesDone + count.pages < total;
      if (left && resumes && (await stored(isOver))) {
        count.turnIsOver = true;
        break;
      }
    }
    // Of pages that an earlier attempt has stored, one that could be read is enough.
    if (pagesDone > 0 && count.failed === count.pages && !count.turnIsOver) {
      const earlier = await stored(() => firstStored(store, claim.id));
      count.pages += pagesDone;
      if (earlier) firstFailure = earlier;
      if (earlier) count.failed += pagesDone;
    }
  } catch (error) {
    thrown = error;
  }
  // An abort of ours looks like one of the caller's.
  if (stop.signal.reason === ("shutdown" satisfies Stop)) {
    thrown = new GlyphpoolError("ENGINE_CLOSED", "The server is shutting down.");
  }
  return { ...count, attempts, blame, alone: !running.company, firstFailure, thrown };
}

/** The error of the first page where none could be read. */
async function firstStored(store: TaskStore, id: string): Promise<GlyphpoolError | undefined> {
  let first: GlyphpoolError | undefined;
  for await (const json of store.pages(id)) {
    const { error } = fromStoredPage(json);
    if (!error) return undefined;
    first ??= error;
  }
  return first;
}

/** @throws StoreFailure */
async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StoreFailure(error);
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const head = new Uint8Array(HEAD_BYTES);
  const length = (await file.read(head)) ?? 0;
  return head.subarray(0, length);
}

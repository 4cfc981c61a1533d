/** Takes tasks from the store and reads them, a fixed number at the same time. */
import { delay as pause } from "../../core/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { GlyphpoolError } from "../../errors.ts";
import { HEAD_BYTES } from "../../document/file-kind.ts";
import { hasPages } from "../intake/file-types.ts";
import type { Log } from "../process/log.ts";
import { readPages } from "./read-pages.ts";
import type { PageReader, ReadLimits } from "./read-pages.ts";
import type { Statistics } from "./statistics.ts";
import { toStoredPage } from "./stored-page.ts";
import type { Claim, ClaimedTask, TaskStore } from "../store/task-store.ts";
import { traced } from "./tracing.ts";
import type { Span } from "./tracing.ts";
import { decideRetry } from "./verdict.ts";
import type { Attempt, Verdict } from "./verdict.ts";

export interface RunnerOptions {
  readonly engine: PageReader & { readonly memory: Pick<Engine["memory"], "snapshot"> };
  readonly store: TaskStore;
  /** Tasks at the same time. */
  readonly tasks: number;
  readonly limits: ReadLimits;
  readonly maxAttempts: number;
  /** Milliseconds between two signs of life. */
  readonly heartbeat: number;
  readonly statistics: Statistics;
  readonly log: Log;
}

/** Why a task's signal fired. */
type Stop = "lost" | "shutdown";

interface Running {
  readonly claim: Claim;
  readonly stop: AbortController;
  /** Names of the savings that its events have told of. */
  told: string;
}

/** Milliseconds after a store that failed, such as a database that is restarted. */
const STORE_PAUSE = 1_000;

export class TaskRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Set<Running>();
  readonly #intake = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Tasks that are being read here. */
  get running(): number {
    return this.#running.size;
  }

  start(): void {
    const { tasks, heartbeat } = this.#options;
    for (let i = 0; i < tasks; i++) this.#loops.push(this.#loop());
    this.#timer = setInterval(() => void this.#beat(), heartbeat);
  }

  /**
   * Takes no more tasks, and resolves when those that run have ended or, after the milliseconds, were given back to
   * the queue.
   */
  async drain(deadline: number): Promise<void> {
    this.#intake.abort();
    const ended = Promise.all(this.#loops);
    const timer = setTimeout(() => this.#abort("shutdown"), deadline);
    await ended;
    clearTimeout(timer);
    clearInterval(this.#timer);
  }

  /** Tells the tasks that are being read of what the engine gives up to save memory. */
  async noteMemory(): Promise<void> {
    for (const running of this.#running) await this.#noteMemory(running);
  }

  async #loop(): Promise<void> {
    const { store, log } = this.#options;
    const { signal } = this.#intake;
    while (!signal.aborted) {
      try {
        const claimed = await store.claim();
        if (claimed) await this.#trace(claimed);
        else await store.workArrived(store.pollInterval, signal);
      } catch (error) {
        log.error("the store failed", { error });
        await pause(STORE_PAUSE);
      }
    }
  }

  async #trace(claimed: ClaimedTask): Promise<void> {
    const { id, bytes, attempts } = claimed.task;
    const attributes = {
      "glyphpool.task": id,
      "glyphpool.bytes": bytes,
      "glyphpool.attempts": attempts,
    };
    try {
      await traced("glyphpool task", attributes, (span) => this.#run(claimed, span));
    } catch (error) {
      this.#options.log.error("a task could not be brought to an end", { task: id, error });
      await pause(STORE_PAUSE);
      // Else nobody would take it up again as long as this process lives. Its fence keeps this from doing harm.
      await this.#options.store.release(claimed.claim, "the server failed", true);
    }
  }

  async #run({ claim, task }: ClaimedTask, span: Span): Promise<void> {
    const { statistics, log, maxAttempts } = this.#options;
    const running: Running = { claim, stop: new AbortController(), told: "" };
    this.#running.add(running);
    const since = performance.now();
    try {
      await this.#noteMemory(running);
      const attempt = await this.#read({ claim, task }, running, span);
      if (running.stop.signal.reason === ("lost" satisfies Stop)) return;
      const verdict = decideRetry({ ...attempt, attempts: task.attempts, maxAttempts });
      await this.#settle(claim, verdict);
      if (attempt.thrown !== undefined && !GlyphpoolError.is(attempt.thrown)) {
        log.error("a task failed for a reason of ours", { task: claim.id, error: attempt.thrown });
      }
      const outcome = verdict.kind === "end" ? verdict.state : "returned";
      span.setAttribute("glyphpool.outcome", outcome);
      statistics.count("tasks", outcome);
      // Tasks that run side by side share the time.
      statistics.took((performance.now() - since) / this.#options.tasks);
    } finally {
      this.#running.delete(running);
    }
  }

  async #read(
    { claim, task }: ClaimedTask,
    { stop }: Running,
    span: Span,
  ): Promise<Omit<Attempt, "attempts" | "maxAttempts">> {
    const { engine, store, limits, statistics } = this.#options;
    const attempt = { rerun: false, pages: 0, failed: 0 };
    let firstFailure: GlyphpoolError | undefined;
    let thrown: unknown;
    try {
      await using input = await store.input(claim.id);
      attempt.rerun = !hasPages(await readHead(input.path));
      let since = performance.now();
      const reading = readPages(engine, input.path, task.options, limits, stop.signal);
      for await (const { page, total } of reading) {
        const now = performance.now();
        const error = page.error?.code;
        const { number } = page;
        const ms = Math.round(now - since);
        since = now;
        attempt.pages++;
        if (page.error) attempt.failed++;
        firstFailure ??= page.error;
        statistics.page(page.error ? "failed" : "read");
        span.addEvent("page", { "glyphpool.page": number, ...(error ? { error } : {}) });
        const stored = { number, json: toStoredPage(page), ms, error, total };
        if (!(await store.addPage(claim, stored))) stop.abort("lost" satisfies Stop);
        if (stop.signal.aborted || error === "WORKER_DIED") break;
      }
    } catch (error) {
      thrown = error;
    }
    // An abort of ours looks like one of the caller's.
    if (stop.signal.reason === ("shutdown" satisfies Stop)) {
      thrown = new GlyphpoolError("ENGINE_CLOSED", "The server is shutting down.");
    }
    return { ...attempt, firstFailure, thrown };
  }

  async #settle(claim: Claim, verdict: Verdict): Promise<void> {
    const { store } = this.#options;
    if (verdict.kind === "again") {
      await store.release(claim, verdict.reason, verdict.counts, verdict.delay);
      return;
    }
    const { state, error } = verdict;
    await store.finish(claim, error ? { state, error } : { state });
  }

  async #beat(): Promise<void> {
    const { store, log } = this.#options;
    if (this.#running.size === 0) return;
    try {
      const lost = await store.heartbeat([...this.#running].map(({ claim }) => claim));
      for (const { claim, stop } of this.#running) {
        const gone = lost.some(({ id, fence }) => id === claim.id && fence === claim.fence);
        if (gone) stop.abort("lost" satisfies Stop);
      }
    } catch (error) {
      log.error("no sign of life could be given", { error });
    }
  }

  /** A cancellation in this process need not wait for a heartbeat. */
  cancelled(id: string): void {
    for (const { claim, stop } of this.#running) {
      if (claim.id === id) stop.abort("lost" satisfies Stop);
    }
  }

  #abort(reason: Stop): void {
    for (const { stop } of this.#running) stop.abort(reason);
  }

  async #noteMemory(running: Running): Promise<void> {
    const { engine, store, log } = this.#options;
    const { level, actions } = engine.memory.snapshot();
    const key = actions.join();
    if (key === running.told) return;
    running.told = key;
    try {
      await store.note(running.claim, { type: "degraded", level, actions });
    } catch (error) {
      log.error("an event could not be stored", { error });
    }
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const head = new Uint8Array(HEAD_BYTES);
  const length = (await file.read(head)) ?? 0;
  return head.subarray(0, length);
}

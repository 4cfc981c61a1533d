/** Takes tasks from the store and reads them, a fixed number at the same time. */
import { Mutex } from "../../core/mutex.ts";
import { delay as pause } from "../../core/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { GlyphpoolError } from "../../errors.ts";
import type { Log } from "../process/log.ts";
import { StoreUnavailable } from "../store/task-store.ts";
import type { Claim, ClaimedTask, StoredTask, TaskStore } from "../store/task-store.ts";
import { readTask } from "./read-task.ts";
import type { Running, Stop } from "./read-task.ts";
import type { PageReader, ReadLimits } from "./read-pages.ts";
import type { Statistics } from "./statistics.ts";
import { traced } from "./tracing.ts";
import type { Span } from "./tracing.ts";
import { Turns } from "./turns.ts";
import { decideRetry } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

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

/** Milliseconds after a store that failed, such as a database that is restarted. */
const STORE_PAUSE = 1_000;
/** Milliseconds between two looks whether others have made room. */
const ROOM_CHECK = 50;

export class TaskRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Set<Running>();
  readonly #intake = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #turns = new Turns();
  readonly #claiming = new Mutex();
  /** Settles when the task has ended that nothing else may run beside. */
  #alone: PromiseWithResolvers<void> | undefined;
  /** Whether what runs now has to make room for that task. */
  #makeRoom = false;
  /** Fires when nothing is waited for any more, not even a store that has failed. */
  readonly #givenUp = new AbortController();
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
    const timer = setTimeout(() => {
      for (const { stop } of this.#running) stop.abort("shutdown" satisfies Stop);
      this.#givenUp.abort();
    }, deadline);
    await ended;
    clearTimeout(timer);
    clearInterval(this.#timer);
  }

  /** Tells the tasks that are being read of what the engine gives up to save memory. */
  async noteMemory(): Promise<void> {
    for (const running of this.#running) await this.#noteMemory(running);
  }

  /** A cancellation in this process need not wait for a heartbeat. */
  cancelled(id: string): void {
    for (const { claim, stop } of this.#running) {
      if (claim.id === id) stop.abort("lost" satisfies Stop);
    }
  }

  async #loop(): Promise<void> {
    const { store, log } = this.#options;
    const { signal } = this.#intake;
    while (!signal.aborted) {
      try {
        const claimed = await this.#claiming.run(() => this.#claim());
        if (claimed) await this.#trace(claimed);
        else await store.workArrived(store.pollInterval, signal);
      } catch (error) {
        log.error("the store failed", { error });
        await pause(STORE_PAUSE);
      }
    }
  }

  async #claim(): Promise<ClaimedTask | undefined> {
    const { store } = this.#options;
    await this.#alone?.promise;
    if (this.#intake.signal.aborted) return undefined;
    const owner = this.#turns.next(await store.waiting());
    const claimed = owner === undefined ? undefined : await store.claim(owner);
    if (claimed?.task.alone) this.#alone = Promise.withResolvers<void>();
    return claimed;
  }

  async #trace(claimed: ClaimedTask): Promise<void> {
    const { claim, task } = claimed;
    const { id, bytes, attempts } = task;
    const attributes = {
      "glyphpool.task": id,
      "glyphpool.bytes": bytes,
      "glyphpool.attempts": attempts,
    };
    const running = { claim, stop: new AbortController(), company: false, told: "" };
    try {
      if (task.alone) await this.#untilAlone();
      this.#enter(running);
      await traced("glyphpool task", attributes, (span) => this.#run(task, running, span));
    } finally {
      this.#running.delete(running);
      if (task.alone) {
        this.#alone?.resolve();
        this.#alone = undefined;
      }
    }
  }

  /** What runs goes back to the queue after its page, so that this takes no longer than a page. */
  async #untilAlone(): Promise<void> {
    this.#makeRoom = true;
    while (this.#running.size > 0) await pause(ROOM_CHECK);
    this.#makeRoom = false;
  }

  #enter(running: Running): void {
    this.#running.add(running);
    if (this.#running.size > 1) for (const each of this.#running) each.company = true;
  }

  async #run(task: StoredTask, running: Running, span: Span): Promise<void> {
    const { statistics, log, maxAttempts, tasks } = this.#options;
    const turn = this.#turns.begin(task.owner, task.turns);
    try {
      await this.#noteMemory(running);
      const isOver = async (): Promise<boolean> =>
        this.#makeRoom || this.#turns.isOver(turn, await this.#options.store.waiting());
      const attempt = await readTask({ ...this.#options, isOver }, task, running, span);
      const { signal } = running.stop;
      if (signal.reason === ("lost" satisfies Stop)) return;
      const { thrown, turnIsOver } = attempt;
      const verdict: Verdict = turnIsOver
        ? { kind: "again", reason: "others have their turn", counts: false, turn: true }
        : decideRetry({ ...attempt, maxAttempts });
      if (thrown !== undefined && !GlyphpoolError.is(thrown)) {
        log.error("internal error", { task: task.id, error: thrown });
      }
      await this.#settle(running.claim, verdict);
      const outcome = verdict.kind === "end" ? verdict.state : "returned";
      span.setAttribute("glyphpool.outcome", outcome);
      statistics.count("tasks", outcome);
      // Tasks that run side by side share the time.
      if (verdict.kind === "end") statistics.took((performance.now() - turn.since) / tasks);
    } finally {
      this.#turns.end(turn);
    }
  }

  /** However long the store is away: as long as this process lives, nobody else would bring the task to its end. */
  async #settle(claim: Claim, verdict: Verdict): Promise<void> {
    const { store, log } = this.#options;
    for (let failures = 0; ; failures++) {
      try {
        if (verdict.kind === "again") await store.release(claim, verdict);
        else await store.finish(claim, outcomeOf(verdict));
        return;
      } catch (error) {
        if (failures === 0)
          log.error("the end of a task cannot be stored yet", { task: claim.id, error });
        if (this.#givenUp.signal.aborted) return;
        await pause(STORE_PAUSE);
      }
    }
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

  async #noteMemory(running: Running): Promise<void> {
    const { engine, store, log } = this.#options;
    const { level, actions } = engine.memory.snapshot();
    const key = actions.join();
    if (key === running.told) return;
    running.told = key;
    try {
      await store.note(running.claim, { type: "degraded", level, actions });
    } catch (error) {
      const message = error instanceof StoreUnavailable ? error.message : error;
      log.error("an event could not be stored", { error: message });
    }
  }
}

function outcomeOf({
  state,
  error,
}: Extract<Verdict, { kind: "end" }>): Parameters<TaskStore["finish"]>[1] {
  return error ? { state, error } : { state };
}

/** The host's side of one worker slot: reads that end in any case, on a worker that may not. */
import type { ModelRole, ModelSet } from "../catalog/manifest/manifest.ts";
import { Deadline, untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { WorkerMemory } from "../memory/snapshot.ts";
import type { EncodedImage, Page } from "../types.ts";
import { ReadClock } from "./read-clock.ts";
import type { CallLimits, ImageJob, OpenInput, ReadJob, Reader } from "./read-job.ts";
import { sendEncode, sendPreload, sendRead } from "./send-read.ts";
import { WorkerKeeper } from "../rpc/keeper.ts";
import type { KeeperOptions, Running, WorkerCounts, WorkerEvent } from "../rpc/keeper.ts";
import type { ManagerSettings, WorkerInfo, WorkerStats } from "../rpc/link.ts";

export type { CallLimits, ImageJob, OpenInput, ReadJob, WorkerCounts, WorkerEvent };

export interface OcrServiceOptions extends KeeperOptions {
  /**
   * Milliseconds for a read that names no deadline of its own, 0 for no end. Default 120000. The first
   * read of a worker compiles shaders.
   */
  readonly deadline?: number | undefined;
  /**
   * The same for the worker's part of a read with models that it has read with before. A read that
   * exceeds it can be run again within what is left of `deadline`. Default `deadline`.
   */
  readonly warmDeadline?: number | undefined;
}

/** Milliseconds that a worker has for a question of the pool's own. */
export const CONTROL_DEADLINE = 60_000;

/** Errors of reads whose worker may be gone. */
const LOST: ReadonlySet<string> = new Set(["WORKER_DIED", "DEVICE_LOST", "DEADLINE_EXCEEDED"]);

/** Milliseconds that a second attempt needs at least; timers are no more exact than this. */
const SHORTEST_RERUN = 10;

export class OcrService implements Reader {
  readonly #options: OcrServiceOptions;
  readonly #keeper: WorkerKeeper;
  readonly #now: () => number;
  readonly #reads = new Set<Promise<unknown>>();
  readonly #controls = new Set<Promise<unknown>>();
  #reruns = 0;

  constructor(options: OcrServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#keeper = new WorkerKeeper(options);
  }

  /** What the latest worker found out while it started. */
  get info(): WorkerInfo | undefined {
    return this.#keeper.info;
  }

  /** What the worker told last of its memory; absent without a worker, which holds nothing. */
  get memory(): WorkerMemory | undefined {
    return this.#keeper.memory;
  }

  /** How often workers came and went, and how many reads were run a second time. */
  get counts(): WorkerCounts & { readonly reruns: number } {
    return { ...this.#keeper.counts, reruns: this.#reruns };
  }

  /** Whether a read is under way, an aborted one included that has not left its worker yet. */
  get busy(): boolean {
    return this.#reads.size > 0;
  }

  /**
   * Starts the worker, unless it runs.
   *
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `WORKER_DIED`, `ENGINE_CLOSED`
   */
  async start(): Promise<WorkerInfo> {
    return (await this.#keeper.ensure()).info;
  }

  /**
   * Reads one image. When the worker is lost under it, a repeatable job is run once more on a new one.
   *
   * An abort rejects at once. The worker cannot be interrupted in the middle of a model's run; it comes
   * to a halt at its next stage, and is killed if it has not by the deadline. {@link whenIdle} tells. (A
   * Deno worker that is killed in the middle of a run is given up, but its thread ends only after the
   * run; a child process ends at once.)
   *
   * @throws GlyphpoolError
   */
  async read(job: ReadJob, limits: CallLimits): Promise<Page> {
    throwIfAborted(limits.signal);
    const { warmDeadline } = this.#options;
    const work = this.#attempt(limits, job.repeatable ?? false, (running, clock) =>
      sendRead(running, job, limits, clock, warmDeadline),
    );
    return await untilAborted(track(this.#reads, work), limits.signal);
  }

  /**
   * The picture as a PNG. Ends and repeats like a read.
   *
   * @throws GlyphpoolError
   */
  async encode(job: ImageJob, limits: CallLimits): Promise<EncodedImage> {
    throwIfAborted(limits.signal);
    const work = this.#attempt(limits, job.repeatable ?? false, (running, clock) =>
      sendEncode(running, job, limits, clock),
    );
    return await untilAborted(track(this.#reads, work), limits.signal);
  }

  /**
   * Loads models of a set, by default all. Ends and repeats like a read.
   *
   * @throws GlyphpoolError
   */
  async preload(
    models: ModelSet,
    roles: readonly ModelRole[] | undefined,
    limits: CallLimits,
  ): Promise<void> {
    throwIfAborted(limits.signal);
    const work = this.#attempt(limits, true, (running, clock) =>
      sendPreload(running, models, roles, limits, clock),
    );
    await untilAborted(track(this.#reads, work), limits.signal);
  }

  /** Resolves when all reads so far have left the worker, or the worker has gone. */
  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }

  /**
   * Replaces the worker when it is idle; the new one starts with the next read, or at once. False when
   * there is none, or it is too young: see `respawn.minLife`.
   */
  async recycle(
    reason: string,
    { restart = false }: { readonly restart?: boolean } = {},
  ): Promise<boolean> {
    const done = await this.#keeper.recycle(reason, async () => {
      await Promise.allSettled([...this.#reads, ...this.#controls]);
    });
    // A start that fails now fails again, and is told, when somebody needs the worker.
    if (done && restart) this.#keeper.ensure().catch(() => undefined);
    return done;
  }

  /** Unloads the worker's idle models; nothing happens without a worker. */
  async teardown(deadline: number = CONTROL_DEADLINE): Promise<void> {
    await this.#control(deadline, async ({ link, warm }, clock) => {
      warm.clear();
      await link.call((api) => api.teardown(), clock);
    });
  }

  /** The worker's own figures; absent without a worker. */
  async stats(deadline: number = CONTROL_DEADLINE): Promise<WorkerStats | undefined> {
    return await this.#control(deadline, ({ link }, clock) =>
      link.call((api) => api.stats(), clock),
    );
  }

  /** Unloads the fewest idle models that hold so many bytes. @returns the bytes that were freed */
  async evict(bytes: number, deadline: number = CONTROL_DEADLINE): Promise<number> {
    const freed = await this.#control(deadline, ({ link }, clock) =>
      link.call((api) => api.evict(bytes), clock),
    );
    return freed ?? 0;
  }

  /** Gives back what the worker keeps only for speed. */
  async trim(deadline: number = CONTROL_DEADLINE): Promise<void> {
    await this.#control(deadline, ({ link }, clock) => link.call((api) => api.trim(), clock));
  }

  /** Replaces the GPU device; false on wasm, while a model is in use, and without a worker. */
  async recycleDevice(deadline: number = CONTROL_DEADLINE): Promise<boolean> {
    const done = await this.#control(deadline, async ({ link, warm }, clock) => {
      warm.clear();
      return await link.call((api) => api.recycleDevice(), clock);
    });
    return done ?? false;
  }

  /** Changes settings of the models, for this worker and for those that follow. */
  async configure(settings: ManagerSettings, deadline: number = CONTROL_DEADLINE): Promise<void> {
    this.#keeper.configure(settings);
    await this.#control(deadline, ({ link }, clock) =>
      link.call((api) => api.configure(settings), clock),
    );
  }

  /**
   * Asks for the memory now. A worker that is busy for longer than the deadline is left alone.
   *
   * @throws GlyphpoolError `DEADLINE_EXCEEDED`, `WORKER_DIED`
   */
  async measure(deadline: number = CONTROL_DEADLINE): Promise<WorkerMemory | undefined> {
    return await this.#control(deadline, ({ link }, clock) =>
      link.call((api) => api.memory(), clock, { patient: true }),
    );
  }

  /** Ends the worker in this very turn, however young it is; the next read starts a new one. */
  end(reason: string): void {
    this.suspend(reason);
    this.resume();
  }

  /** Ends the worker in this very turn; reads wait for {@link resume}. */
  suspend(reason: string): void {
    this.#keeper.suspend(reason);
  }

  resume(): void {
    this.#keeper.resume();
  }

  /** Ends the worker at once; what waits for it is rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#keeper.close();
  }

  /** @param repeatable whether the work can be sent a second time, to another worker */
  async #attempt<T>(
    limits: CallLimits,
    repeatable: boolean,
    send: (running: Running, clock: ReadClock) => Promise<T>,
  ): Promise<T> {
    using clock = new ReadClock(limits.deadline ?? this.#options.deadline ?? 120_000, this.#now);
    let first: unknown;
    for (;;) {
      let running: Running | undefined;
      try {
        clock.step();
        running = await untilAborted(clock.guard(this.#keeper.ensure()), limits.signal);
        const result = await send(running, clock);
        this.#keeper.policy.succeeded();
        return result;
      } catch (error) {
        const lost = GlyphpoolError.is(error) && LOST.has(error.code);
        if (!lost) throw error;
        // A job that kills its worker twice is poison: nobody else shall pay for a third.
        if (first) throw first;
        // Before there is a worker nothing was given away, so any job can be run again.
        const safe = repeatable || !running;
        const gone = !running || running.link.death !== undefined;
        const late = clock.left < SHORTEST_RERUN || limits.signal?.aborted || this.#keeper.closed;
        if (!safe || !gone || late) throw error;
        first = error;
        this.#reruns++;
      }
    }
  }

  /** A small question to the worker, if there is one. */
  async #control<T>(
    deadline: number,
    ask: (running: Running, clock: Deadline) => Promise<T>,
  ): Promise<T | undefined> {
    using clock = new Deadline(deadline);
    const current = this.#keeper.current;
    if (!current) return undefined;
    const running = await clock.guard(current);
    return await track(this.#controls, ask(running, clock));
  }
}

/** Keeps a promise in the set until it settles. */
function track<T>(set: Set<Promise<unknown>>, promise: Promise<T>): Promise<T> {
  const forget = (): void => void set.delete(promise);
  set.add(promise);
  promise.then(forget, forget);
  return promise;
}

/** Which tasks an engine takes, and how they end: with their work, with a drain, or with the engine. */
import { deferred } from "../core/deferred.ts";
import { delay } from "../core/wait.ts";
import { GlyphpoolError, engineClosed, throwIfAborted } from "../errors.ts";
import type { MemoryControl } from "../pool/memory-control.ts";
import { TaskRegistry } from "../tasks/completion.ts";
import type { TaskListener } from "../tasks/completion.ts";
import type { DeferredWork } from "../tasks/deferred-work.ts";
import { runTask } from "../tasks/run-task.ts";
import type { TaskOptions, TaskScope } from "../tasks/run-task.ts";

type Limits = Pick<TaskOptions<unknown>, "signal" | "onComplete">;

export class TaskIntake {
  readonly #control: Pick<MemoryControl, "busy" | "checkIntake">;
  readonly #tasks = new TaskRegistry();
  #draining = false;
  #closed = false;

  constructor(control: Pick<MemoryControl, "busy" | "checkIntake">) {
    this.#control = control;
  }

  onTaskComplete(listener: TaskListener): Disposable {
    return this.#tasks.onTaskComplete(listener);
  }

  /** @throws GlyphpoolError `ENGINE_CLOSED` while no new work is taken */
  checkOpen(): void {
    if (this.#closed) throw engineClosed();
    if (this.#draining) {
      const message = "The engine is shutting down and takes no new reads.";
      throw new GlyphpoolError("ENGINE_CLOSED", message);
    }
  }

  /**
   * Releases what the work holds, and tells of its end, in any case.
   *
   * @throws GlyphpoolError `ENGINE_CLOSED`, `ABORTED`, `MEMORY_EXHAUSTED`; whatever the work throws
   */
  async run<T>(name: string, limits: Limits, work: (scope: TaskScope) => Promise<T>): Promise<T> {
    this.checkOpen();
    throwIfAborted(limits.signal);
    this.#control.checkIntake();
    return await this.#start(name, limits, work);
  }

  /**
   * Does what was put off. It is part of reads that were taken already, so neither a drain nor a full memory turns it
   * away. Every piece is told of its end.
   */
  async runLate(late: DeferredWork, signal: AbortSignal | undefined): Promise<void> {
    if (late.length === 0) return;
    try {
      await this.#start("deferred", { signal }, async (scope) => {
        // The caller gets the page first.
        await delay(0);
        await late.run(scope.signal);
      });
    } catch (error) {
      late.fail(error);
      throw error;
    }
  }

  /** Takes no new tasks, and resolves when the others have ended or the milliseconds have passed. */
  async drain(deadline: number): Promise<void> {
    this.#draining = true;
    const over = deferred<void>();
    const timer = setTimeout(over.resolve, deadline);
    await Promise.race([this.#tasks.whenIdle(), over.promise]);
    clearTimeout(timer);
  }

  /** Takes tasks again after {@link drain}. */
  resume(): void {
    this.#draining = false;
  }

  /** Ends every task with `ENGINE_CLOSED`, whatever it waits for, and takes no more. */
  close(): void {
    this.#closed = true;
    this.#tasks.interrupt(engineClosed());
  }

  async #start<T>(
    name: string,
    limits: Limits,
    work: (scope: TaskScope) => Promise<T>,
  ): Promise<T> {
    if (this.#closed) throw engineClosed();
    const run = (scope: TaskScope): Promise<T> => {
      this.#control.busy(1);
      scope.defer(() => this.#control.busy(-1));
      return work(scope);
    };
    const { signal, onComplete } = limits;
    return await runTask(run, { signal, onComplete, name, registry: this.#tasks });
  }
}

/** What becomes of tasks: who runs, who has ended and how. */
import { ensureDisposeSymbols } from "../core/dispose.ts";
import type { GlyphpoolError } from "../errors.ts";
import type { TaskRecord, TaskStatus } from "../types.ts";

ensureDisposeSymbols();

export type { TaskRecord, TaskStatus };

export type TaskListener = (record: TaskRecord) => unknown;

/** Calls a listener so that nothing it throws, now or later, reaches the task. */
export function tell(
  listener: TaskListener,
  record: TaskRecord,
  onError: (error: unknown) => void = () => undefined,
): void {
  try {
    const result = listener(record);
    if (result instanceof Promise) result.catch(onError);
  } catch (error) {
    onError(error);
  }
}

/** The tasks of one engine. */
export class TaskRegistry {
  readonly #listeners = new Set<{ readonly call: TaskListener }>();
  readonly #onListenerError: ((error: unknown) => void) | undefined;
  readonly #idle = new Set<() => void>();
  readonly #running = new Set<(reason: GlyphpoolError) => void>();

  /** @param onListenerError hears of listeners that throw or reject; ignored without it */
  constructor(onListenerError?: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Tasks that have started and still hold something. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Calls the listener once for each task, after its resources are released and, unless it was cancelled,
   * before its promise settles. The same function may be added twice and is then called twice.
   *
   * @returns removes the listener
   */
  onTaskComplete(listener: TaskListener): Disposable {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  /** Resolves when no task runs: at once when none does. */
  async whenIdle(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  /** Ends every running task with this error; what they hold is released when they have come to a halt. */
  interrupt(reason: GlyphpoolError): void {
    for (const interrupt of this.#running) interrupt(reason);
  }

  /**
   * Notes a start. The result notes the end, and only its first call counts.
   *
   * @param interrupt ends the task early
   */
  start(interrupt: (reason: GlyphpoolError) => void): (record: TaskRecord) => void {
    // A function of its own: the same one may be given twice.
    const entry = (reason: GlyphpoolError): void => interrupt(reason);
    this.#running.add(entry);
    return (record) => {
      if (!this.#running.delete(entry)) return;
      // A copy: a listener may add listeners.
      const listeners = [...this.#listeners];
      for (const { call } of listeners) tell(call, record, this.#onListenerError);
      if (this.#running.size > 0) return;
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    };
  }
}

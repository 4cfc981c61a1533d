/** Runs one task and gives back everything that it owned, however it ends. */
import { deferred } from "../core/deferred.ts";
import { GlyphpoolError, abortError } from "../errors.ts";
import { wallTimers } from "../core/timers.ts";
import type { Timers } from "../core/timers.ts";
import { tell } from "./completion.ts";
import type { TaskListener, TaskRecord, TaskRegistry, TaskStatus } from "./completion.ts";
import { ScopeStack, releaseOf } from "./task-scope.ts";
import type { Resource } from "./task-scope.ts";

/** What a task gets from {@link runTask}. */
export interface TaskScope {
  /** Fires when the caller's signal fires, when the deadline passes, and when the task has ended. */
  readonly signal: AbortSignal;
  /**
   * Releases the resource when the task has ended. Owning it again changes nothing.
   *
   * @returns the same resource
   * @throws GlyphpoolError `ABORTED` when the task has ended; the resource is released all the same.
   *   `INVALID_OPTION` when it cannot be released
   */
  readonly own: <R extends Resource>(resource: R) => R;
  /** The opposite of `own`: the caller answers for it from now on. To hand a resource out as the result. */
  readonly disown: <R extends Resource>(resource: R) => R;
  /** Calls back when the task has ended, in one order with what is owned. @throws as `own` does */
  readonly defer: (release: () => unknown) => void;
}

export interface TaskOptions<T> {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 0 or absent means none. */
  readonly deadline?: number | undefined;
  /** For the record. Default `task`. */
  readonly name?: string | undefined;
  /** Called once, when everything is released. What it throws is ignored. */
  readonly onComplete?: TaskListener | undefined;
  /** Takes a result that came after the rejection, which nobody else will ever see. */
  readonly discard?: ((value: T) => unknown) | undefined;
  /** The engine's tasks, whose listeners hear of this one. */
  readonly registry?: TaskRegistry | undefined;
  readonly clock?: Timers | undefined;
}

let nextId = 1;

/**
 * Runs a task. What it owns is released when its function has settled: in reverse order, each once, also when
 * a release throws; then the listeners hear of it, then the promise settles.
 *
 * When the signal fires or the deadline passes, the promise rejects at once. The resources wait until the
 * function has settled, because a worker may be using them: the function has to watch `scope.signal`.
 *
 * Errors of a release never change the outcome: a page that was read stays read. They stand in the record.
 * A release that returns a promise is waited for without a limit.
 *
 * @throws GlyphpoolError `ABORTED`, `DEADLINE_EXCEEDED`, and whatever the function throws
 */
export function runTask<T>(
  task: (scope: TaskScope) => T | PromiseLike<T>,
  options: TaskOptions<T> = {},
): Promise<T> {
  const { signal, deadline, name = "task", onComplete, discard, registry } = options;
  const clock = options.clock ?? wallTimers;
  const startedAt = clock.now();
  const id = nextId++;
  const releaseErrors: unknown[] = [];
  const stack = new ScopeStack((error) => releaseErrors.push(error));
  const life = new AbortController();
  const result = deferred<T>();
  /** Set by the first of: settled function, signal, deadline. It never changes again. */
  let outcome: Outcome<T> | undefined;

  const interrupt = (error: GlyphpoolError): void => {
    if (outcome) return;
    outcome = { status: error.code === "ABORTED" ? "cancelled" : "failed", error };
    result.reject(error);
    life.abort(error);
  };
  const finish = registry?.start(interrupt);
  const onAbort = (): void => interrupt(abortError(signal as AbortSignal));
  const stopClock = deadline
    ? clock.after(deadline, () => interrupt(deadlineExceeded(deadline)))
    : undefined;

  const settle = async (settled: Outcome<T>): Promise<void> => {
    const late = outcome !== undefined;
    const final = (outcome ??= settled);
    signal?.removeEventListener("abort", onAbort);
    stopClock?.();
    if (!life.signal.aborted) life.abort(new GlyphpoolError("ABORTED", "The task has ended."));
    // First of all releases: it may need what the task still owns.
    if (late && settled.status === "succeeded" && discard) {
      const { value } = settled;
      stack.hold(discard, () => discard(value));
    }
    await stack.end();
    const record: TaskRecord = {
      id,
      name,
      status: final.status,
      ...(final.status === "succeeded" ? {} : { error: final.error }),
      releaseErrors: [...releaseErrors],
      startedAt,
      ms: clock.now() - startedAt,
    };
    if (onComplete) tell(onComplete, record);
    finish?.(record);
    if (final.status === "succeeded") result.resolve(final.value);
    else result.reject(final.error);
  };

  if (signal?.aborted) {
    onAbort();
    void settle({ status: "cancelled", error: abortError(signal) });
    return result.promise;
  }
  signal?.addEventListener("abort", onAbort, { once: true });
  const scope: TaskScope = {
    signal: life.signal,
    own(resource) {
      stack.hold(resource, releaseOf(resource));
      return resource;
    },
    disown(resource) {
      stack.forget(resource);
      return resource;
    },
    defer(release) {
      // A key of its own: the same function deferred twice is called twice.
      stack.hold({}, release);
    },
  };
  void call(task, scope).then(
    (value) => settle({ status: "succeeded", value }),
    (error: unknown) => settle({ status: isAbort(error) ? "cancelled" : "failed", error }),
  );
  return result.promise;
}

type Outcome<T> =
  | { readonly status: "succeeded"; readonly value: T }
  | { readonly status: Exclude<TaskStatus, "succeeded">; readonly error: unknown };

/** Starts the task in this very turn; what it throws becomes a rejection. */
async function call<T>(
  task: (scope: TaskScope) => T | PromiseLike<T>,
  scope: TaskScope,
): Promise<T> {
  return await task(scope);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function deadlineExceeded(milliseconds: number): GlyphpoolError {
  const message = `The task did not finish within its deadline of ${milliseconds} ms.`;
  return new GlyphpoolError("DEADLINE_EXCEEDED", message);
}

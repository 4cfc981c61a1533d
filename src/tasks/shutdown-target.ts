/** What a shutdown does with an engine, the same words for browsers and Deno. */
export interface ShutdownTarget {
  /**
   * Takes no new tasks from this call on, and resolves when the running and waiting ones are done, or when
   * that many milliseconds have passed.
   */
  drain(deadline: number): Promise<void>;
  /** Ends everything now. May be called when it is closed already. */
  close(): Promise<void> | void;
  /** Gives all memory back and stays usable. Without it a page that is put aside keeps its memory. */
  teardown?(): Promise<void> | void;
  /** The page that was put aside is shown again. */
  resume?(): Promise<void> | void;
  /**
   * The page may be left soon, or not: a chance to save something. Nothing that cannot be undone, because
   * the reader may stay. The page listens to `beforeunload` only while a target has this.
   */
  prepare?(): Promise<void> | void;
}

export interface ShutdownOptions {
  /** Deno: milliseconds for running tasks after the first signal. Default 10 000. */
  readonly drainDeadline?: number | undefined;
  /** Deno: milliseconds for `close()` after that. Default 5000. */
  readonly closeDeadline?: number | undefined;
  /**
   * Deno: called instead of ending the process, once, with 128 + the signal's number. When several targets
   * have one, all are called; the process is ended only when none has.
   */
  readonly exit?: ((code: number) => void) | undefined;
  /** Hears of everything that a target throws while it is shut down; ignored without it. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface ShutdownRegistration {
  readonly target: ShutdownTarget;
  readonly options: ShutdownOptions;
}

/** The result of installing: disposing it leaves no listener behind. */
export interface ShutdownHandle extends Disposable {
  /** The events or signals that are listened to; empty where the platform has none (Node, a worker). */
  readonly listensTo: readonly string[];
}

/** Calls one method of a target. Never throws or rejects. */
export async function attempt(
  action: () => unknown,
  { onError }: Pick<ShutdownOptions, "onError">,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    onError?.(error);
  }
}

/** One entry per target: who was installed twice is shut down once, with the options given first. */
export function distinct(registrations: Iterable<ShutdownRegistration>): ShutdownRegistration[] {
  const byTarget = new Map<ShutdownTarget, ShutdownRegistration>();
  for (const entry of registrations) {
    if (!byTarget.has(entry.target)) byTarget.set(entry.target, entry);
  }
  return [...byTarget.values()];
}

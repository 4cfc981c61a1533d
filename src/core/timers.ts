/** Time, as an argument, so that tests can drive it. */
export interface Timers {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `task` once after that many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, task: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after: (milliseconds, task) => {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The same by the clock on the wall: milliseconds since 1970. */
export const wallTimers: Timers = { ...systemTimers, now: () => Date.now() };

export function wait(timers: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(milliseconds, resolve);
  });
}

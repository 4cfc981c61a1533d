/** Who waits for something to change in this process, by topic. */

/** The topic of new work; the ids of tasks are the others. */
export const WORK = "";

export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>();

  tell(topic: string): void {
    const waiting = this.#waiting.get(topic);
    this.#waiting.delete(topic);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves with the next `tell` of the topic, when the time is over or when the signal fires. */
  async wait(topic: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        const waiting = this.#waiting.get(topic);
        waiting?.delete(wake);
        if (waiting?.size === 0) this.#waiting.delete(topic);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      signal.addEventListener("abort", wake, { once: true });
      const waiting = this.#waiting.get(topic) ?? new Set();
      this.#waiting.set(topic, waiting.add(wake));
    });
  }
}

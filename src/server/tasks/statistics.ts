/** What this process has done since its start, for /metrics. */

/** Milliseconds over which the rate of pages is told. */
const WINDOW = 60_000;

/** Weight of the latest task in the mean. */
const RECENT = 0.1;

export class Statistics {
  readonly #now: () => number;
  readonly #started: number;
  readonly #counts = new Map<string, Map<string, number>>();
  #secondsPerTask: number | undefined;
  /** When pages were read, within the window. */
  #pages: number[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#started = now();
  }

  /** One more of a kind: `tasks` by how they ended, `pages` by outcome, `refused` by code … */
  count(family: string, label: string, by = 1): void {
    const counts = this.#counts.get(family) ?? new Map<string, number>();
    this.#counts.set(family, counts.set(label, (counts.get(label) ?? 0) + by));
  }

  /** A task has taken so long: the latest ones count most. */
  took(milliseconds: number): void {
    const seconds = milliseconds / 1_000;
    const known = this.#secondsPerTask;
    this.#secondsPerTask = known === undefined ? seconds : known + (seconds - known) * RECENT;
  }

  /** Mean time of a task, for guesses at how long others will wait. */
  get secondsPerTask(): number {
    return this.#secondsPerTask ?? 1;
  }

  page(outcome: "read" | "failed"): void {
    this.count("pages", outcome);
    const now = this.#now();
    this.#pages.push(now);
    if (this.#pages.length > 1_000) this.#forget(now);
  }

  counts(family: string): ReadonlyMap<string, number> {
    return this.#counts.get(family) ?? new Map<string, number>();
  }

  /** Over the last minute, or since the start. */
  get pagesPerSecond(): number {
    const now = this.#now();
    this.#forget(now);
    const seconds = Math.max(1, Math.min(WINDOW, now - this.#started) / 1_000);
    return this.#pages.length / seconds;
  }

  #forget(now: number): void {
    this.#pages = this.#pages.filter((at) => at > now - WINDOW);
  }
}

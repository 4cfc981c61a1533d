/** Tells the host of the worker's memory without being asked, and not more often than is of use. */
import { systemTimers } from "../../src/core/timers.ts";
import type { Timers } from "../../src/core/timers.ts";
import type { WorkerMemory } from "../../src/memory/snapshot.ts";

export interface ReportOptions {
  readonly read: () => WorkerMemory;
  readonly post: (memory: WorkerMemory) => void;
  /** Milliseconds between two reports of changes. */
  readonly interval?: number;
  readonly timers?: Pick<Timers, "after">;
}

/** A load or a lease changes the state several times at once; one report of the end of it is enough. */
const INTERVAL = 100;

export class MemoryReports {
  readonly #options: ReportOptions;
  #waiting = false;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** Reports what holds at the end of the interval. */
  changed(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    const { interval = INTERVAL, timers = systemTimers } = this.#options;
    timers.after(interval, () => {
      this.#waiting = false;
      this.now();
    });
  }

  now(): void {
    this.#options.post(this.#options.read());
  }
}

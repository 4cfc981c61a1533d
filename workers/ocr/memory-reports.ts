/** Tells the host of the worker's memory without being asked, and not more often than is of use. */
import type { WorkerMemory } from "../../src/memory/snapshot.ts";

export interface ReportOptions {
  readonly read: () => WorkerMemory;
  readonly post: (memory: WorkerMemory) => void;
  /** Milliseconds between two reports of changes. */
  readonly interval?: number;
  readonly setTimeout?: (callback: () => void, milliseconds: number) => unknown;
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
    const { interval = INTERVAL, setTimeout: start = globalThis.setTimeout } = this.#options;
    start(() => {
      this.#waiting = false;
      this.now();
    }, interval);
  }

  now(): void {
    this.#options.post(this.#options.read());
  }
}

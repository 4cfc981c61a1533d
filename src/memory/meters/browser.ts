/** What the browser itself measures: page and workers with their heaps, without GPU memory. */
import { unknownBecause, type Meter, type Reading } from "./meter.ts";
import type { Timers } from "../../core/timers.ts";

type Measure = () => Promise<{ readonly bytes: number }>;

export interface BrowserMeterOptions {
  /** Absent where the browser has none: outside of Chromium, or without cross-origin isolation. */
  readonly measure?: Measure | undefined;
  readonly timers: Timers;
  /** Milliseconds from the end of one measurement to the start of the next. Default 60000. */
  readonly every?: number;
  /** Milliseconds after which a measurement is given up. Default 60000. */
  readonly deadline?: number;
}

/**
 * Shows the latest finished measurement. One takes up to 20 s in Chromium, because it waits for a
 * garbage collection, and it never ends after a worker was terminated meanwhile: nobody waits for it.
 */
export class BrowserMeter implements Meter {
  readonly name = "browser";
  readonly scope = "process";
  readonly #options: BrowserMeterOptions;
  #latest: Reading = { unknown: "the first measurement is not finished" };
  #running = false;
  #next = Number.NEGATIVE_INFINITY;

  constructor(options: BrowserMeterOptions) {
    this.#options = options;
  }

  read(): Promise<Reading> {
    const { measure, timers } = this.#options;
    if (!measure) {
      const unknown =
        "no performance.measureUserAgentSpecificMemory: it needs cross-origin isolation";
      return Promise.resolve({ unknown });
    }
    if (!this.#running && timers.now() >= this.#next) this.#start(measure);
    return Promise.resolve(this.#latest);
  }

  #start(measure: Measure): void {
    const { timers, every = 60_000, deadline = 60_000 } = this.#options;
    this.#running = true;
    let open = true;
    const finish = (reading: Reading): void => {
      // What comes after its deadline is not shown: it may tell of a moment long past.
      if (!open) return;
      open = false;
      cancel();
      this.#latest = reading;
      this.#running = false;
      this.#next = timers.now() + every;
    };
    const cancel = timers.after(deadline, () =>
      finish({ unknown: `the measurement did not end within ${deadline} ms` }),
    );
    measure().then(
      ({ bytes }) => finish({ bytes }),
      (error: unknown) => finish(unknownBecause(error)),
    );
  }
}

/** The browser's function; absent where it has none. */
export function userAgentMeasure(): Measure | undefined {
  const { performance } = globalThis as unknown as {
    performance: { measureUserAgentSpecificMemory?: Measure };
  };
  if (!performance.measureUserAgentSpecificMemory) return undefined;
  return () => performance.measureUserAgentSpecificMemory?.() ?? Promise.reject(new Error("gone"));
}

/** Memory of the own process, as the operating system counts it. */
import { unknownBecause, type Meter, type Reading } from "./meter.ts";

/** Resident bytes; without a limit, so it informs and never raises the level. */
export class ProcessMeter implements Meter {
  readonly name = "process";
  readonly scope = "process";
  readonly #usage: () => { readonly rss: number };

  constructor(usage: () => { readonly rss: number } = () => Deno.memoryUsage()) {
    this.#usage = usage;
  }

  read(): Promise<Reading> {
    try {
      return Promise.resolve({ bytes: this.#usage().rss });
    } catch (error) {
      return Promise.resolve(unknownBecause(error));
    }
  }
}

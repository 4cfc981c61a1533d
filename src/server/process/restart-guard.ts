/**
 * Asks for a new process when this one holds what no worker gives back: it has grown beyond its bound, or the memory
 * stays critical although the recovery ladder has done what it can.
 */
import type { MemoryLevel } from "../../memory/snapshot.ts";

/** The exit code by which a server asks to be started again (EX_TEMPFAIL of sysexits.h). */
export const RESTART = 75;

export interface ProcessSample {
  /** Resident bytes of the server and of its workers' processes. */
  readonly bytes: number;
  readonly level: MemoryLevel;
}

export interface RestartLimits {
  /** Bytes; nothing for no bound. */
  readonly maxProcess: number | undefined;
  /** Samples in a row above the bound: one may be a large page. */
  readonly samples: number;
  /** Samples in a row at `critical`. */
  readonly criticalSamples: number;
}

export class RestartGuard {
  readonly #limits: RestartLimits;
  #above = 0;
  #critical = 0;

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** @returns why a new process is needed, if one is */
  see({ bytes, level }: ProcessSample): string | undefined {
    const { maxProcess = Number.POSITIVE_INFINITY, samples, criticalSamples } = this.#limits;
    this.#above = bytes > maxProcess ? this.#above + 1 : 0;
    this.#critical = level === "critical" ? this.#critical + 1 : 0;
    if (this.#above >= samples) return `the process holds ${bytes} bytes`;
    if (this.#critical >= criticalSamples) return "the memory stays critical";
    return undefined;
  }
}

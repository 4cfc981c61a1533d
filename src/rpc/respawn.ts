/** When a worker may be started again. */

export interface RespawnOptions {
  /**
   * Milliseconds that a worker lives before it may be recycled. Each start of the runtime costs memory
   * for some seconds, so workers that come and go quickly cost more than they give back.
   */
  readonly minLife: number;
  /** Milliseconds before the start that follows two deaths in a row; each further one doubles it. */
  readonly backOff: number;
  /** Longest back-off in milliseconds. */
  readonly maxBackOff: number;
}

export const DEFAULT_RESPAWN: RespawnOptions = {
  minLife: 30_000,
  backOff: 500,
  maxBackOff: 30_000,
};

/** Counts deaths in a row. A worker that read something successfully ends the row. */
export class RespawnPolicy {
  readonly #options: RespawnOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  #deaths = 0;
  /** The time before which nothing is started. */
  #notBefore = 0;

  /**
   * @param now milliseconds of a clock that never goes back
   * @param random from 0 to 1
   */
  constructor(options: RespawnOptions, now: () => number, random: () => number) {
    this.#options = options;
    this.#now = now;
    this.#random = random;
  }

  /** A worker ended that should not have. */
  died(): void {
    this.#deaths++;
    if (this.#deaths < 2) return;
    const { backOff, maxBackOff } = this.#options;
    const full = Math.min(maxBackOff, backOff * 2 ** (this.#deaths - 2));
    // Services that died together, of the same driver, do not come back together.
    this.#notBefore = this.#now() + full * (0.5 + this.#random() / 2);
  }

  succeeded(): void {
    this.#deaths = 0;
    this.#notBefore = 0;
  }

  /** Milliseconds until the next start; 0 after a first death. */
  get delay(): number {
    return Math.max(0, this.#notBefore - this.#now());
  }

  /** Whether a worker that was started at this time has lived long enough to be recycled. */
  isMature(startedAt: number): boolean {
    return this.#now() - startedAt >= this.#options.minLife;
  }
}

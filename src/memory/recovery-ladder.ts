/** Climbs from the mildest step to the hardest, as far as it must and no further. */
import { FRESH_WORKER_BYTES, heldBytes, takeStep, STEPS } from "./recovery.ts";
import type { RecoveryStep, RecoveryTarget, StepLimits, StepResult } from "./recovery.ts";
import { RespawnLimit, type RespawnLimits } from "./respawn-limit.ts";
import { wait, type Timers } from "./timers.ts";

export interface LadderSettings extends StepLimits, RespawnLimits {
  /** Milliseconds before the second step; doubled before each further one. */
  readonly backoff: number;
  /** Milliseconds after a climb that was not enough; doubled after each further one, up to 16 times. */
  readonly rest: number;
  /**
   * Milliseconds of pressure above the budget after which a busy worker is replaced, too; and how long a
   * busy worker that is to be replaced for another reason may take to come to an end.
   */
  readonly mercy: number;
}

export const LADDER_DEFAULTS: LadderSettings = {
  deadline: 5000,
  poll: 250,
  backoff: 500,
  rest: 5000,
  mercy: 60_000,
  minLife: 30_000,
  maxRespawns: 3,
  window: 300_000,
};

export interface LadderOptions {
  readonly timers: Timers;
  readonly settings: LadderSettings;
  readonly targets: () => readonly RecoveryTarget[];
  /** Bytes that are still to come back; 0 or less ends the climb. Called after every step. */
  readonly need: () => number;
  /** Milliseconds for which more than the whole budget has been in use. */
  readonly overFor: () => number;
  readonly onStep: (result: StepResult) => void;
}

export class RecoveryLadder {
  readonly #options: LadderOptions;
  readonly #limit: RespawnLimit;
  #climb: Promise<void> | undefined;
  #closed = false;
  /** Climbs in a row that were not enough. */
  #futile = 0;
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LadderOptions) {
    this.#options = options;
    this.#limit = new RespawnLimit(options.settings);
  }

  get isClimbing(): boolean {
    return this.#climb !== undefined;
  }

  /** To be called with every sample, so that the ladder knows how old workers are. */
  see(targets: readonly RecoveryTarget[]): void {
    const ids = targets.map(({ id }) => id);
    this.#limit.see(ids, this.#options.timers.now());
  }

  /**
   * Climbs until enough bytes are back, or the last step is taken. While a climb runs, it is that one;
   * nothing happens in the rest after one that was not enough.
   *
   * @param highest the last step that may be taken
   */
  climb(highest: RecoveryStep): Promise<void> {
    if (!this.#climb && this.#options.timers.now() < this.#restUntil) return Promise.resolve();
    this.#climb ??= this.#run(highest).finally(() => {
      this.#climb = undefined;
      if (highest === "respawn") this.#restAfterClimb();
    });
    return this.#climb;
  }

  /**
   * Replaces a worker because of what it holds in vain; a busy one when its work is done. Nothing is
   * short: where it is not allowed yet nothing happens, without a word.
   *
   * @param waste bytes that are held in vain
   * @param onDone called when it was replaced
   */
  replace(target: RecoveryTarget, waste: number, onDone?: () => void): Promise<void> {
    this.#climb ??= this.#replace(target, waste, onDone).finally(() => {
      this.#climb = undefined;
    });
    return this.#climb;
  }

  /** Memory is not critical any more: the next climb may start at once. */
  recover(): void {
    this.#futile = 0;
    this.#restUntil = Number.NEGATIVE_INFINITY;
  }

  /** No further step is taken. */
  close(): void {
    this.#closed = true;
  }

  #restAfterClimb(): void {
    const { timers, settings, need } = this.#options;
    if (need() <= 0) return this.recover();
    this.#restUntil = timers.now() + settings.rest * 2 ** Math.min(this.#futile, 4);
    this.#futile++;
  }

  async #replace(target: RecoveryTarget, waste: number, onDone?: () => void): Promise<void> {
    if (this.#limit.refusal(target.id, this.#options.timers.now()) !== undefined) return;
    const { settings } = this.#options;
    const limits = target.busy ? { ...settings, deadline: settings.mercy } : settings;
    if (await this.#respawn(target, waste, limits)) onDone?.();
  }

  async #run(highest: RecoveryStep): Promise<void> {
    const { timers, settings, targets, need } = this.#options;
    let pause = settings.backoff;
    for (const step of STEPS.slice(0, STEPS.indexOf(highest) + 1)) {
      let acted = false;
      for (const target of inOrder(targets())) {
        if (this.#closed || need() <= 0) return;
        acted = (await this.#take(target, step)) || acted;
      }
      if (this.#closed || need() <= 0) return;
      if (!acted || step === highest) continue;
      // Drivers and collectors give back late: a harder step too soon would be for nothing.
      await wait(timers, pause);
      pause *= 2;
    }
  }

  /** @returns whether something was done */
  async #take(target: RecoveryTarget, step: RecoveryStep): Promise<boolean> {
    const { timers, settings, need, overFor, onStep } = this.#options;
    if (step === "respawn") {
      if (target.busy && overFor() < settings.mercy) {
        onStep(skipped(target, step, "a task is running"));
        return false;
      }
      const memory = target.memory();
      if (memory && heldBytes(memory) <= FRESH_WORKER_BYTES) {
        // The need is not ours: another program fills the GPU or the container.
        onStep(skipped(target, step, "it holds no more than a new worker would"));
        return false;
      }
      return await this.#respawn(target, need());
    }
    const result = await takeStep(target, step, need(), timers, settings);
    onStep(result);
    return result.outcome !== "skipped";
  }

  async #respawn(
    target: RecoveryTarget,
    need: number,
    limits: StepLimits = this.#options.settings,
  ): Promise<boolean> {
    const { timers, onStep } = this.#options;
    const refusal = this.#limit.refusal(target.id, timers.now());
    if (refusal !== undefined) {
      onStep(skipped(target, "respawn", refusal));
      return false;
    }
    const result = await takeStep(target, "respawn", need, timers, limits);
    if (result.outcome !== "skipped") this.#limit.count(target.id, timers.now());
    onStep(result);
    return result.outcome !== "skipped";
  }
}

/** Idle workers before busy ones, the largest first: the fewest are disturbed. */
function inOrder(targets: readonly RecoveryTarget[]): RecoveryTarget[] {
  return [...targets].sort(
    (a, b) => Number(a.busy) - Number(b.busy) || heldBytes(b.memory()) - heldBytes(a.memory()),
  );
}

function skipped(target: RecoveryTarget, step: RecoveryStep, reason: string): StepResult {
  const { id: worker } = target;
  return { worker, step, outcome: "skipped", reason, expected: 0, givenBack: 0, took: 0 };
}

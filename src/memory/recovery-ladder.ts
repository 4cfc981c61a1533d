import { RingBuffer } from "./ring-buffer.ts";
import {
  FRESH_WORKER_BYTES,
  heldBytes,
  type RecoveryStep,
  type RecoveryTarget,
  type StepLimits,
  type StepResult,
  STEPS,
  takeStep,
} from "./recovery.ts";
import { type Timers, wait } from "../core/timers.ts";

/** Keeps workers from being replaced too often: each start costs time and, for a while, memory. */

interface RespawnLimits {
  /** Milliseconds that a worker lives at least. */
  readonly minLife: number;
  /** Replacements of all workers together ... */
  readonly maxRespawns: number;
  /** ... in so many milliseconds. */
  readonly window: number;
}

class RespawnLimit {
  readonly #limits: RespawnLimits;
  readonly #born = new Map<string, number>();
  readonly #recent: RingBuffer<number>;

  constructor(limits: RespawnLimits) {
    this.#limits = limits;
    this.#recent = new RingBuffer(limits.maxRespawns);
  }

  /** Remembers when a worker was first seen, and forgets those that are gone. */
  see(ids: readonly string[], now: number): void {
    for (const id of ids) if (!this.#born.has(id)) this.#born.set(id, now);
    for (const id of this.#born.keys()) if (!ids.includes(id)) this.#born.delete(id);
  }

  /** Why the worker may not be replaced now; absent if it may. */
  refusal(id: string, now: number): string | undefined {
    const { minLife, maxRespawns, window } = this.#limits;
    if (now - (this.#born.get(id) ?? now) < minLife) return `it lives for less than ${minLife} ms`;
    const recent = [...this.#recent].filter((at) => now - at < window).length;
    if (recent >= maxRespawns) return `${recent} workers were replaced in ${window} ms`;
    return undefined;
  }

  count(id: string, now: number): void {
    this.#recent.push(now);
    this.#born.set(id, now);
  }
}

/** Climbs from the mildest step to the hardest, as far as it must and no further. */

export interface LadderSettings extends StepLimits, RespawnLimits {
  /** Milliseconds before the second step; doubled before each further one. */
  readonly backoff: number;
  /** Milliseconds after a climb that was not enough; doubled after each further one, up to 16 times. */
  readonly cooldown: number;
  /**
   * Milliseconds of pressure above the budget after which a busy worker is replaced, too; and how long a
   * busy worker that is to be replaced for another reason may take to come to an end.
   */
  readonly busyGracePeriod: number;
}

export const LADDER_DEFAULTS: LadderSettings = {
  deadline: 5000,
  poll: 250,
  backoff: 500,
  cooldown: 5000,
  busyGracePeriod: 60_000,
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
  #coolUntil = Number.NEGATIVE_INFINITY;

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
    if (!this.#climb && this.#options.timers.now() < this.#coolUntil) return Promise.resolve();
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
    this.#coolUntil = Number.NEGATIVE_INFINITY;
  }

  /** No further step is taken. */
  close(): void {
    this.#closed = true;
  }

  #restAfterClimb(): void {
    const { timers, settings, need } = this.#options;
    if (need() <= 0) return this.recover();
    this.#coolUntil = timers.now() + settings.cooldown * 2 ** Math.min(this.#futile, 4);
    this.#futile++;
  }

  async #replace(target: RecoveryTarget, waste: number, onDone?: () => void): Promise<void> {
    if (this.#limit.refusal(target.id, this.#options.timers.now()) !== undefined) return;
    const { settings } = this.#options;
    const limits = target.busy ? { ...settings, deadline: settings.busyGracePeriod } : settings;
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
      if (target.busy && overFor() < settings.busyGracePeriod) {
        onStep(skipped(target, step, "a task is running"));
        return false;
      }
      const memory = target.memory();
      if (memory && heldBytes(memory) <= FRESH_WORKER_BYTES[memory.backend]) {
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

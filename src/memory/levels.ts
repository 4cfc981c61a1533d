/** From pressure (used / budget, 1 = all of it) to a level that does not flap. */
import type { MemoryLevel } from "./snapshot.ts";

/** Fractions of the budget at which levels begin. */
export interface Thresholds {
  readonly warning: number;
  readonly critical: number;
}

/** A threshold that was reached counts until the pressure is this much below it. */
export const HYSTERESIS = 0.05;

/** The margin for thresholds so small that {@link HYSTERESIS} below them would never be reached. */
export function marginOf({ warning }: Thresholds): number {
  return Math.min(HYSTERESIS, warning / 2);
}

/**
 * How many of the ascending thresholds count as reached.
 *
 * @param reached how many counted as reached until now
 */
export function reachedSteps(
  thresholds: readonly number[],
  margin: number,
  reached: number,
  value: number,
): number {
  const rising = thresholds.filter((threshold) => value >= threshold).length;
  const holding = thresholds.filter((threshold) => value >= threshold - margin).length;
  return Math.max(rising, Math.min(reached, holding));
}

/**
 * The pressure at a point of the scale that actions are placed on: 0 is the warning threshold, 1 the
 * critical one, 2 the whole budget.
 */
export function pressureAt(severity: number, { warning, critical }: Thresholds): number {
  if (severity <= 1) return warning + severity * (critical - warning);
  return critical + (severity - 1) * (1 - critical);
}

const LEVELS = ["ok", "warning", "critical"] as const;

/** Remembers the level that it is at. */
export class LevelTracker {
  readonly #thresholds: Thresholds;
  #reached = 0;
  #level: MemoryLevel = "ok";

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  get level(): MemoryLevel {
    return this.#level;
  }

  /**
   * @param pressure the worst known pressure; absent if nothing could be read
   * @param complete whether the budget itself could be measured. Without that nothing is `ok`.
   */
  update(pressure: number | undefined, complete: boolean): MemoryLevel {
    const { warning, critical } = this.#thresholds;
    const steps = [warning, critical];
    const margin = marginOf(this.#thresholds);
    const reached = reachedSteps(steps, margin, this.#reached, pressure ?? 0);
    if (reached === 0 && !complete) {
      // What was unknown counts as warning, so its end is as slow as the end of a warning.
      this.#reached = 1;
      this.#level = "unknown";
    } else {
      this.#reached = reached;
      this.#level = LEVELS[reached] ?? "critical";
    }
    return this.#level;
  }
}

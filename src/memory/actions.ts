/** What is given up, step by step, while memory is short; each step is taken back when it is not. */
import { marginOf, pressureAt, reachedSteps, type Thresholds } from "./levels.ts";

/** How tasks may be run at the moment. */
export interface Quality {
  /** Bound for lines × width in pixels of one recognition batch. */
  readonly maxBatchWidth: number;
  /** Bound for the pixels that detection looks at. */
  readonly maxDetectionPixels: number;
  /** Charts, formulas and tables: at once, when memory is there again, or not at all. */
  readonly structure: "on" | "defer" | "skip";
  /** New tasks: taken, kept waiting, or rejected with `MEMORY_EXHAUSTED`. */
  readonly intake: "open" | "paused" | "refuse";
}

/** Nothing is given up. The models' own bounds still hold. */
export const FULL_QUALITY: Quality = {
  maxBatchWidth: Number.POSITIVE_INFINITY,
  maxDetectionPixels: Number.POSITIVE_INFINITY,
  structure: "on",
  intake: "open",
};

export interface DegradeAction {
  readonly name: string;
  /** Where it fires: 0 is the warning threshold, 1 the critical one, 2 the whole budget. */
  readonly severity: number;
  /** What it does. Taking it back is to leave it out: the quality is worked out from those in force. */
  readonly change: Partial<Quality>;
}

/** In the order in which they fire. They are taken back in the opposite order. */
export const ACTIONS: readonly DegradeAction[] = [
  { name: "smaller-batches", severity: 0, change: { maxBatchWidth: 1_280 } },
  { name: "smaller-detection", severity: 1 / 3, change: { maxDetectionPixels: 500_000 } },
  { name: "defer-structure", severity: 2 / 3, change: { structure: "defer" } },
  { name: "skip-structure", severity: 1, change: { structure: "skip" } },
  { name: "pause-intake", severity: 1.5, change: { intake: "paused" } },
  { name: "refuse-intake", severity: 2, change: { intake: "refuse" } },
];

export interface ActionChange {
  readonly name: string;
  readonly phase: "fired" | "undone";
}

/** Which actions of a table are in force: always the first so many of them. */
export class ActionLadder {
  readonly #actions: readonly DegradeAction[];
  readonly #thresholds: Thresholds;
  readonly #steps: readonly number[];
  /** The actions of the level `warning`. */
  readonly #whenUnknown: number;
  /** How many the pressure asks for. */
  #due = 0;
  #active = 0;

  /** @param actions by ascending severity */
  constructor(actions: readonly DegradeAction[], thresholds: Thresholds) {
    this.#actions = actions;
    this.#thresholds = thresholds;
    this.#steps = actions.map(({ severity }) => pressureAt(severity, thresholds));
    this.#whenUnknown = actions.filter(({ severity }) => severity < 1).length;
  }

  get active(): readonly string[] {
    return this.#actions.slice(0, this.#active).map(({ name }) => name);
  }

  get names(): readonly string[] {
    return this.#actions.map(({ name }) => name);
  }

  /** @param base the quality when nothing is given up */
  quality(base: Quality): Quality {
    return this.#actions
      .slice(0, this.#active)
      .reduce((quality, { change }) => lower(quality, change), base);
  }

  /** Whether the pressure asks for new tasks to be kept waiting. */
  get isPausing(): boolean {
    return this.#actions
      .slice(0, this.#due)
      .some(({ change }) => change.intake !== undefined && change.intake !== "open");
  }

  /**
   * Fires or takes back what the pressure asks for.
   *
   * @param pressure absent if nothing could be read
   * @param isUnknown whether the budget could not be measured: everything of the level `warning` is then
   *   in force, and what cannot be measured is not taken back
   * @param isStuck whether pausing has not helped for too long: everything is in force while it would pause
   * @returns what changed, in order
   */
  update(
    pressure: number | undefined,
    isUnknown: boolean,
    isStuck: boolean,
  ): readonly ActionChange[] {
    const margin = marginOf(this.#thresholds);
    const reached = reachedSteps(this.#steps, margin, this.#due, pressure ?? 0);
    this.#due = isUnknown ? Math.max(reached, this.#due, this.#whenUnknown) : reached;
    const target = isStuck && this.isPausing ? this.#actions.length : this.#due;
    const changes: ActionChange[] = [];
    for (; this.#active < target; this.#active++) changes.push(this.#change("fired"));
    while (this.#active > target) {
      this.#active--;
      changes.push(this.#change("undone"));
    }
    return changes;
  }

  #change(phase: ActionChange["phase"]): ActionChange {
    return { name: this.#actions[this.#active]?.name ?? "", phase };
  }
}

/** An action never raises a bound that is lower already. */
function lower(quality: Quality, change: Partial<Quality>): Quality {
  return {
    ...quality,
    ...change,
    maxBatchWidth: Math.min(quality.maxBatchWidth, change.maxBatchWidth ?? Infinity),
    maxDetectionPixels: Math.min(quality.maxDetectionPixels, change.maxDetectionPixels ?? Infinity),
  };
}

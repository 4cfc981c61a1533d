/** Counts what has happened since the engine was made. */
import type { ActionChange } from "./actions.ts";
import type { GuardSnapshot } from "./memory-guard.ts";
import { STEPS, type RecoveryStep, type StepResult } from "./recovery.ts";
import type { MemoryLevel } from "./snapshot.ts";

export const LEVEL_NAMES: readonly MemoryLevel[] = ["ok", "warning", "critical", "unknown"];

export interface StepCounts {
  readonly recovered: number;
  readonly failed: number;
  readonly skipped: number;
  /** Bytes that came back, measured. */
  readonly givenBack: number;
}

export interface CounterValues {
  readonly samples: number;
  /** How often each level was entered. */
  readonly levels: Readonly<Record<MemoryLevel, number>>;
  /** How often each action fired. */
  readonly actions: Readonly<Record<string, number>>;
  readonly steps: Readonly<Record<RecoveryStep, StepCounts>>;
}

export interface MemoryMetrics extends GuardSnapshot {
  /** All actions that there are, in the order in which they fire. */
  readonly actionNames: readonly string[];
  readonly counters: CounterValues;
}

const NONE: StepCounts = { recovered: 0, failed: 0, skipped: 0, givenBack: 0 };

export class MemoryCounters {
  #samples = 0;
  readonly #levels: Record<MemoryLevel, number> = { ok: 0, warning: 0, critical: 0, unknown: 0 };
  readonly #actions = new Map<string, number>();
  readonly #steps = new Map<RecoveryStep, StepCounts>(STEPS.map((step) => [step, NONE]));

  sample(): void {
    this.#samples++;
  }

  level(level: MemoryLevel): void {
    this.#levels[level]++;
  }

  action({ name, phase }: ActionChange): void {
    if (phase === "fired") this.#actions.set(name, (this.#actions.get(name) ?? 0) + 1);
  }

  step({ step, outcome, givenBack }: StepResult): void {
    const counts = this.#steps.get(step) ?? NONE;
    this.#steps.set(step, {
      ...counts,
      [outcome]: counts[outcome] + 1,
      givenBack: counts.givenBack + givenBack,
    });
  }

  /** A copy that does not change any more. */
  get values(): CounterValues {
    return {
      samples: this.#samples,
      levels: { ...this.#levels },
      actions: Object.fromEntries(this.#actions),
      steps: Object.fromEntries(this.#steps) as Record<RecoveryStep, StepCounts>,
    };
  }
}

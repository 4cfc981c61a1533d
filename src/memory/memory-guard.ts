/** Says how short the memory is, and what is given up because of it. */
import { GlyphpoolError } from "../errors.ts";
import { ACTIONS, ActionLadder, FULL_QUALITY } from "./actions.ts";
import type { ActionChange, DegradeAction, Quality } from "./actions.ts";
import type { MemoryBudget } from "./budget.ts";
import { LevelTracker, marginOf } from "./levels.ts";
import { MeterBoard, type MeterReading, type Pressure } from "./meters/board.ts";
import { isKnown, type Meter } from "./meters/meter.ts";
import type { MemoryLevel, WorkerMemory } from "./snapshot.ts";
import { systemTimers, type Timers } from "../core/timers.ts";
import { TypedEvents } from "./typed-events.ts";

export interface MemoryGuardOptions {
  readonly budget: MemoryBudget;
  /** In order of trust. The GPU ledger and the wasm heaps come before them and need not be named. */
  readonly meters?: readonly Meter[];
  readonly timers?: Timers;
  readonly actions?: readonly DegradeAction[];
  /** Milliseconds that new tasks are kept waiting before they are refused. Default 30000. */
  readonly patience?: number;
  /** Milliseconds that one meter may take to read. Default 2000. */
  readonly meterDeadline?: number;
}

export interface LevelChange {
  readonly level: MemoryLevel;
  readonly previous: MemoryLevel;
  /** Worst known fraction of the budget or of a meter's limit. */
  readonly pressure: number | undefined;
}

export interface GuardEvents {
  readonly level: LevelChange;
  readonly action: ActionChange & { readonly pressure: number | undefined };
  /** A worker has told its memory, or is gone. */
  readonly note: { readonly worker: string };
}

export interface GuardSnapshot {
  readonly level: MemoryLevel;
  readonly budget: MemoryBudget;
  readonly used: number | undefined;
  readonly pressure: number | undefined;
  /** The meter, or `budget`, that the pressure comes from. */
  readonly source: string | undefined;
  readonly meters: readonly MeterReading[];
  readonly workers: Readonly<Record<string, WorkerMemory | undefined>>;
  readonly quality: Quality;
  /** Names of the actions in force, in the order in which they fired. */
  readonly actions: readonly string[];
}

/** Events: `level`, `action`, `note`. */
export class MemoryGuard extends TypedEvents<GuardEvents> {
  readonly #board: MeterBoard;
  readonly #tracker: LevelTracker;
  readonly #ladder: ActionLadder;
  readonly #timers: Timers;
  readonly #patience: number;
  #budget: MemoryBudget;
  #pausedSince: number | undefined;
  #stopPatience: (() => void) | undefined;

  constructor(options: MemoryGuardOptions) {
    super();
    this.#budget = options.budget;
    this.#timers = options.timers ?? systemTimers;
    this.#patience = options.patience ?? 30_000;
    this.#board = new MeterBoard(options.meters ?? [], this.#timers, options.meterDeadline ?? 2000);
    this.#tracker = new LevelTracker(options.budget);
    this.#ladder = new ActionLadder(options.actions ?? ACTIONS, options.budget);
  }

  get level(): MemoryLevel {
    return this.#tracker.level;
  }

  get budget(): MemoryBudget {
    return this.#budget;
  }

  /** How tasks are to be run now. */
  get quality(): Quality {
    return this.#ladder.quality(FULL_QUALITY);
  }

  /** Bytes that may still be taken before the level rises to `warning`; absent if that is unknown. */
  get headroom(): number | undefined {
    const { used } = this.#pressure();
    if (used === undefined) return undefined;
    return Math.max(0, Math.floor(this.#budget.bytes * this.#budget.warning - used));
  }

  /** Bytes that must be given back before the level can fall to `ok`; 0 where no meter shows any. */
  get excess(): number {
    const line = this.#budget.warning - marginOf(this.#budget);
    const { used } = this.#pressure();
    const over = [(used ?? 0) - this.#budget.bytes * line];
    for (const { reading } of this.#board.readings) {
      if (isKnown(reading) && reading.limit !== undefined) {
        over.push(reading.bytes - reading.limit * line);
      }
    }
    return Math.max(0, Math.ceil(Math.max(...over)));
  }

  /**
   * Takes in what a living worker tells of its memory, and judges at once.
   *
   * @param memory `undefined` if the worker could not tell: the level is then not `ok`
   */
  note(worker: string, memory: WorkerMemory | undefined): void {
    this.#board.note(worker, memory);
    this.#update();
    this.emit("note", { worker });
  }

  /** The worker is dead: all that it held is free. */
  forget(worker: string): void {
    if (!this.#board.forget(worker)) return;
    this.#update();
    this.emit("note", { worker });
  }

  /** Whether that worker counts as living. */
  knows(worker: string): boolean {
    return this.#board.workers.has(worker);
  }

  /** Replaces the figure, for instance with a share of it when more tabs use the same GPU. */
  setBudget(bytes: number, basis: string): void {
    this.#budget = { ...this.#budget, bytes, basis };
    this.#update();
  }

  /** Reads every meter and judges. Never rejects. */
  async sample(): Promise<GuardSnapshot> {
    await this.#board.read();
    this.#update();
    return this.snapshot();
  }

  /** The latest readings; reads nothing. */
  snapshot(): GuardSnapshot {
    const { used, worst, source } = this.#pressure();
    return {
      level: this.level,
      budget: this.#budget,
      used,
      pressure: worst,
      source,
      meters: this.#board.readings,
      workers: Object.fromEntries(this.#board.workers),
      quality: this.quality,
      actions: this.#ladder.active,
    };
  }

  /** Names of all actions, in the order in which they fire. */
  get actionNames(): readonly string[] {
    return this.#ladder.names;
  }

  /** @throws GlyphpoolError `MEMORY_EXHAUSTED` while new tasks are refused */
  checkIntake(): void {
    if (this.quality.intake !== "refuse") return;
    const { used, worst = 0, source = "budget" } = this.#pressure();
    const { bytes, basis } = this.#budget;
    throw new GlyphpoolError(
      "MEMORY_EXHAUSTED",
      `Memory is at ${Math.round(worst * 100)} % of its bound (${source}): ` +
        `${used ?? "unknown"} of ${bytes} bytes are in use (${basis}). ` +
        "Try again later, or set a larger memory.budget.",
    );
  }

  #pressure(): Pressure {
    return this.#board.pressure(this.#budget.bytes);
  }

  /** Stops what waits; the guard can still be asked. */
  close(): void {
    this.#stopPatience?.();
    this.#stopPatience = undefined;
  }

  #update(): void {
    const previous = this.level;
    const { used, worst: pressure } = this.#pressure();
    const level = this.#tracker.update(pressure, used !== undefined);
    const isUnknown = level === "unknown";
    const changes = [...this.#ladder.update(pressure, isUnknown, this.#isStuck)];
    this.#watchPause();
    if (level !== previous) this.emit("level", { level, previous, pressure });
    for (const change of changes) this.emit("action", { ...change, pressure });
  }

  get #isStuck(): boolean {
    const since = this.#pausedSince;
    return since !== undefined && this.#timers.now() - since >= this.#patience;
  }

  /** Whoever waits must not wait forever: when patience ends, waiting becomes refusing. */
  #watchPause(): void {
    if (!this.#ladder.isPausing) {
      this.#pausedSince = undefined;
      this.close();
    } else if (this.#pausedSince === undefined) {
      this.#pausedSince = this.#timers.now();
      this.#stopPatience = this.#timers.after(this.#patience, () => this.#update());
    }
  }
}

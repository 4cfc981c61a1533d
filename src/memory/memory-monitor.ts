/** Watches the guard while there is something to watch, and has memory given back when it runs short. */
import type { GuardEvents, GuardSnapshot, LevelChange, MemoryGuard } from "./memory-guard.ts";
import { MemoryCounters, type MemoryMetrics } from "./memory-metrics.ts";
import { writeOpenMetrics } from "./open-metrics.ts";
import { ProcessWatch } from "./process-watch.ts";
import { LADDER_DEFAULTS, RecoveryLadder, type LadderSettings } from "./recovery-ladder.ts";
import type { RecoveryTarget, StepResult } from "./recovery.ts";
import { RingBuffer } from "./ring-buffer.ts";
import type { MemoryLevel } from "./snapshot.ts";
import { systemTimers, type Timers } from "../core/timers.ts";
import { TypedEvents } from "./typed-events.ts";

export type { RecoveryTarget } from "./recovery.ts";

export interface MemoryMonitorOptions {
  readonly guard: MemoryGuard;
  /** The workers that live now. A target stays the same when its worker is replaced. */
  readonly targets: () => readonly RecoveryTarget[];
  /** Milliseconds between two samples, 0 for none. */
  readonly interval: number;
  readonly timers?: Timers;
  /** Samples that are kept. Default 300. */
  readonly history?: number;
  /** Samples with nothing to see after which sampling stops. Default 5. */
  readonly idleSamples?: number;
  /** Bytes of the heap of an idle worker that no loaded model took. Default: any. */
  readonly maxIdleHeap?: number;
  /**
   * Bytes that a process may grow by beyond what is counted in it before its workers are replaced.
   * Default: any.
   */
  readonly maxProcessGrowth?: number;
  /** Milliseconds between two trims while the level stays at `warning` or `unknown`. Default 30000. */
  readonly trimInterval?: number;
  readonly ladder?: Partial<LadderSettings>;
}

export interface MemorySample {
  /** Milliseconds of the timers' clock. */
  readonly at: number;
  readonly level: MemoryLevel;
  /** Bytes that count against the budget; absent if unknown. */
  readonly used: number | undefined;
  readonly budget: number;
  readonly pressure: number | undefined;
}

export interface MonitorEvents {
  readonly level: LevelChange;
  /** Every step of the ladder, also those that were skipped or did not help. */
  readonly step: StepResult;
  readonly evicted: StepResult;
  readonly recycled: StepResult;
  readonly respawned: StepResult;
}

/** Events: `level`, `step`, `evicted`, `recycled`, `respawned`. */
export class MemoryMonitor extends TypedEvents<MonitorEvents> {
  readonly #options: MemoryMonitorOptions;
  readonly #timers: Timers;
  readonly #ladder: RecoveryLadder;
  readonly #history: RingBuffer<MemorySample>;
  readonly #counters = new MemoryCounters();
  readonly #processes: ProcessWatch;
  #cancel: (() => void) | undefined;
  #sampling: Promise<GuardSnapshot> | undefined;
  #idle = 0;
  #closed = false;
  #overSince: number | undefined;
  #trimmedAt = Number.NEGATIVE_INFINITY;

  constructor(options: MemoryMonitorOptions) {
    super();
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#history = new RingBuffer(options.history ?? 300);
    this.#processes = new ProcessWatch(options.maxProcessGrowth ?? Number.POSITIVE_INFINITY);
    this.#ladder = new RecoveryLadder({
      timers: this.#timers,
      settings: { ...LADDER_DEFAULTS, ...options.ladder },
      targets: options.targets,
      need: () => options.guard.excess,
      overFor: () => (this.#overSince === undefined ? 0 : this.#timers.now() - this.#overSince),
      onStep: (result) => this.#onStep(result),
    });
    options.guard.addEventListener("note", this.#onNote);
    options.guard.addEventListener("level", this.#onLevel);
    options.guard.addEventListener("action", this.#onAction);
  }

  /** Whether samples are taken at the moment. */
  get isSampling(): boolean {
    return this.#cancel !== undefined || this.#sampling !== undefined;
  }

  /** Whether a step of the recovery ladder is under way. */
  get isRecovering(): boolean {
    return this.#ladder.isClimbing;
  }

  /** The latest samples, the oldest first. */
  get history(): readonly MemorySample[] {
    return [...this.#history];
  }

  /** Everything that is known, as plain objects. */
  metrics(): MemoryMetrics {
    const { guard } = this.#options;
    return { ...guard.snapshot(), actionNames: guard.actionNames, counters: this.#counters.values };
  }

  /** The same as text for Prometheus and the like (`application/openmetrics-text; version=1.0.0`). */
  openMetrics(): string {
    return writeOpenMetrics(this.metrics());
  }

  /** Takes one sample now and acts upon it; the steps of a recovery go on after it has resolved. */
  sample(): Promise<GuardSnapshot> {
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = undefined;
    });
    return this.#sampling;
  }

  close(): void {
    const { guard } = this.#options;
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#ladder.close();
    guard.removeEventListener("note", this.#onNote);
    guard.removeEventListener("level", this.#onLevel);
    guard.removeEventListener("action", this.#onAction);
  }

  readonly #onNote = (): void => {
    if (this.isSampling) return;
    this.#idle = 0;
    this.#schedule();
  };

  readonly #onLevel = ({ detail }: CustomEvent<GuardEvents["level"]>): void => {
    this.#counters.level(detail.level);
    this.emit("level", detail);
  };

  readonly #onAction = ({ detail }: CustomEvent<GuardEvents["action"]>): void => {
    this.#counters.action(detail);
  };

  #schedule(): void {
    const { interval } = this.#options;
    if (this.#closed || interval <= 0) return;
    this.#cancel = this.#timers.after(interval, () => {
      this.#cancel = undefined;
      void this.#tick();
    });
  }

  async #tick(): Promise<void> {
    const { level } = await this.sample();
    const targets = this.#options.targets();
    const alive = targets.some((target) => target.memory() !== undefined || target.busy);
    const calm = level === "ok" && !this.#wasteful && !this.#processes.next(targets);
    const quiet = calm && targets.every(({ busy }) => !busy);
    this.#idle = !this.isRecovering && (!alive || quiet) ? this.#idle + 1 : 0;
    if (this.#idle < (this.#options.idleSamples ?? 5)) this.#schedule();
  }

  async #sample(): Promise<GuardSnapshot> {
    const { guard, targets } = this.#options;
    const snapshot = await guard.sample();
    const { level, used, pressure, budget } = snapshot;
    const at = this.#timers.now();
    this.#history.push({ at, level, used, budget: budget.bytes, pressure });
    this.#counters.sample();
    if ((pressure ?? 0) < 1) this.#overSince = undefined;
    else this.#overSince ??= at;
    this.#ladder.see(targets());
    this.#processes.see(snapshot.meters, targets());
    if (!this.#closed) this.#act(level, at);
    return snapshot;
  }

  #act(level: MemoryLevel, at: number): void {
    if (level !== "critical" && level !== "unknown") this.#ladder.recover();
    if (this.#ladder.isClimbing) return;
    if (level === "critical") {
      void this.#ladder.climb("respawn");
      return;
    }
    const { targets } = this.#options;
    const wasteful = this.#wasteful;
    const grown = this.#processes.next(targets());
    if (wasteful) void this.#ladder.replace(wasteful, wasteful.memory()?.wasmShared ?? 0);
    else if (grown) {
      const { target, growth } = grown;
      void this.#ladder.replace(target, growth, () => this.#processes.replaced(target, targets()));
    } else if (level !== "ok" && at - this.#trimmedAt >= (this.#options.trimInterval ?? 30_000)) {
      this.#trimmedAt = at;
      void this.#ladder.climb("trim");
    }
  }

  /** An idle worker whose heap holds too much in vain. */
  get #wasteful(): RecoveryTarget | undefined {
    const { targets, maxIdleHeap = Number.POSITIVE_INFINITY } = this.#options;
    return targets().find(
      (target) => !target.busy && (target.memory()?.wasmShared ?? 0) > maxIdleHeap,
    );
  }

  #onStep(result: StepResult): void {
    const { guard, targets } = this.#options;
    const memory = targets()
      .find(({ id }) => id === result.worker)
      ?.memory();
    // The next step is decided by what this one has changed.
    if (memory && guard.knows(result.worker)) guard.note(result.worker, memory);
    this.#counters.step(result);
    this.emit("step", result);
    if (result.outcome === "skipped") return;
    if (result.step === "evict") this.emit("evicted", result);
    if (result.step === "recycle") this.emit("recycled", result);
    if (result.step === "respawn") this.emit("respawned", result);
  }
}

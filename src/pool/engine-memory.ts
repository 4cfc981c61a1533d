/** What an engine shows of its memory. */
import { SIZE, invalidOption, parseSize } from "../options/rules.ts";
import type { Quality } from "../memory/actions.ts";
import type { MeterReading } from "../memory/meters/board.ts";
import type { MemoryMetrics } from "../memory/memory-metrics.ts";
import type { MemorySample, MonitorEvents } from "../memory/memory-monitor.ts";
import type { MemoryLevel, WorkerMemory } from "../memory/snapshot.ts";
import { TypedEvents } from "../memory/typed-events.ts";
import type { MemoryControl } from "./memory-control.ts";

/** All workers of an engine at one moment. Figures are bytes. */
export interface MemorySnapshot {
  readonly level: MemoryLevel;
  readonly budget: number;
  /** Where the budget comes from, for people. */
  readonly basis: string;
  /** GPU buffers and textures: exact. 0 on wasm, where there is no device. */
  readonly gpuUsed: number;
  /** `gpuUsed`, and what was destroyed but not yet given back by the driver. */
  readonly gpuAllocated: number;
  /** Largest `gpuAllocated` of any worker so far. */
  readonly gpuPeak: number;
  /** Estimate of what pipelines and driver hold beyond the buffers. */
  readonly gpuOverhead: number;
  /** The same at its largest: emulated GPUs take more while they compile. */
  readonly gpuOverheadPeak: number;
  /** WebAssembly heaps of the model runtime: exact. */
  readonly wasmHeap: number;
  /** The part of the heaps that no loaded model took: runs work in it, and unloaded models left it behind. */
  readonly wasmShared: number;
  /** The part of the budget, or of a meter's own limit, that is in use; absent where nothing could be read. */
  readonly pressure: number | undefined;
  readonly meters: readonly MeterReading[];
  /** By worker; `undefined` for one that has not told anything yet. */
  readonly workers: Readonly<Record<string, WorkerMemory | undefined>>;
  /** How reads are run at the moment. */
  readonly quality: Quality;
  /** Names of the savings in force. */
  readonly actions: readonly string[];
}

/** Events: `level`, `step`, `evicted`, `recycled`, `respawned`. */
export class EngineMemory extends TypedEvents<MonitorEvents> {
  readonly #control: MemoryControl;

  constructor(control: MemoryControl) {
    super();
    this.#control = control;
    const { monitor } = control;
    monitor.addEventListener("level", ({ detail }) => this.emit("level", detail));
    monitor.addEventListener("step", ({ detail }) => this.emit("step", detail));
    monitor.addEventListener("evicted", ({ detail }) => this.emit("evicted", detail));
    monitor.addEventListener("recycled", ({ detail }) => this.emit("recycled", detail));
    monitor.addEventListener("respawned", ({ detail }) => this.emit("respawned", detail));
  }

  get level(): MemoryLevel {
    return this.#control.guard.level;
  }

  /** The latest samples of the monitor, the oldest first. */
  get history(): readonly MemorySample[] {
    return this.#control.monitor.history;
  }

  /** What was told and measured last. Asks nobody. */
  snapshot(): MemorySnapshot {
    const { level, budget, pressure, meters, workers, quality, actions } =
      this.#control.guard.snapshot();
    const told = Object.values(workers).filter((memory) => memory !== undefined);
    const sum = (figure: (memory: WorkerMemory) => number | undefined): number =>
      told.reduce((total, memory) => total + (figure(memory) ?? 0), 0);
    return {
      level,
      budget: budget.bytes,
      basis: budget.basis,
      gpuUsed: sum(({ gpu }) => gpu?.used),
      gpuAllocated: sum(({ gpu }) => gpu?.allocated),
      gpuPeak: Math.max(0, ...told.map(({ gpu }) => gpu?.peak ?? 0)),
      gpuOverhead: sum(({ gpuOverhead }) => gpuOverhead),
      gpuOverheadPeak: sum(({ gpuOverheadPeak }) => gpuOverheadPeak),
      wasmHeap: sum(({ wasmHeap }) => wasmHeap),
      wasmShared: sum(({ wasmShared }) => wasmShared),
      pressure,
      meters,
      workers,
      quality,
      actions,
    };
  }

  /** Asks every worker and reads every meter. A worker that is busy answers when it has time. */
  async measure(): Promise<MemorySnapshot> {
    await this.#control.measure();
    return this.snapshot();
  }

  /**
   * Unloads models that nobody uses: the fewest that hold so many bytes, by default all. On wasm the
   * bytes are free for other models then, but the heap stays as large as it is.
   *
   * @returns the bytes that they held
   */
  async evict(bytes: number = Infinity): Promise<number> {
    return await this.#control.evict(bytes);
  }

  /**
   * Replaces the budget and acts upon it at once: above its thresholds reads are degraded and memory is given back.
   *
   * @param budget bytes or a text such as `"512MiB"`; absent: derived from what the platform tells
   * @throws GlyphpoolError `INVALID_OPTION`
   */
  async setBudget(budget?: number | string): Promise<void> {
    if (budget !== undefined && !SIZE.accepts(budget)) {
      throw invalidOption("budget", budget, SIZE.allowed);
    }
    await this.#control.setBudget(parseSize(budget));
  }

  /**
   * Ends every worker at once, busy or not, and with it all that it holds. Reads that were under way are run again on
   * a new worker where their input is still there; the next read starts one otherwise.
   */
  respawn(): void {
    this.#control.respawn();
  }

  /** Gives back what workers keep only for speed; models stay. */
  async trim(): Promise<void> {
    await this.#control.trim();
  }

  /** Everything that is known, with counters, as plain objects. */
  metrics(): MemoryMetrics {
    return this.#control.monitor.metrics();
  }

  /** The same for Prometheus and the like (`application/openmetrics-text; version=1.0.0`). */
  openMetrics(): string {
    return this.#control.monitor.openMetrics();
  }
}

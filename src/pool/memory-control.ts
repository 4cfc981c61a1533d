/** Between the pool, whose workers hold the memory, and the guard and the monitor, which watch it. */
import { deferred } from "../core/deferred.ts";
import { untilAborted } from "../core/wait.ts";
import { resolveBudget } from "../memory/budget.ts";
import { MemoryGuard } from "../memory/memory-guard.ts";
import { MemoryMonitor } from "../memory/memory-monitor.ts";
import { openPlatformMeters } from "../memory/meters/platform.ts";
import type { PlatformMeters } from "../memory/meters/platform-meters.ts";
import type { WorkerMemory } from "../memory/snapshot.ts";
import type { ResolvedSettings } from "../options/engine.ts";
import type { WorkerEvent } from "../rpc/keeper.ts";
import type { OcrServicePool } from "./ocr-service-pool.ts";
import type { OcrService, OcrServiceOptions } from "./ocr-service.ts";
import { WorkerRegistry, freshBytes } from "./worker-registry.ts";
import type { WorkerInfo, WorkerReadOptions } from "./worker-types.ts";
import { WorkerShares } from "./worker-shares.ts";

/** What a pause of the pool is called that the guard has ordered. */
const PAUSE = "memory";

type MemorySettings = Pick<
  ResolvedSettings,
  | "memory"
  | "maxIdleHeap"
  | "maxProcessGrowth"
  | "minIdleWorkers"
  | "sampleInterval"
  | "minWorkerLife"
>;

export class MemoryControl {
  readonly guard: MemoryGuard;
  readonly monitor: MemoryMonitor;
  readonly #platform: PlatformMeters;
  readonly #workers: WorkerRegistry;
  readonly #shares: WorkerShares;
  readonly #minIdleWorkers: number;
  /** Busy services that are looked at when their reads are done. */
  readonly #awaited = new Set<OcrService>();
  #pool: OcrServicePool | undefined;

  /** Looks which meters this platform has. Never rejects. */
  static async open(settings: MemorySettings): Promise<MemoryControl> {
    return new MemoryControl(settings, await openPlatformMeters());
  }

  /** @throws GlyphpoolError `INVALID_OPTION` */
  constructor(settings: MemorySettings, platform: PlatformMeters) {
    const { memory, maxIdleHeap, maxProcessGrowth, sampleInterval, minWorkerLife } = settings;
    const { facts, meters } = platform;
    this.#platform = platform;
    this.#minIdleWorkers = settings.minIdleWorkers;
    this.guard = new MemoryGuard({ budget: resolveBudget(memory, facts), meters });
    this.#workers = new WorkerRegistry(this.guard);
    this.#shares = new WorkerShares(this.guard, memory, facts);
    this.monitor = new MemoryMonitor({
      guard: this.guard,
      interval: sampleInterval,
      maxIdleHeap,
      maxProcessGrowth,
      ladder: { minLife: minWorkerLife },
      targets: () => this.#workers.targets,
    });
    this.guard.addEventListener("action", () => this.#applyIntake());
  }

  /** How reads are to be run now, in the pipeline's terms; empty while memory is plenty. */
  get batchLimits(): Pick<
    WorkerReadOptions,
    "maxBatchWidth" | "maxDetectionPixels" | "minDetectionPixels"
  > {
    const { maxBatchWidth, maxDetectionPixels } = this.guard.quality;
    const { minDetectionPixels } = this.#shares;
    return {
      ...(Number.isFinite(maxBatchWidth) ? { maxBatchWidth } : {}),
      ...(Number.isFinite(maxDetectionPixels) ? { maxDetectionPixels } : {}),
      ...(minDetectionPixels === undefined ? {} : { minDetectionPixels }),
    };
  }

  /** What a service with this index has to tell. */
  listeners(
    index: number,
    service: () => OcrService,
  ): Pick<OcrServiceOptions, "onEvent" | "onMemory"> {
    const id = `worker-${index}`;
    return {
      onMemory: (memory) => {
        this.guard.note(id, memory);
        this.#endUnused(service(), memory);
      },
      onEvent: (event) => this.#onEvent(id, service(), event),
    };
  }

  /** The pool whose intake the guard decides about. */
  attach(pool: OcrServicePool, info: WorkerInfo): void {
    this.#pool = pool;
    this.#shares.attach(pool, info);
    pool.onShortage = (allowed) => this.#shares.useFewer(allowed);
    this.#applyIntake();
  }

  /** Resolves when the level is `ok`, at once where it is. Rejects only by its signal. */
  async whenPlenty(signal: AbortSignal): Promise<void> {
    const { guard } = this;
    while (guard.level !== "ok") {
      const changed = deferred<void>();
      const onLevel = (): void => changed.resolve();
      guard.addEventListener("level", onLevel, { once: true });
      try {
        await untilAborted(changed.promise, signal);
      } finally {
        guard.removeEventListener("level", onLevel);
      }
    }
  }

  /** @throws GlyphpoolError `MEMORY_EXHAUSTED` while new reads are refused */
  checkIntake(): void {
    this.#relieve();
    this.guard.checkIntake();
  }

  /** One more read, or one less. */
  busy(change: 1 | -1): void {
    this.#shares.busy(change);
    if (change < 0) this.#relieve();
  }

  /** Asks every worker for its memory, and reads the meters. */
  async measure(): Promise<void> {
    await this.#workers.measure();
    await this.guard.sample();
  }

  /** Unloads idle models that hold so many bytes, worker by worker. @returns bytes that they held */
  async evict(bytes: number): Promise<number> {
    return await this.#workers.evict(bytes);
  }

  /** Replaces the budget, and acts upon the new one. @param bytes absent: derived from the platform */
  async setBudget(bytes?: number): Promise<void> {
    this.#shares.set(bytes);
    await this.monitor.sample();
  }

  /** Ends every worker in this very turn; the next read starts a new one. */
  respawn(): void {
    this.#workers.endAll("it was asked for");
  }

  /** Gives back what workers keep only for speed. */
  async trim(): Promise<void> {
    await this.#workers.trim();
  }

  /** Everything was given back: other tabs may have this one's share, unless reads still run. */
  async rest(): Promise<void> {
    await this.#shares.rest();
  }

  /** Takes no part in the tabs' budget until the next read. */
  async leaveTabs(): Promise<void> {
    await this.#shares.leaveTabs();
  }

  close(): void {
    this.monitor.close();
    this.guard.close();
    this.#shares.close();
    void this.#platform.close();
  }

  #onEvent(id: string, service: OcrService, event: WorkerEvent): void {
    if (event.type === "died" || event.type === "recycled") {
      this.#workers.ended(id);
      return;
    }
    void this.#shares.limit(service);
    this.#workers.started(id, service);
  }

  /**
   * A wasm heap never shrinks, so unloaded models give nothing back to the system: a worker whose last model timed out
   * is ended. The next read starts another.
   */
  #endUnused(service: OcrService, { backend, models }: WorkerMemory): void {
    if (service.busy) {
      if (this.#awaited.has(service)) return;
      this.#awaited.add(service);
      void this.#endWhenIdle(service);
      return;
    }
    const timedOut = models.some(({ reason }) => reason === "idle timeout");
    const unused = models.every(({ state }) => state === "unloaded" || state === "failed");
    if (backend !== "wasm" || !timedOut || !unused) return;
    if (this.#workers.services.length <= this.#minIdleWorkers) return;
    service.end("its last model was unloaded after the idle timeout");
  }

  async #endWhenIdle(service: OcrService): Promise<void> {
    await service.whenIdle();
    this.#awaited.delete(service);
    if (service.memory) this.#endUnused(service, service.memory);
  }

  #applyIntake(): void {
    this.#relieve();
    const { intake } = this.guard.quality;
    if (intake === "open") this.#pool?.resume(PAUSE);
    else this.#pool?.pause(PAUSE);
  }

  /** Nobody waits for memory that only idle workers hold. */
  #relieve(): void {
    if (this.guard.quality.intake === "open" || this.#workers.busy) return;
    this.#workers.endIdle("memory was short and nobody used it", freshBytes);
  }
}

/** Between the pool, whose workers hold the memory, and the guard and the monitor, which watch it. */
import type { ResolvedSettings } from "../options/engine.ts";
import { deferred } from "../core/deferred.ts";
import { untilAborted } from "../core/wait.ts";
import { resolveBudget } from "../memory/budget.ts";
import type { MemoryBudget, MemoryFacts } from "../memory/budget.ts";
import { MemoryGuard } from "../memory/memory-guard.ts";
import { MemoryMonitor } from "../memory/memory-monitor.ts";
import { openPlatformMeters } from "../memory/meters/platform.ts";
import type { PlatformMeters } from "../memory/meters/platform-meters.ts";
import type { RecoveryTarget } from "../memory/recovery.ts";
import type { OcrServicePool } from "./ocr-service-pool.ts";
import type { OcrService, OcrServiceOptions } from "./ocr-service.ts";
import type { WorkerEvent } from "../rpc/keeper.ts";
import { TabBudget } from "./tabs/budget.ts";
import type { WorkerInfo, WorkerReadOptions } from "./worker-types.ts";

/** Bytes of a wasm heap without models: the size that the runtime starts with. */
const RUNTIME_HEAP = 16 * 2 ** 20;

/** What a pause of the pool is called that the guard has ordered. */
const PAUSE = "memory";

type MemorySettings = Pick<
  ResolvedSettings,
  "memory" | "maxIdleHeap" | "maxProcessGrowth" | "sampleInterval" | "minWorkerLife"
>;

export class MemoryControl {
  readonly guard: MemoryGuard;
  readonly monitor: MemoryMonitor;
  readonly #platform: PlatformMeters;
  #limits: MemorySettings["memory"];
  #facts: MemoryFacts;
  #fullBudget: MemoryBudget;
  readonly #services = new Map<string, OcrService>();
  #pool: OcrServicePool | undefined;
  #tabs: TabBudget | undefined;
  #running = 0;
  #joined = false;

  /** Looks which meters this platform has. Never rejects. */
  static async open(settings: MemorySettings): Promise<MemoryControl> {
    return new MemoryControl(settings, await openPlatformMeters());
  }

  /** @throws GlyphpoolError `INVALID_OPTION` */
  constructor(settings: MemorySettings, platform: PlatformMeters) {
    const { maxIdleHeap, maxProcessGrowth, sampleInterval, minWorkerLife } = settings;
    const budget = resolveBudget(settings.memory, platform.facts);
    this.#platform = platform;
    this.#facts = platform.facts;
    this.#limits = settings.memory;
    this.#fullBudget = budget;
    this.guard = new MemoryGuard({ budget, meters: platform.meters });
    this.monitor = new MemoryMonitor({
      guard: this.guard,
      interval: sampleInterval,
      maxIdleHeap,
      maxProcessGrowth,
      ladder: { minLife: minWorkerLife },
      targets: () => [...this.#services].map(([id, service]) => target(id, service)),
    });
    this.guard.addEventListener("action", () => this.#applyIntake());
  }

  /** How reads are to be run now, in the pipeline's terms; empty while memory is plenty. */
  get batchLimits(): Pick<WorkerReadOptions, "maxBatchWidth" | "maxDetectionPixels"> {
    const { maxBatchWidth, maxDetectionPixels } = this.guard.quality;
    return {
      ...(Number.isFinite(maxBatchWidth) ? { maxBatchWidth } : {}),
      ...(Number.isFinite(maxDetectionPixels) ? { maxDetectionPixels } : {}),
    };
  }

  /** What a service with this index has to tell. */
  listeners(
    index: number,
    service: () => OcrService,
  ): Pick<OcrServiceOptions, "onEvent" | "onMemory"> {
    const id = `worker-${index}`;
    return {
      onMemory: (memory) => this.guard.note(id, memory),
      onEvent: (event) => this.#onEvent(id, service(), event),
    };
  }

  /** The pool whose intake the guard decides about. */
  attach(pool: OcrServicePool, { adapter, backend }: WorkerInfo): void {
    this.#pool = pool;
    if (adapter) {
      const { maxBufferSize } = adapter;
      this.#facts = { ...this.#facts, maxBufferSize };
      const budget = resolveBudget(this.#limits, this.#facts);
      this.#fullBudget = budget;
      this.guard.setBudget(budget.bytes, budget.basis);
    }
    this.#tabs = new TabBudget({
      budget: this.#fullBudget.bytes,
      key: adapter ? `${adapter.vendor} ${adapter.architecture} ${adapter.description}` : backend,
      onShare: (bytes, { tabs }) => {
        const { basis } = this.#fullBudget;
        this.guard.setBudget(bytes, tabs > 1 ? `a share among ${tabs} tabs of ${basis}` : basis);
        for (const service of pool.services) void this.#limit(service);
      },
    });
    for (const service of pool.services) void this.#limit(service);
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
    this.guard.checkIntake();
  }

  /** One more read, or one less. */
  busy(change: 1 | -1): void {
    this.#running += change;
    if (this.#running > 0 && !this.#joined) {
      this.#joined = true;
      void this.#tabs?.join();
    }
    this.#tabs?.setBusy(this.#running > 0);
  }

  /** Asks every worker for its memory, and reads the meters. */
  async measure(): Promise<void> {
    await Promise.all([...this.#services].map(([id, service]) => this.#ask(id, service)));
    await this.guard.sample();
  }

  /** Unloads idle models that hold so many bytes, worker by worker. @returns bytes that they held */
  async evict(bytes: number): Promise<number> {
    let freed = 0;
    for (const service of this.#services.values()) {
      if (freed < bytes) freed += await service.evict(bytes - freed);
    }
    return freed;
  }

  /** Replaces the budget, and acts upon the new one. @param bytes absent: derived from the platform */
  async setBudget(bytes?: number): Promise<void> {
    const { warning, critical } = this.#limits;
    this.#limits = { warning, critical, ...(bytes === undefined ? {} : { budget: bytes }) };
    const budget = resolveBudget(this.#limits, this.#facts);
    this.#fullBudget = budget;
    // Tells the share, where it is another one than before.
    this.#tabs?.setBudget(budget.bytes);
    const { tabs } = this.#tabs?.count ?? { tabs: 1 };
    if (tabs === 1) this.guard.setBudget(budget.bytes, budget.basis);
    await this.monitor.sample();
  }

  /** Ends every worker in this very turn; the next read starts a new one. */
  respawn(): void {
    for (const service of this.#services.values()) service.end("it was asked for");
  }

  /** Gives back what workers keep only for speed. */
  async trim(): Promise<void> {
    const services = [...this.#services.values()];
    await Promise.all(services.map((service) => service.trim()));
  }

  /** Everything was given back: other tabs may have this one's share, unless reads still run. */
  async rest(): Promise<void> {
    if (this.#running === 0) await this.leaveTabs();
  }

  /** Takes no part in the tabs' budget until the next read. */
  async leaveTabs(): Promise<void> {
    this.#joined = false;
    await this.#tabs?.leave();
  }

  close(): void {
    this.monitor.close();
    this.guard.close();
    this.#tabs?.[Symbol.dispose]();
    void this.#platform.close();
  }

  #onEvent(id: string, service: OcrService, event: WorkerEvent): void {
    if (event.type === "died" || event.type === "recycled") {
      this.#services.delete(id);
      this.guard.forget(id);
      return;
    }
    this.#services.set(id, service);
    void this.#limit(service);
    void this.#ask(id, service);
  }

  /** Each worker gets an equal part of the budget; its runtime has taken some of it already. */
  async #limit(service: OcrService): Promise<void> {
    if (!this.#pool) return;
    const share = Math.floor(this.guard.budget.bytes / this.#pool.size);
    const budget = Math.max(1, share - RUNTIME_HEAP);
    try {
      await service.configure({ budget });
    } catch {
      // Its worker has died; the next one starts with this budget.
    }
  }

  /** A new worker has said nothing yet; until it does the level is not `ok`. */
  async #ask(id: string, service: OcrService): Promise<void> {
    try {
      const memory = await service.measure();
      if (memory && this.#services.get(id) === service) this.guard.note(id, memory);
    } catch {
      if (this.#services.get(id) === service) this.guard.note(id, undefined);
    }
  }

  #applyIntake(): void {
    const { intake } = this.guard.quality;
    if (intake === "open") this.#pool?.resume(PAUSE);
    else this.#pool?.pause(PAUSE);
  }
}

function target(id: string, service: OcrService): RecoveryTarget {
  return {
    id,
    get busy() {
      return service.busy;
    },
    memory: () => service.memory,
    trim: () => service.trim(),
    evict: (bytes) => service.evict(bytes),
    recycleDevice: () => service.recycleDevice(),
    respawn: (reason) => service.recycle(reason),
  };
}

/** The budget: of the engine, of this tab, and of each worker. */
import { resolveBudget } from "../memory/budget.ts";
import type { MemoryBudget, MemoryFacts } from "../memory/budget.ts";
import type { MemoryGuard } from "../memory/memory-guard.ts";
import type { ResolvedMemorySettings } from "../options/memory.ts";
import type { OcrServicePool } from "./ocr-service-pool.ts";
import type { OcrService } from "./ocr-service.ts";
import { TabBudget } from "./tabs/budget.ts";
import type { WorkerInfo } from "./worker-types.ts";

/** Bytes of a wasm heap without models: the size that the runtime starts with. */
const RUNTIME_HEAP = 16 * 2 ** 20;

/** A read looks for lines at no less than this while fewer workers would leave more memory for each. */
const SHARED_MIN_PIXELS = 500_000;

export class WorkerShares {
  readonly #guard: MemoryGuard;
  #limits: ResolvedMemorySettings["memory"];
  #facts: MemoryFacts;
  #full: MemoryBudget;
  #pool: OcrServicePool | undefined;
  #tabs: TabBudget | undefined;
  #running = 0;
  #joined = false;

  constructor(guard: MemoryGuard, limits: ResolvedMemorySettings["memory"], facts: MemoryFacts) {
    this.#guard = guard;
    this.#limits = limits;
    this.#facts = facts;
    this.#full = resolveBudget(limits, facts);
  }

  /** What the detector's input may be lowered to for want of memory; absent: to the least that makes sense. */
  get minDetectionPixels(): number | undefined {
    return (this.#pool?.allowed ?? 1) > 1 ? SHARED_MIN_PIXELS : undefined;
  }

  attach(pool: OcrServicePool, { adapter, backend }: WorkerInfo): void {
    this.#pool = pool;
    if (adapter) {
      const { maxBufferSize } = adapter;
      this.#facts = { ...this.#facts, maxBufferSize };
      this.#full = resolveBudget(this.#limits, this.#facts);
      this.#guard.setBudget(this.#full.bytes, this.#full.basis);
    }
    this.#tabs = new TabBudget({
      budget: this.#full.bytes,
      key: adapter ? `${adapter.vendor} ${adapter.architecture} ${adapter.description}` : backend,
      onShare: (bytes, { tabs }) => {
        const { basis } = this.#full;
        const why = tabs > 1 ? `a share among ${tabs} tabs of ${basis}` : basis;
        this.#changed(bytes, why);
      },
    });
    for (const service of pool.services) void this.limit(service);
  }

  /** @param bytes absent: derived from the platform */
  set(bytes?: number): void {
    const { warning, critical } = this.#limits;
    this.#limits = { warning, critical, ...(bytes === undefined ? {} : { budget: bytes }) };
    this.#full = resolveBudget(this.#limits, this.#facts);
    // Tells the share, where it is another one than before.
    this.#tabs?.setBudget(this.#full.bytes);
    const { tabs } = this.#tabs?.count ?? { tabs: 1 };
    if (tabs === 1) this.#changed(this.#full.bytes, this.#full.basis);
  }

  /** Each worker gets an equal part of the budget; its runtime has taken some of it already. */
  async limit(service: OcrService): Promise<void> {
    if (!this.#pool) return;
    try {
      await service.configure({ budget: Math.max(1, this.#share - RUNTIME_HEAP) });
    } catch {
      // Its worker has died; the next one starts with this budget.
    }
  }

  /**
   * A worker had too little memory for a read. One worker fewer leaves more for the others.
   *
   * @param allowed how many workers there might be when the read began
   * @returns whether each worker has more now than it had then
   */
  async useFewer(allowed: number): Promise<boolean> {
    const pool = this.#pool;
    if (!pool || allowed <= 1) return false;
    if (pool.allowed >= allowed) pool.allow(allowed - 1);
    await Promise.all(pool.services.map((service) => this.limit(service)));
    return true;
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
    this.#tabs?.[Symbol.dispose]();
  }

  get #share(): number {
    return Math.floor(this.#guard.budget.bytes / (this.#pool?.allowed ?? 1));
  }

  /** With another budget another number of workers may fit. */
  #changed(bytes: number, basis: string): void {
    this.#guard.setBudget(bytes, basis);
    const pool = this.#pool;
    if (!pool) return;
    pool.allow(pool.size);
    for (const service of pool.services) {
      void this.limit(service);
      void this.#shrink(service);
    }
  }

  /** A heap never shrinks: a worker with one above its share is ended, when its reads are done. */
  async #shrink(service: OcrService): Promise<void> {
    const isLarge = (): boolean => (service.memory?.wasmHeap ?? 0) > this.#share;
    if (!isLarge()) return;
    await service.whenIdle();
    if (isLarge() && !service.busy) service.end("the memory budget was lowered");
  }
}

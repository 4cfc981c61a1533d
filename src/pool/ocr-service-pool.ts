/** Shares work out to a fixed number of services: who waits, who is next, and how much goes on at once. */
import { STRUCTURE_ROLES } from "../catalog/manifest/manifest.ts";
import type { ModelRole } from "../catalog/manifest/manifest.ts";
import { FairQueue } from "../core/queue.ts";
import { Semaphore } from "../core/semaphore.ts";
import type { Permit } from "../core/semaphore.ts";
import { untilAborted } from "../core/wait.ts";
import { GlyphpoolError, engineClosed, throwIfAborted } from "../errors.ts";
import type { AcquireStage, Call, CallLimits, PreloadCall, ResultOf } from "./call.ts";
import type { OcrService } from "./ocr-service.ts";
import type { LimitLoad, PoolLoad, PoolOptions } from "./pool-options.ts";

/** Why a worker ends that no read needs. */
const SPARE = "the memory does not do for so many workers";

/** What a read needs: a worker, and the permission to use it. */
interface Slot {
  readonly service: OcrService;
  readonly permit: Permit;
}

export class OcrServicePool {
  readonly #size: number;
  readonly #create: (index: number) => OcrService;
  readonly #services: OcrService[];
  readonly #idle: OcrService[];
  readonly #queue: FairQueue<Slot>;
  readonly #concurrency: Semaphore;
  readonly #structure: Semaphore;
  readonly #permit: AcquireStage;
  readonly #pauses = new Set<string>();
  #refusal: GlyphpoolError | undefined;
  /** Why there may be no worker at the moment. */
  #suspended: string | undefined;
  /** How many services may work at the moment. */
  #allowed: number;
  /**
   * Asked when a worker had too little memory for a call that began while so many services were allowed. Whether it is
   * worth another try.
   */
  onShortage: (allowed: number) => Promise<boolean> = async () => false;
  #closed = false;

  /**
   * @param first a service that exists already, because somebody had to find out the backend
   * @param size how many services there may be, one per GPU; the others are created when all are busy
   * @throws GlyphpoolError `INVALID_OPTION`
   */
  constructor(
    first: OcrService,
    size: number,
    create: (index: number) => OcrService,
    options: PoolOptions = {},
  ) {
    this.#size = size;
    this.#allowed = size;
    this.#create = create;
    this.#services = [first];
    this.#idle = [first];
    this.#queue = new FairQueue({
      maxCount: options.maxQueued ?? 1_000,
      maxBytes: options.maxQueuedBytes ?? 512 * 2 ** 20,
    });
    this.#concurrency = new Semaphore(options.concurrency ?? size, "concurrency");
    this.#structure = new Semaphore(options.structureConcurrency ?? 1, "structureConcurrency");
    const weights = options.structureWeights;
    this.#permit = (stage, signal) => this.#structure.acquire(weights?.[stage] ?? 1, { signal });
  }

  /** All services that were needed so far. */
  get services(): readonly OcrService[] {
    return this.#services;
  }

  /** How many services may work at the moment: memory may not do for all. */
  get allowed(): number {
    return this.#allowed;
  }

  /** Idle workers beyond that end; busy ones finish. */
  allow(count: number): void {
    this.#allowed = Math.max(1, Math.min(count, this.#size));
    let spare = this.#services.filter(({ hasWorker }) => hasWorker).length - this.#allowed;
    for (const service of this.#idle.filter(({ hasWorker }) => hasWorker)) {
      if (spare-- > 0) service.end(SPARE);
    }
    this.#offer();
  }

  /** How many services there may be. */
  get size(): number {
    return this.#size;
  }

  /** Reads that wait for a free worker. */
  get queued(): number {
    return this.#queue.length;
  }

  get load(): PoolLoad {
    return {
      queued: this.#queue.length,
      queuedBytes: this.#queue.bytes,
      concurrency: loadOf(this.#concurrency),
      structureConcurrency: loadOf(this.#structure),
      paused: [...this.#pauses],
    };
  }

  /**
   * Does one call on the next free worker. The deadline starts when a worker takes it. An abort rejects at
   * once; the worker and the permit are free for others when the worker has come to a halt, or was killed
   * at the deadline.
   *
   * A preload goes to the first worker, whether it reads or not. Loading structure models counts as a
   * structure prediction.
   *
   * @throws GlyphpoolError `QUEUE_FULL` when all workers are busy and nobody else may wait; what
   *   {@link refuse} got; all of the call
   */
  async run<C extends Call>(call: C, limits: CallLimits): Promise<ResultOf<C>> {
    throwIfAborted(limits.signal);
    if (this.#closed) throw engineClosed();
    const isRepeatable = call.name === "preload" || call.repeatable === true;
    for (;;) {
      const allowed = this.#allowed;
      try {
        return await this.#runOnce(call, limits);
      } catch (error) {
        // With fewer workers each has more memory.
        const isShortage = GlyphpoolError.is(error) && error.code === "MEMORY_EXHAUSTED";
        if (!isShortage || !isRepeatable || !(await this.onShortage(allowed))) throw error;
      }
    }
  }

  async #runOnce<C extends Call>(call: C, limits: CallLimits): Promise<ResultOf<C>> {
    if (call.name === "preload") return (await this.#preload(call, limits)) as ResultOf<C>;
    if (this.#refusal) throw this.#refusal;
    const { bytes, priority, group } = call;
    const entry = { bytes, priority, group, signal: limits.signal };
    const { service, permit } = this.#takeAtOnce() ?? (await this.#queue.wait(entry));
    try {
      return await service.run(call, { permit: this.#permit, ...limits });
    } finally {
      // After an abort the worker is still at it; giving it more work would make that wait.
      void service.whenIdle().then(() => this.#release({ service, permit }));
    }
  }

  /**
   * Runs one structure stage when its weight fits. An abort rejects at once; the weight comes back when
   * `stage` settles, which has to mean that the worker is free of it.
   *
   * @throws GlyphpoolError `INVALID_OPTION` for a weight that never fits, `ABORTED`, `ENGINE_CLOSED`;
   *   whatever `stage` throws
   */
  async withStructurePermit<T>(
    weight: number,
    signal: AbortSignal | undefined,
    stage: () => Promise<T>,
  ): Promise<T> {
    const permit = await this.#structure.acquire(weight, { signal });
    return await untilAborted(holding(permit, signal, stage), signal);
  }

  /** Starts no more reads until every reason has been taken back; they may still wait. */
  pause(reason: string): void {
    this.#pauses.add(reason);
    this.#queue.pause();
  }

  /** Takes back one reason to pause, or all of them. */
  resume(reason?: string): void {
    if (reason === undefined) this.#pauses.clear();
    else this.#pauses.delete(reason);
    if (this.#pauses.size > 0) return;
    this.#queue.resume();
    this.#offer();
  }

  /** Rejects every new read with this error, until it is called without one. Those who wait stay. */
  refuse(error: GlyphpoolError | undefined): void {
    this.#refusal = error;
  }

  /** Changes how many reads go on at the same time; those that run are not disturbed. 0 starts none. */
  setConcurrency(capacity: number): void {
    this.#concurrency.setCapacity(capacity);
    this.#offer();
  }

  /** The same for the weights of structure stages. */
  setStructureConcurrency(capacity: number): void {
    this.#structure.setCapacity(capacity);
  }

  /**
   * Unloads the idle models of all workers. Idle workers on wasm end: nothing else makes a heap smaller.
   */
  async teardown(): Promise<void> {
    await Promise.all(
      this.#services.map(async (service) => {
        await service.teardown();
        if (service.info?.backend === "wasm" && !service.busy) service.end("teardown");
      }),
    );
  }

  /** Ends all workers in this very turn; calls wait for {@link wake}. */
  suspend(reason: string): void {
    this.#suspended = reason;
    for (const service of this.#services) service.suspend(reason);
  }

  /** Starts workers again after {@link suspend}. */
  wake(): void {
    this.#suspended = undefined;
    for (const service of this.#services) service.resume();
  }

  /** Ends all workers; running and waiting reads are rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#closed = true;
    this.#queue.close(engineClosed());
    this.#structure.close(engineClosed());
    for (const service of this.#services) service.close();
  }

  async #preload(call: PreloadCall, limits: CallLimits): Promise<void> {
    const { models, roles } = call;
    const service = this.#services[0] as OcrService;
    const wanted = new Set<ModelRole>(roles ?? STRUCTURE_ROLES);
    const structure = models.structure?.some(({ role }) => wanted.has(role)) ?? false;
    if (!structure) return await service.run(call, limits);
    await this.withStructurePermit(1, limits.signal, async () => {
      try {
        await service.run(call, limits);
      } catch (error) {
        // An abort rejects at once, but a load that has begun goes on.
        await service.whenIdle();
        throw error;
      }
    });
  }

  /** Only for a read that overtakes nobody. */
  #takeAtOnce(): Slot | undefined {
    return this.#queue.length > 0 || this.#queue.paused ? undefined : this.#take();
  }

  #take(): Slot | undefined {
    if (this.#services.length - this.#idle.length >= this.#allowed) return undefined;
    if (this.#idle.length === 0 && this.#services.length >= this.#size) return undefined;
    const permit = this.#concurrency.tryAcquire();
    if (!permit) return undefined;
    // One that has its worker before one that would have to start it.
    const [idle] = this.#idle.splice(
      this.#idle.findLastIndex(({ hasWorker }) => hasWorker),
      1,
    );
    if (idle) return { service: idle, permit };
    const service = this.#create(this.#services.length);
    this.#services.push(service);
    if (this.#suspended !== undefined) service.suspend(this.#suspended);
    return { service, permit };
  }

  #release({ service, permit }: Slot): void {
    permit[Symbol.dispose]();
    if (this.#services.length - this.#idle.length > this.#allowed) service.end(SPARE);
    this.#idle.push(service);
    this.#offer();
  }

  #offer(): void {
    while (this.#queue.ready) {
      const slot = this.#take();
      if (!slot) return;
      this.#queue.give(slot);
    }
  }
}

async function holding<T>(
  permit: Permit,
  signal: AbortSignal | undefined,
  stage: () => Promise<T>,
): Promise<T> {
  using held = permit;
  void held;
  // The signal can fire between the grant and this line.
  throwIfAborted(signal);
  return await stage();
}

function loadOf({ inUse, capacity, peak, waiting }: Semaphore): LimitLoad {
  return { inUse, capacity, peak, waiting };
}

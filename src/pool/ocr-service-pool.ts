/** Shares reads out to a fixed number of services, first come, first served. */
import { deferred } from "../core/deferred.ts";
import { abortError, throwIfAborted } from "../errors.ts";
import type { GlyphpoolError } from "../errors.ts";
import type { Page } from "../types.ts";
import { engineClosed } from "./ocr-service.ts";
import type { CallLimits, OcrService, ReadJob } from "./ocr-service.ts";

interface Waiter {
  readonly take: (service: OcrService) => void;
  readonly fail: (error: GlyphpoolError) => void;
}

export class OcrServicePool {
  readonly #size: number;
  readonly #create: (index: number) => OcrService;
  readonly #services: OcrService[];
  readonly #idle: OcrService[];
  /** In the order of arrival. */
  readonly #waiting = new Set<Waiter>();
  #closed = false;

  /**
   * @param first a service that exists already, because somebody had to find out the backend
   * @param size how many services there may be; the others are created when all are busy
   */
  constructor(first: OcrService, size: number, create: (index: number) => OcrService) {
    this.#size = size;
    this.#create = create;
    this.#services = [first];
    this.#idle = [first];
  }

  /** All services that were needed so far. */
  get services(): readonly OcrService[] {
    return this.#services;
  }

  /** Reads that wait for a free worker. */
  get queued(): number {
    return this.#waiting.size;
  }

  /**
   * Reads one image on the next free worker. The deadline starts when a worker takes the job.
   *
   * @throws GlyphpoolError
   */
  async read(job: ReadJob, limits: CallLimits): Promise<Page> {
    const service = await this.#acquire(limits.signal);
    try {
      return await service.read(job, limits);
    } finally {
      // After an abort the worker is still at it; giving it more work would make that wait.
      void service.whenIdle().then(() => this.#release(service));
    }
  }

  /** Unloads the idle models of all workers. */
  async teardown(deadline: number): Promise<void> {
    await Promise.all(this.#services.map((service) => service.teardown(deadline)));
  }

  /** Ends all workers; running and waiting reads are rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiting) waiter.fail(engineClosed());
    this.#waiting.clear();
    for (const service of this.#services) service.close();
  }

  async #acquire(signal: AbortSignal | undefined): Promise<OcrService> {
    throwIfAborted(signal);
    if (this.#closed) throw engineClosed();
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#services.length < this.#size) {
      const service = this.#create(this.#services.length);
      this.#services.push(service);
      return service;
    }
    const { promise, resolve, reject } = deferred<OcrService>();
    const waiter: Waiter = { take: resolve, fail: reject };
    const onAbort = (): void => {
      this.#waiting.delete(waiter);
      reject(abortError(signal as AbortSignal));
    };
    this.#waiting.add(waiter);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #release(service: OcrService): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#idle.push(service);
      return;
    }
    this.#waiting.delete(next);
    next.take(service);
  }
}

/** The workers that live, as the memory's guard and monitor see them. */
import type { MemoryGuard } from "../memory/memory-guard.ts";
import { FRESH_WORKER_BYTES, heldBytes } from "../memory/recovery.ts";
import type { RecoveryTarget } from "../memory/recovery.ts";
import type { OcrService } from "./ocr-service.ts";

export class WorkerRegistry {
  readonly #guard: MemoryGuard;
  readonly #services = new Map<string, OcrService>();

  constructor(guard: MemoryGuard) {
    this.#guard = guard;
  }

  get services(): readonly OcrService[] {
    return [...this.#services.values()];
  }

  get targets(): RecoveryTarget[] {
    return [...this.#services].map(([id, service]) => target(id, service));
  }

  get busy(): boolean {
    return this.services.some(({ busy }) => busy);
  }

  /** A worker has started. It has said nothing yet; until it does the level is not `ok`. */
  started(id: string, service: OcrService): void {
    this.#services.set(id, service);
    void this.#ask(id, service);
  }

  ended(id: string): void {
    this.#services.delete(id);
    this.#guard.forget(id);
  }

  /** Asks every worker for its memory. */
  async measure(): Promise<void> {
    await Promise.all([...this.#services].map(([id, service]) => this.#ask(id, service)));
  }

  /** Unloads idle models that hold so many bytes, worker by worker. @returns bytes that they held */
  async evict(bytes: number): Promise<number> {
    let freed = 0;
    for (const service of this.services) {
      if (freed < bytes) freed += await service.evict(bytes - freed);
    }
    return freed;
  }

  /** Gives back what workers keep only for speed. */
  async trim(): Promise<void> {
    await Promise.all(this.services.map((service) => service.trim()));
  }

  /** Ends every worker in this very turn, busy or not; the next read starts a new one. */
  endAll(reason: string): void {
    for (const service of this.services) service.end(reason);
  }

  /** Ends the workers that nobody uses, but for those that hold no more than new ones would. */
  endIdle(reason: string, least: (service: OcrService) => number): void {
    for (const service of this.services) {
      if (!service.busy && heldBytes(service.memory) > least(service)) service.end(reason);
    }
  }

  async #ask(id: string, service: OcrService): Promise<void> {
    try {
      const memory = await service.measure();
      if (memory && this.#services.get(id) === service) this.#guard.note(id, memory);
    } catch {
      if (this.#services.get(id) === service) this.#guard.note(id, undefined);
    }
  }
}

/** What a new worker holds. */
export function freshBytes({ info }: OcrService): number {
  return FRESH_WORKER_BYTES[info?.backend ?? "wasm"];
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

/** Keeps workers from being replaced too often: each start costs time and, for a while, memory. */
import { RingBuffer } from "./ring-buffer.ts";

export interface RespawnLimits {
  /** Milliseconds that a worker lives at least. */
  readonly minLife: number;
  /** Replacements of all workers together ... */
  readonly maxRespawns: number;
  /** ... in so many milliseconds. */
  readonly window: number;
}

export class RespawnLimit {
  readonly #limits: RespawnLimits;
  readonly #born = new Map<string, number>();
  readonly #recent: RingBuffer<number>;

  constructor(limits: RespawnLimits) {
    this.#limits = limits;
    this.#recent = new RingBuffer(limits.maxRespawns);
  }

  /** Remembers when a worker was first seen, and forgets those that are gone. */
  see(ids: readonly string[], now: number): void {
    for (const id of ids) if (!this.#born.has(id)) this.#born.set(id, now);
    for (const id of this.#born.keys()) if (!ids.includes(id)) this.#born.delete(id);
  }

  /** Why the worker may not be replaced now; absent if it may. */
  refusal(id: string, now: number): string | undefined {
    const { minLife, maxRespawns, window } = this.#limits;
    if (now - (this.#born.get(id) ?? now) < minLife) return `it lives for less than ${minLife} ms`;
    const recent = [...this.#recent].filter((at) => now - at < window).length;
    if (recent >= maxRespawns) return `${recent} workers were replaced in ${window} ms`;
    return undefined;
  }

  count(id: string, now: number): void {
    this.#recent.push(now);
    this.#born.set(id, now);
  }
}

import type { RecoveryTarget } from "../../../src/memory/recovery.ts";
import type { WorkerMemory } from "../../../src/memory/snapshot.ts";

/** A worker whose steps change its memory as the test says, and that writes down what was asked of it. */
export class FakeTarget implements RecoveryTarget {
  readonly id: string;
  busy = false;
  current: WorkerMemory | undefined;
  readonly calls: string[] = [];
  /** What each step does; one that is not named does nothing. */
  readonly effects: {
    trim?: () => void;
    evict?: (bytes: number) => number;
    recycle?: () => boolean;
    respawn?: () => boolean;
  } = {};
  /** Whether a step never ends. */
  hangs = false;

  constructor(id: string, memory: WorkerMemory | undefined) {
    this.id = id;
    this.current = memory;
  }

  memory(): WorkerMemory | undefined {
    return this.current;
  }

  trim(): Promise<void> {
    return this.#answer("trim", () => this.effects.trim?.());
  }

  evict(bytes: number): Promise<number> {
    return this.#answer(`evict ${bytes}`, () => this.effects.evict?.(bytes) ?? 0);
  }

  recycleDevice(): Promise<boolean> {
    return this.#answer("recycle", () => this.effects.recycle?.() ?? true);
  }

  respawn(_reason: string): Promise<boolean> {
    return this.#answer("respawn", () => this.effects.respawn?.() ?? true);
  }

  #answer<T>(call: string, act: () => T): Promise<T> {
    this.calls.push(call);
    return this.hangs ? new Promise(() => undefined) : Promise.resolve().then(act);
  }
}

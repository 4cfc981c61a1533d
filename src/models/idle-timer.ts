/** Tells when a model was idle for long enough. No model is exempt, whatever its role. */

import type { Timers } from "../core/timers.ts";

export interface IdleOptions {
  /** Milliseconds without a lease; 0: as soon as the last lease ends; Infinity: never. */
  readonly idleTimeout?: number | undefined;
  /** The same for single models, by id. */
  readonly idleTimeouts?: Readonly<Record<string, number>> | undefined;
}

export const DEFAULT_IDLE_TIMEOUT = 300_000;

/** Longer waits overflow the platforms' timers, which then fire at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

interface Idle {
  readonly since: number;
  /** Stops the timer that is set. */
  cancel: (() => void) | undefined;
}

export class IdleTimers {
  readonly #timers: Timers;
  readonly #onIdle: (id: string) => void;
  readonly #timeouts: ReadonlyMap<string, number>;
  #timeout: number;
  readonly #idle = new Map<string, Idle>();

  /** @param onIdle called once for each start that was not stopped in time */
  constructor(timers: Timers, onIdle: (id: string) => void, options: IdleOptions = {}) {
    this.#timers = timers;
    this.#onIdle = onIdle;
    this.#timeout = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT;
    this.#timeouts = new Map(Object.entries(options.idleTimeouts ?? {}));
  }

  /** The time runs from now on. */
  start(id: string): void {
    this.stop(id);
    const idle: Idle = { since: this.#timers.now(), cancel: undefined };
    this.#idle.set(id, idle);
    this.#arm(id, idle);
  }

  stop(id: string): void {
    const idle = this.#idle.get(id);
    idle?.cancel?.();
    this.#idle.delete(id);
  }

  /** Changes the default. The time that a model has been idle already counts. */
  setTimeout(milliseconds: number): void {
    this.#timeout = milliseconds;
    for (const [id, idle] of this.#idle) {
      idle.cancel?.();
      idle.cancel = undefined;
      this.#arm(id, idle);
    }
  }

  /** Milliseconds until the model has been idle for long enough; absent where no time runs for it. */
  left(id: string): number | undefined {
    const idle = this.#idle.get(id);
    if (!idle) return undefined;
    const left = idle.since + (this.#timeouts.get(id) ?? this.#timeout) - this.#timers.now();
    return left === Infinity ? undefined : Math.max(0, left);
  }

  #arm(id: string, idle: Idle): void {
    const timeout = this.#timeouts.get(id) ?? this.#timeout;
    const left = timeout - (this.#timers.now() - idle.since);
    if (left <= 0) {
      this.#idle.delete(id);
      this.#onIdle(id);
    } else if (left !== Infinity) {
      const check = (): void => this.#arm(id, idle);
      idle.cancel = this.#timers.after(Math.min(Math.ceil(left), LONGEST_WAIT), check);
    }
  }
}

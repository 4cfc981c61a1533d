/** The shares of structure stages that one read holds for its worker, given back in any case. */
import type { AcquireStage } from "./call.ts";
import type { PermitMessage } from "./worker-types.ts";

export interface StagePermitOptions {
  readonly acquire: AcquireStage;
  /** Tells the worker that it has a share. */
  readonly grant: (permit: number) => void;
  /** Called with `true` while the read waits for a share, which is not its own time. */
  readonly onWait: (waits: boolean) => void;
}

export class StagePermits implements Disposable {
  readonly #options: StagePermitOptions;
  readonly #held = new Map<number, Disposable>();
  readonly #over = new AbortController();

  constructor(options: StagePermitOptions) {
    this.#options = options;
  }

  /** Takes what the worker asks for, or gives back what it is done with. */
  handle({ permit, stage }: PermitMessage): void {
    if (stage !== undefined) {
      void this.#acquire(permit, stage);
      return;
    }
    this.#held.get(permit)?.[Symbol.dispose]();
    this.#held.delete(permit);
  }

  /** Gives back everything: the call is over, or its worker is dead. */
  [Symbol.dispose](): void {
    this.#over.abort();
    for (const share of this.#held.values()) share[Symbol.dispose]();
    this.#held.clear();
  }

  async #acquire(permit: number, stage: Parameters<AcquireStage>[0]): Promise<void> {
    const { acquire, grant, onWait } = this.#options;
    const { signal } = this.#over;
    onWait(true);
    try {
      const share = await acquire(stage, signal);
      if (signal.aborted) {
        share[Symbol.dispose]();
        return;
      }
      this.#held.set(permit, share);
      onWait(false);
      grant(permit);
    } catch {
      // The read was given up, or the pool was closed: both end the call that waits.
    }
  }
}

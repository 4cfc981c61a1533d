/** Shares of the structure concurrency, which the host gives out over all its workers. */
import type { StructureStage } from "../../src/options/structure.ts";
import { deferred } from "../../src/core/deferred.ts";
import { untilAborted } from "../../src/core/wait.ts";
import type { PermitMessage } from "./worker-api.ts";

export class StagePermits {
  readonly #post: (message: PermitMessage) => void;
  readonly #waiting = new Map<number, () => void>();
  #next = 1;

  constructor(post: (message: PermitMessage) => void) {
    this.#post = post;
  }

  /**
   * Waits for the share of one stage; disposing the result gives it back.
   *
   * @param call the id of the read
   * @throws GlyphpoolError `ABORTED`
   */
  async acquire(call: number, stage: StructureStage, signal: AbortSignal): Promise<Disposable> {
    const permit = this.#next++;
    const giveBack = (): void => this.#post({ call, permit });
    const granted = deferred<void>();
    this.#waiting.set(permit, granted.resolve);
    this.#post({ call, permit, stage });
    try {
      await untilAborted(granted.promise, signal);
    } catch (error) {
      giveBack();
      throw error;
    } finally {
      this.#waiting.delete(permit);
    }
    return { [Symbol.dispose]: giveBack };
  }

  grant(permit: number): void {
    this.#waiting.get(permit)?.();
  }
}

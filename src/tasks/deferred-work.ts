/** Work that is put off: done one piece after the other, and only while memory allows. */
import { untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";

/** Says when such work may go on. */
export interface MemoryGate {
  /** Resolves at once while memory is plenty, else when it is again. */
  wait(signal: AbortSignal): Promise<void>;
}

export interface DeferredPiece {
  run(signal: AbortSignal): Promise<void>;
  /** Called instead of, or after, a run that failed. */
  fail(error: unknown): void;
}

export class DeferredWork {
  readonly #gate: MemoryGate;
  readonly #pieces: DeferredPiece[] = [];

  constructor(gate: MemoryGate) {
    this.#gate = gate;
  }

  get length(): number {
    return this.#pieces.length;
  }

  add(piece: DeferredPiece): void {
    this.#pieces.push(piece);
  }

  /**
   * Does everything that was added. A piece that fails does not stop the others.
   *
   * @throws GlyphpoolError `ABORTED`; the pieces that are left are told so, too
   */
  async run(signal: AbortSignal): Promise<void> {
    for (let piece = this.#pieces.shift(); piece; piece = this.#pieces.shift()) {
      try {
        await untilAborted(this.#gate.wait(signal), signal);
        await piece.run(signal);
      } catch (error) {
        // Why the task was ended tells more than that it was.
        const { reason } = signal as { reason: unknown };
        piece.fail(GlyphpoolError.is(reason) ? reason : error);
      }
    }
    throwIfAborted(signal);
  }

  /** Tells every piece that is left that it will not be done. */
  fail(error: unknown): void {
    for (const piece of this.#pieces.splice(0)) piece.fail(error);
  }
}

/**
 * Books on the wasm heap, which never shrinks: what an unloaded model held stays in the heap as idle
 * bytes, and the next load uses them again before the heap grows.
 */
export class HeapAccount {
  readonly #heapBytes: () => number;
  readonly #atStart: number;
  #idle = 0;

  /** @param heapBytes size of the heap at this moment */
  constructor(heapBytes: () => number) {
    this.#heapBytes = heapBytes;
    this.#atStart = heapBytes();
  }

  /** Bytes that unloaded models left behind, never more than the heap grew since the start. */
  get idle(): number {
    return Math.min(this.#idle, Math.max(0, this.#heapBytes() - this.#atStart));
  }

  /**
   * Books a load that was expected to take `expected` bytes and made the heap grow by `growth`: the
   * difference came out of the idle bytes.
   *
   * @returns how many idle bytes the model uses now
   */
  reuse(expected: number, growth: number): number {
    const reused = Math.max(0, Math.min(this.idle, expected - growth));
    this.#idle = this.idle - reused;
    return reused;
  }

  /** A model that held so many bytes is gone. */
  leave(bytes: number): void {
    this.#idle += bytes;
  }
}

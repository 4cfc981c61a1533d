/**
 * Books on the wasm heap, which never shrinks. What models took at their loads is theirs; the rest of what it grew is
 * shared: runs work in it, unloaded models left it behind, and both runs and loads use it again before the heap grows.
 */
export class HeapAccount {
  readonly #heapBytes: () => number;
  readonly #atStart: number;

  /** @param heapBytes size of the heap at this moment */
  constructor(heapBytes: () => number) {
    this.#heapBytes = heapBytes;
    this.#atStart = heapBytes();
  }

  /** Bytes that the heap has grown by since the start. */
  get growth(): number {
    return Math.max(0, this.#heapBytes() - this.#atStart);
  }

  /** @param held bytes that loaded models took */
  shared(held: number): number {
    return Math.max(0, this.growth - held);
  }

  /**
   * What a model takes that has just been loaded.
   *
   * @param expected bytes that it was expected to take
   * @param growth bytes by which the heap grew meanwhile; the difference came out of the shared ones
   * @param others bytes that the other loaded models took
   */
  taken(expected: number, growth: number, others: number): number {
    return Math.max(growth, Math.min(expected, this.shared(others)));
  }
}

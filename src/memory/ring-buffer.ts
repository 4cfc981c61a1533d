/** The latest so many values, the oldest first; older ones are forgotten. */
export class RingBuffer<T> implements Iterable<T> {
  readonly #capacity: number;
  readonly #slots: T[] = [];
  #next = 0;

  /** @param capacity at least 1 */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError("capacity below 1");
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#slots.length;
  }

  get last(): T | undefined {
    return this.#slots[(this.#next + this.#capacity - 1) % this.#capacity];
  }

  push(value: T): void {
    this.#slots[this.#next] = value;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  *[Symbol.iterator](): Iterator<T> {
    const start = this.#slots.length < this.#capacity ? 0 : this.#next;
    for (let index = 0; index < this.#slots.length; index++) {
      yield this.#slots[(start + index) % this.#capacity] as T;
    }
  }
}

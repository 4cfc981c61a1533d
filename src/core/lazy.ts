/**
 * Something that is made once, when it is first wanted. A failure is not kept: the next caller tries again, because a
 * network may be back, or a file there, by then.
 */
export class Lazy<T> {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** The same for all callers, until it fails or is taken. */
  async get(): Promise<T> {
    if (this.#made) return await this.#made;
    const made = (this.#made = this.#make());
    try {
      return await made;
    } catch (error) {
      if (this.#made === made) this.#made = undefined;
      throw error;
    }
  }

  /** Lets go of it: to end it, or to have it made anew. Undefined where there is none. Never rejects. */
  async take(): Promise<T | undefined> {
    const made = this.#made;
    this.#made = undefined;
    return await made?.catch(() => undefined);
  }
}

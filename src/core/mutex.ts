/** Runs tasks one at a time, in the order of their arrival. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  /** Runs `task` when every earlier one has settled. A failed task does not poison the later ones. */
  run<T>(task: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

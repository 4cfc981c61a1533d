/** A number of things at the same time; one more is refused at once, because who waits here would hold a connection. */
import { HttpProblem } from "./problem.ts";

export class Slots {
  readonly #capacity: number;
  readonly #what: string;
  #used = 0;

  /** @param what for people: "uploads" */
  constructor(capacity: number, what: string) {
    this.#capacity = capacity;
    this.#what = what;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether one would be had now. @throws HttpProblem 429 */
  check(): void {
    if (this.#used < this.#capacity) return;
    const detail = `There are ${this.#used} ${this.#what} already.`;
    throw new HttpProblem(429, "TOO_MANY_REQUESTS", detail, { retryAfter: 1, close: true });
  }

  /** Does something while it holds one. @throws HttpProblem 429 */
  async use<T>(work: () => Promise<T>): Promise<T> {
    const slot = this.take();
    try {
      return await work();
    } finally {
      slot[Symbol.dispose]();
    }
  }

  /** For what ends elsewhere. @throws HttpProblem 429 */
  take(): Disposable {
    this.check();
    this.#used++;
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (taken) this.#used--;
        taken = false;
      },
    };
  }
}

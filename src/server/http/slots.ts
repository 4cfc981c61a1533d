/** A number of things at the same time; one more is refused at once, because who waits here would hold a connection. */
import { HttpProblem } from "./problem.ts";

export class Slots {
  readonly #capacity: number;
  readonly #what: string;
  readonly #perOwner: number;
  readonly #owners = new Map<string, number>();
  #used = 0;

  /**
   * @param what for people: "uploads"
   * @param perOwner so many of one owner, so that nobody takes all of them; default: all
   */
  constructor(capacity: number, what: string, perOwner: number = capacity) {
    this.#capacity = capacity;
    this.#what = what;
    this.#perOwner = perOwner;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether one would be had now. @throws HttpProblem 429 */
  check(owner: string): void {
    const own = this.#owners.get(owner) ?? 0;
    if (this.#used < this.#capacity && own < this.#perOwner) return;
    const detail =
      this.#used < this.#capacity
        ? `You have ${own} ${this.#what} already.`
        : `There are ${this.#used} ${this.#what} already.`;
    throw new HttpProblem(429, "TOO_MANY_REQUESTS", detail, { retryAfter: 1, close: true });
  }

  /** Does something while it holds one. @throws HttpProblem 429 */
  async use<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const slot = this.take(owner);
    try {
      return await work();
    } finally {
      slot[Symbol.dispose]();
    }
  }

  /** For what ends elsewhere. @throws HttpProblem 429 */
  take(owner: string): Disposable {
    this.check(owner);
    this.#add(owner, 1);
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (taken) this.#add(owner, -1);
        taken = false;
      },
    };
  }

  #add(owner: string, by: number): void {
    this.#used += by;
    const own = (this.#owners.get(owner) ?? 0) + by;
    if (own > 0) this.#owners.set(owner, own);
    else this.#owners.delete(owner);
  }
}

/** Says how long the rest of a document takes, from the pages that are done. */

/** Pages that are looked back at: long enough to be calm, short enough to follow a change of pace. */
const WINDOW = 8;

export class TimeLeft {
  readonly #now: () => number;
  readonly #ends: number[];

  /** The time runs from now on. @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#ends = [now()];
  }

  /** One more page is done. */
  pageDone(): void {
    this.#ends.push(this.#now());
    if (this.#ends.length > WINDOW + 1) this.#ends.shift();
  }

  /** Milliseconds that so many pages will take; absent before the first page is done. */
  of(pages: number): number | undefined {
    const [first = 0] = this.#ends;
    const last = this.#ends.at(-1) ?? first;
    const count = this.#ends.length - 1;
    if (count === 0) return undefined;
    const each = (last - first) / count;
    return Math.max(0, last + each * pages - this.#now());
  }
}

/** "40 s", "3 min", "2 h 5 min": as exact as such a guess can be. */
export function spell(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/**
 * Whose task is next, and when one that runs makes room: owners take turns, and so do the tasks of one owner, so that
 * nobody waits for somebody else's thousand pages.
 */
import type { Waiting } from "../store/task-store.ts";

/** A task that is being read. */
export interface Turn {
  readonly owner: string;
  /** When it began or went on, by the clock of {@link Turns}. */
  readonly since: number;
  /** How many it had before. */
  readonly turns: number;
}

/** Milliseconds that a task has before an owner who was served a moment ago comes again. */
const OWNER_TURN = 5_000;
/** Milliseconds before another task of the same owner comes; each turn of a task is twice as long as the last one. */
const TASK_TURN = 10_000;
const MOST_DOUBLINGS = 4;
/** Milliseconds for which a place that was given up is kept for whom it was given up. */
const PROMISE = 2_000;

export class Turns {
  readonly #now: () => number;
  readonly #running = new Map<string, number>();
  /** When each owner's last turn began. */
  readonly #served = new Map<string, number>();
  readonly #promised = new Map<string, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The owner who is next: who has least running, and of those who has waited longest for a turn. */
  next(waiting: readonly Waiting[]): string | undefined {
    const key = (owner: string): [number, number] => [
      this.#running.get(owner) ?? 0,
      this.#served.get(owner) ?? -Infinity,
    ];
    return waiting
      .map(({ owner }) => owner)
      .toSorted((a, b) => {
        const [runningA, servedA] = key(a);
        const [runningB, servedB] = key(b);
        return runningA - runningB || (servedA < servedB ? -1 : 1);
      })[0];
  }

  begin(owner: string, turns: number): Turn {
    const since = this.#now();
    this.#running.set(owner, (this.#running.get(owner) ?? 0) + 1);
    this.#served.set(owner, since);
    this.#promised.delete(owner);
    return { owner, since, turns };
  }

  end({ owner }: Turn): void {
    const left = (this.#running.get(owner) ?? 1) - 1;
    if (left > 0) this.#running.set(owner, left);
    else this.#running.delete(owner);
  }

  /** Whether a task has to make room now, between two pages. */
  isOver(turn: Turn, waiting: readonly Waiting[]): boolean {
    const now = this.#now();
    const own = this.#running.get(turn.owner) ?? 1;
    const lasted = now - turn.since;
    for (const { owner } of waiting) {
      if (owner === turn.owner) continue;
      const theirs = this.#running.get(owner) ?? 0;
      const promised = now - (this.#promised.get(owner) ?? -Infinity) < PROMISE;
      if (theirs >= own || promised) continue;
      const rested = now - (this.#served.get(owner) ?? -Infinity) > OWNER_TURN;
      if (own - theirs > 1 || rested || lasted > OWNER_TURN) {
        this.#promised.set(owner, now);
        return true;
      }
    }
    const length = TASK_TURN * 2 ** Math.min(turn.turns, MOST_DOUBLINGS);
    return lasted > length && waiting.some(({ owner }) => owner === turn.owner);
  }
}

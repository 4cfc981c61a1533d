/** Notices when processes that share a database have ended, by what each row shows and our own steady clock. */
import type { TaskRow } from "../task-row.ts";

export class Leases {
  readonly #lease: number;
  readonly #now: () => number;
  /** What each running task showed last, and since when. */
  #seen = new Map<number, { readonly sign: string; readonly since: number }>();

  /** @param lease milliseconds without a sign of life after which a task is taken from its process */
  constructor(lease: number, now: () => number = () => performance.now()) {
    this.#lease = lease;
    this.#now = now;
  }

  /** @param running all running tasks @returns those whose process gives no sign of life any more */
  expired(running: readonly TaskRow[]): TaskRow[] {
    const now = this.#now();
    const seen = new Map<number, { sign: string; since: number }>();
    const expired = running.filter(({ seq, fence, beat }) => {
      const sign = `${fence} ${beat}`;
      const before = this.#seen.get(seq);
      const since = before?.sign === sign ? before.since : now;
      seen.set(seq, { sign, since });
      return now - since >= this.#lease;
    });
    this.#seen = seen;
    return expired;
  }
}

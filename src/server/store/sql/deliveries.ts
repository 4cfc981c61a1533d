/** Messages about ended tasks that still have to be sent. They are written with the end itself: none gets lost. */
import type { Delivery } from "../task-store.ts";
import type { SqlDatabase, Statements } from "./database.ts";

export class Deliveries {
  readonly #table: string;
  readonly #skipLocked: string;
  readonly #now: () => number;

  constructor({ prefix, skipLocked }: SqlDatabase, now: () => number) {
    this.#table = `${prefix}deliveries`;
    this.#skipLocked = skipLocked;
    this.#now = now;
  }

  /** Takes one that is due. Unless it is settled, it is due again after the milliseconds. */
  async next(db: Statements, lease: number): Promise<Delivery | undefined> {
    const now = this.#now();
    const [row] = await db.query<Delivery>(
      `SELECT seq, task, url, owner, body, attempts FROM ${this.#table} WHERE due_at <= $1
       ORDER BY due_at LIMIT 1 ${this.#skipLocked}`,
      now,
    );
    if (!row) return undefined;
    const sql = `UPDATE ${this.#table} SET attempts = attempts + 1, due_at = $2 WHERE seq = $1`;
    await db.query(sql, row.seq, now + lease);
    return row;
  }

  async settle(db: Statements, seq: number, delay: number | undefined): Promise<void> {
    if (delay === undefined) await db.query(`DELETE FROM ${this.#table} WHERE seq = $1`, seq);
    else {
      const sql = `UPDATE ${this.#table} SET due_at = $2 WHERE seq = $1`;
      await db.query(sql, seq, this.#now() + delay);
    }
  }
}

/** What happens to the rows of tasks, pages and events, each statement inside of the caller's transaction. */
import { Buffer } from "node:buffer";
import type { TaskEvent, TaskEventData } from "../../../client/wire.ts";
import type { Occupancy } from "../admission.ts";
import type { TaskRow } from "../task-row.ts";
import { MAX_DELAY } from "../task-store.ts";
import type { Claim, NewTask, Outcome, Release, StoredPage, TaskFilter } from "../task-store.ts";
import type { SqlDatabase, Statements } from "./database.ts";

/** Events that one question returns; a watcher asks again. */
const MOST_EVENTS = 1_000;
/** Tasks that one look for removable ones returns. */
const MOST_REMOVED = 200;

export interface Count {
  readonly owner: string;
  readonly state: TaskRow["state"];
  readonly tasks: number;
  readonly bytes: number;
  readonly results: number;
}

export class SqlTasks {
  readonly #prefix: string;
  readonly #forUpdate: string;
  readonly #skipLocked: string;
  readonly #now: () => number;
  /** Of this process, so that others can tell what it was reading when it ended. */
  readonly #runner: string = crypto.randomUUID();

  constructor({ prefix, forUpdate, skipLocked }: SqlDatabase, now: () => number) {
    this.#prefix = prefix;
    this.#forUpdate = forUpdate;
    this.#skipLocked = skipLocked;
    this.#now = now;
  }

  get #tasks(): string {
    return `${this.#prefix}tasks`;
  }

  async row(db: Statements, id: string): Promise<TaskRow | undefined> {
    return await first(db.query<TaskRow>(`SELECT * FROM ${this.#tasks} WHERE id = $1`, id));
  }

  async byKey(db: Statements, owner: string, key: string): Promise<TaskRow | undefined> {
    const sql = `SELECT * FROM ${this.#tasks} WHERE owner = $1 AND idempotency_key = $2`;
    return await first(db.query<TaskRow>(sql, owner, key));
  }

  async insert(db: Statements, id: string, task: NewTask): Promise<TaskRow> {
    const { owner, name, options, input, idempotencyKey, fingerprint } = task;
    const rows = await db.query<TaskRow>(
      `INSERT INTO ${this.#tasks} (id, owner, state, name, options, bytes, idempotency_key, fingerprint,
         available_at, created_at, priority, webhook)
       VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, 0, $8, $9, $10) RETURNING *`,
      id,
      owner,
      name ?? null,
      JSON.stringify(options),
      input.bytes,
      idempotencyKey ?? null,
      fingerprint,
      this.#now(),
      task.priority ?? 0,
      task.webhook ?? null,
    );
    const row = rows[0] as TaskRow;
    await this.addEvent(db, row.seq, { type: "queued", attempts: 0 });
    return row;
  }

  async list(db: Statements, filter: TaskFilter): Promise<TaskRow[]> {
    const { owner, state, error, before, limit } = filter;
    const wanted = { owner, state, error_code: error };
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    const where = given.map(([column], index) => `${column} = $${index + 3}`);
    return await db.query<TaskRow>(
      `SELECT * FROM ${this.#tasks} WHERE ${["seq < $1", ...where].join(" AND ")} ORDER BY seq DESC LIMIT $2`,
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
      ...given.map(([, value]) => value as string),
    );
  }

  async position(db: Statements, id: string): Promise<number | undefined> {
    const row = await first(
      db.query<{ n: number }>(
        `SELECT count(*) AS n FROM ${this.#tasks} WHERE state = 'queued' AND seq <=
           (SELECT seq FROM ${this.#tasks} WHERE id = $1 AND state = 'queued')`,
        id,
      ),
    );
    return row?.n || undefined;
  }

  /** Owners with tasks that are due. */
  async waiting(db: Statements): Promise<{ owner: string; tasks: number }[]> {
    const [now, late] = this.#due();
    return await db.query(
      `SELECT owner, count(*) AS tasks FROM ${this.#tasks}
       WHERE state = 'queued' AND (available_at <= $1 OR available_at > $2) GROUP BY owner`,
      now,
      late,
    );
  }

  /** Takes the next task of an owner, or of anybody. */
  async claim(db: Statements, owner: string | undefined): Promise<TaskRow | undefined> {
    const [now, late] = this.#due();
    const mine = owner === undefined ? "" : "AND owner = $3";
    const row = await first(
      db.query<TaskRow>(
        `SELECT * FROM ${this.#tasks} WHERE state = 'queued' AND (available_at <= $1 OR available_at > $2) ${mine}
         ORDER BY priority DESC, turns, seq LIMIT 1 ${this.#skipLocked}`,
        now,
        late,
        ...(owner === undefined ? [] : [owner]),
      ),
    );
    if (!row) return undefined;
    // A turn that goes on keeps its start: it is one attempt.
    return await first(
      db.query<TaskRow>(
        `UPDATE ${this.#tasks} SET state = 'running', attempts = attempts + 1, fence = fence + 1, runner = $2, beat = 0,
           started_at = CASE WHEN turns > 0 THEN coalesce(started_at, $3) ELSE $3 END
         WHERE seq = $1 RETURNING *`,
        row.seq,
        this.#runner,
        this.#now(),
      ),
    );
  }

  /** The row of a task that is still claimed, locked until the end of the transaction. */
  async claimed(db: Statements, { id, fence }: Claim): Promise<TaskRow | undefined> {
    const sql = `SELECT * FROM ${this.#tasks} WHERE id = $1 AND fence = $2 AND state = 'running' ${this.#forUpdate}`;
    return await first(db.query<TaskRow>(sql, id, fence));
  }

  /** The row, locked until the end of the transaction. */
  async locked(db: Statements, id: string): Promise<TaskRow | undefined> {
    const sql = `SELECT * FROM ${this.#tasks} WHERE id = $1 ${this.#forUpdate}`;
    return await first(db.query<TaskRow>(sql, id));
  }

  async running(db: Statements): Promise<TaskRow[]> {
    return await db.query<TaskRow>(`SELECT * FROM ${this.#tasks} WHERE state = 'running'`);
  }

  async beat(db: Statements, { id, fence }: Claim): Promise<void> {
    const sql = `UPDATE ${this.#tasks} SET beat = beat + 1 WHERE id = $1 AND fence = $2 AND state = 'running'`;
    await db.query(sql, id, fence);
  }

  async restart(db: Statements, { seq }: TaskRow): Promise<void> {
    await db.query(`DELETE FROM ${this.#prefix}pages WHERE task = $1`, seq);
    const nothing = "pages_done = 0, pages_total = NULL, result_bytes = 0";
    await db.query(`UPDATE ${this.#tasks} SET ${nothing} WHERE seq = $1`, seq);
  }

  async addPage(db: Statements, row: TaskRow, page: StoredPage): Promise<void> {
    const { number, json, ms, error, total } = page;
    const done = row.pages_done + 1;
    const sql = `INSERT INTO ${this.#prefix}pages (task, nr, json) VALUES ($1, $2, $3)`;
    await db.query(sql, row.seq, done, json);
    await db.query(
      `UPDATE ${this.#tasks} SET pages_done = $2, pages_total = $3, result_bytes = result_bytes + $4 WHERE seq = $1`,
      row.seq,
      done,
      total ?? row.pages_total,
      Buffer.byteLength(json),
    );
    await this.addEvent(db, row.seq, {
      type: "page",
      number,
      done,
      ms,
      ...(total === undefined ? {} : { total }),
      ...(error === undefined ? {} : { error }),
    });
  }

  async end(db: Statements, row: TaskRow, { state, error }: Outcome): Promise<void> {
    const now = this.#now();
    await db.query(
      `UPDATE ${this.#tasks} SET state = $2, ended_at = $3, error_code = $4, error_message = $5, alone = 0
       WHERE seq = $1`,
      row.seq,
      state,
      now,
      error?.code ?? null,
      // PostgreSQL has no U+0000, and a message may quote a file.
      error?.message.replaceAll("\0", "") ?? null,
    );
    const pages = row.pages_done;
    const failure = error ? { error } : {};
    await this.addEvent(db, row.seq, { type: "done", state, pages, ...failure });
    if (row.webhook === null) return;
    const body = JSON.stringify({
      type: "task.ended",
      task: row.id,
      state,
      pages,
      at: new Date(now).toISOString(),
      ...failure,
    });
    await db.query(
      `INSERT INTO ${this.#prefix}deliveries (task, url, owner, body, due_at) VALUES ($1, $2, $3, $4, $5)`,
      row.id,
      row.webhook,
      row.owner,
      body,
      now,
    );
  }

  async requeue(db: Statements, row: TaskRow, release: Release): Promise<void> {
    const { reason, counts, delay = 0, turn = false, alone = false, blame = false } = release;
    const attempts = counts ? row.attempts : row.attempts - 1;
    await db.query(
      `UPDATE ${this.#tasks} SET state = 'queued', attempts = $2, available_at = $3, turns = turns + $4,
         alone = $5, blame = blame + $6, runner = NULL WHERE seq = $1`,
      row.seq,
      attempts,
      delay > 0 ? this.#now() + Math.min(delay, MAX_DELAY) : 0,
      turn ? 1 : 0,
      alone ? 1 : row.alone,
      blame ? 1 : 0,
    );
    await this.addEvent(db, row.seq, { type: "queued", attempts, reason });
  }

  /** Makes a task that has ended new again, without its pages. */
  async renew(db: Statements, row: TaskRow): Promise<void> {
    const { nr: last } = await this.#lastEvent(db, row.seq);
    await this.restart(db, row);
    await db.query(`DELETE FROM ${this.#prefix}events WHERE task = $1`, row.seq);
    await db.query(
      `UPDATE ${this.#tasks} SET state = 'queued', attempts = 0, turns = 0, blame = 0, alone = 0, available_at = 0,
         started_at = NULL, ended_at = NULL,
         error_code = NULL, error_message = NULL WHERE seq = $1`,
      row.seq,
    );
    // Numbers go on: who has seen the earlier events gets the new ones only.
    const event: TaskEventData = { type: "queued", attempts: 0, reason: "it is tried again" };
    await this.#insertEvent(db, row.seq, last + 1, event);
  }

  async remove(db: Statements, id: string): Promise<boolean> {
    const sql = `DELETE FROM ${this.#tasks} WHERE id = $1 AND ended_at IS NOT NULL RETURNING id`;
    return (await db.query(sql, id)).length > 0;
  }

  /** The pages after one. */
  async pages(
    db: Statements,
    seq: number,
    after: number,
    limit: number,
  ): Promise<{ nr: number; json: string }[]> {
    const sql = `SELECT nr, json FROM ${this.#prefix}pages WHERE task = $1 AND nr > $2 ORDER BY nr LIMIT $3`;
    return await db.query(sql, seq, after, limit);
  }

  async addEvent(db: Statements, seq: number, event: TaskEventData): Promise<void> {
    const { nr: last } = await this.#lastEvent(db, seq);
    await this.#insertEvent(db, seq, last + 1, event);
  }

  async events(db: Statements, id: string, after: number): Promise<TaskEvent[]> {
    const rows = await db.query<{ nr: number; at: number; data: string }>(
      `SELECT nr, at, data FROM ${this.#prefix}events
       WHERE task = (SELECT seq FROM ${this.#tasks} WHERE id = $1) AND nr > $2 ORDER BY nr LIMIT ${MOST_EVENTS}`,
      id,
      after,
    );
    return rows.map(({ nr, at, data }) => ({
      id: nr,
      at: new Date(at).toISOString(),
      ...(JSON.parse(data) as TaskEventData),
    }));
  }

  /** Counters, which triggers keep: no sum over all rows, and never apart from what was committed. */
  async counts(db: Statements): Promise<Count[]> {
    return await db.query<Count>(`SELECT * FROM ${this.#prefix}counts`);
  }

  async occupancy(db: Statements, owner: string): Promise<Occupancy> {
    const now = { tasks: 0, bytes: 0, ownerTasks: 0, ownerBytes: 0, storedBytes: 0 };
    for (const count of await this.counts(db)) {
      now.storedBytes += count.bytes + count.results;
      if (count.state !== "queued" && count.state !== "running") continue;
      now.tasks += count.tasks;
      now.bytes += count.bytes;
      if (count.owner !== owner) continue;
      now.ownerTasks += count.tasks;
      now.ownerBytes += count.bytes;
    }
    return now;
  }

  /** Some of the tasks that ended first, with their bytes and whether they are too old. */
  async oldest(
    db: Statements,
    retention: number,
  ): Promise<{ id: string; size: number; old: boolean }[]> {
    const rows = await db.query<{ id: string; size: number; ended_at: number }>(
      `SELECT id, bytes + result_bytes AS size, ended_at FROM ${this.#tasks}
       WHERE ended_at IS NOT NULL ORDER BY ended_at, seq LIMIT ${MOST_REMOVED}`,
    );
    const since = this.#now() - retention;
    return rows.map(({ id, size, ended_at: ended }) => ({ id, size, old: ended <= since }));
  }

  async probe(db: Statements): Promise<void> {
    await db.query(`UPDATE ${this.#prefix}probe SET at = $1`, this.#now());
  }

  async #lastEvent(db: Statements, seq: number): Promise<{ nr: number }> {
    const sql = `SELECT coalesce(max(nr), 0) AS nr FROM ${this.#prefix}events WHERE task = $1`;
    return (await db.query<{ nr: number }>(sql, seq))[0] as { nr: number };
  }

  async #insertEvent(db: Statements, seq: number, nr: number, event: TaskEventData): Promise<void> {
    const sql = `INSERT INTO ${this.#prefix}events (task, nr, at, data) VALUES ($1, $2, $3, $4)`;
    await db.query(sql, seq, nr, this.#now(), JSON.stringify(event));
  }

  /** Bounds of `available_at` between which a task is not due. */
  #due(): [now: number, late: number] {
    const now = this.#now();
    return [now, now + 2 * MAX_DELAY];
  }
}

async function first<Row>(rows: Promise<Row[]>): Promise<Row | undefined> {
  return (await rows)[0];
}

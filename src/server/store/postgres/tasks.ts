/** What happens to the rows of the store in PostgreSQL, each statement inside of somebody's transaction. */
import type { TaskEvent, TaskEventData } from "../../../client/wire.ts";
import type { Occupancy } from "../admission.ts";
import type { Transaction } from "./database.ts";
import { SCHEMA_NAME } from "./schema.ts";
import { toTask } from "../task-row.ts";
import type { TaskRow } from "../task-row.ts";
import type { Claim, ClaimedTask, NewTask, Outcome, StoredPage } from "../task-store.ts";

/** A row, and the job by which it is in the queue. */
export interface PgTaskRow extends TaskRow {
  readonly job: string;
  readonly job_retry: number;
}

const TASKS = `${SCHEMA_NAME}.tasks`;
const PAGES = `${SCHEMA_NAME}.pages`;
const EVENTS = `${SCHEMA_NAME}.events`;
const ACTIVE = "state IN ('queued', 'running')";
/** As JSON numbers are numbers; by itself the driver makes texts of large ones. */
const ROW = "to_json(t) AS row";

/** Events that one question returns; a watcher asks again. */
const MOST_EVENTS = 1_000;

export class PgTasks {
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async row(db: Transaction, id: string): Promise<PgTaskRow | undefined> {
    return await first(db, `SELECT ${ROW} FROM ${TASKS} t WHERE id = $1`, [id]);
  }

  async byKey(db: Transaction, owner: string, key: string): Promise<PgTaskRow | undefined> {
    const sql = `SELECT ${ROW} FROM ${TASKS} t WHERE owner = $1 AND idempotency_key = $2`;
    return await first(db, sql, [owner, key]);
  }

  async insert(db: Transaction, id: string, job: string, task: NewTask): Promise<void> {
    const { owner, name, options, input, idempotencyKey, fingerprint } = task;
    await db.executeSql(
      `INSERT INTO ${TASKS} (id, job, owner, state, name, options, bytes, idempotency_key, fingerprint, created_at)
       VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9)`,
      [
        id,
        job,
        owner,
        name ?? null,
        JSON.stringify(options),
        input.bytes,
        idempotencyKey ?? null,
        fingerprint,
        this.#now(),
      ],
    );
    await this.addEvent(db, id, { type: "queued", attempts: 0 });
  }

  /** The row of a task that is still claimed, locked until the end of the transaction. */
  async claimed(db: Transaction, { id, fence }: Claim): Promise<PgTaskRow | undefined> {
    const sql = `SELECT ${ROW} FROM ${TASKS} t WHERE id = $1 AND fence = $2 AND state = 'running' FOR UPDATE`;
    return await first(db, sql, [id, fence]);
  }

  /** The row, locked until the end of the transaction. */
  async locked(db: Transaction, id: string): Promise<PgTaskRow | undefined> {
    return await first(db, `SELECT ${ROW} FROM ${TASKS} t WHERE id = $1 FOR UPDATE`, [id]);
  }

  async begin(db: Transaction, row: PgTaskRow, job: string, retry: number): Promise<ClaimedTask> {
    await db.executeSql(`DELETE FROM ${PAGES} WHERE task = $1`, [row.id]);
    const begun = (await first(
      db,
      `UPDATE ${TASKS} t SET state = 'running', attempts = attempts + 1, fence = fence + 1, job = $2, job_retry = $3,
         started_at = $4, pages_done = 0, pages_total = NULL, result_bytes = 0 WHERE id = $1 RETURNING ${ROW}`,
      [row.id, job, retry, this.#now()],
    )) as PgTaskRow;
    return { claim: { id: begun.id, fence: begun.fence }, task: toTask(begun) };
  }

  async addPage(db: Transaction, row: PgTaskRow, page: StoredPage): Promise<void> {
    const { number, json, ms, error, total } = page;
    const done = row.pages_done + 1;
    await db.executeSql(`INSERT INTO ${PAGES} VALUES ($1, $2, $3)`, [row.id, done, json]);
    await db.executeSql(
      `UPDATE ${TASKS} SET pages_done = $2, pages_total = $3, result_bytes = result_bytes + $4 WHERE id = $1`,
      [row.id, done, total ?? null, json.length],
    );
    await this.addEvent(db, row.id, {
      type: "page",
      number,
      done,
      ms,
      ...(total === undefined ? {} : { total }),
      ...(error === undefined ? {} : { error }),
    });
  }

  async end(db: Transaction, row: PgTaskRow, { state, error }: Outcome): Promise<void> {
    await db.executeSql(
      `UPDATE ${TASKS} SET state = $2, ended_at = $3, error_code = $4, error_message = $5 WHERE id = $1`,
      [row.id, state, this.#now(), error?.code ?? null, error?.message ?? null],
    );
    const pages = row.pages_done;
    await this.addEvent(db, row.id, { type: "done", state, pages, ...(error ? { error } : {}) });
  }

  async requeue(
    db: Transaction,
    row: PgTaskRow,
    job: string,
    reason: string,
    counts: boolean,
  ): Promise<void> {
    const attempts = counts ? row.attempts : row.attempts - 1;
    const sql = `UPDATE ${TASKS} SET state = 'queued', attempts = $2, job = $3 WHERE id = $1`;
    await db.executeSql(sql, [row.id, attempts, job]);
    await this.addEvent(db, row.id, { type: "queued", attempts, reason });
  }

  async addEvent(db: Transaction, id: string, event: TaskEventData): Promise<void> {
    await db.executeSql(
      `INSERT INTO ${EVENTS} VALUES ($1, (SELECT coalesce(max(nr), 0) + 1 FROM ${EVENTS} WHERE task = $1), $2, $3)`,
      [id, this.#now(), JSON.stringify(event)],
    );
  }

  async events(db: Transaction, id: string, after: number): Promise<TaskEvent[]> {
    const { rows } = await db.executeSql(
      `SELECT nr, at::float8 AS at, data FROM ${EVENTS} WHERE task = $1 AND nr > $2 ORDER BY nr LIMIT ${MOST_EVENTS}`,
      [id, after],
    );
    return (rows as { nr: number; at: number; data: string }[]).map(({ nr, at, data }) => ({
      id: nr,
      at: new Date(at).toISOString(),
      ...(JSON.parse(data) as TaskEventData),
    }));
  }

  async occupancy(db: Transaction, owner: string): Promise<Occupancy> {
    const { rows } = await db.executeSql(
      `SELECT count(*)::float8 AS tasks, coalesce(sum(bytes), 0)::float8 AS bytes,
         count(*) FILTER (WHERE owner = $1)::float8 AS "ownerTasks",
         coalesce(sum(bytes) FILTER (WHERE owner = $1), 0)::float8 AS "ownerBytes",
         (SELECT coalesce(sum(bytes + result_bytes), 0)::float8 FROM ${TASKS}) AS "storedBytes"
       FROM ${TASKS} WHERE ${ACTIVE}`,
      [owner],
    );
    return (rows as Occupancy[])[0] as Occupancy;
  }

  /** Ids of ended tasks that are older, and of the oldest ones while more bytes are stored. */
  async removable(db: Transaction, retention: number, maxStoredBytes: number): Promise<string[]> {
    // A running sum from the newest back: what lies beyond the bound goes. Tasks that have not ended count first.
    const { rows } = await db.executeSql(
      `SELECT id FROM (
         SELECT id, ended_at, seq, (SELECT coalesce(sum(bytes + result_bytes), 0) FROM ${TASKS} WHERE ${ACTIVE})
           + sum(bytes + result_bytes) OVER (ORDER BY ended_at DESC, seq DESC) AS stored
         FROM ${TASKS} WHERE ended_at IS NOT NULL
       ) t WHERE ended_at <= $1 OR stored > $2 ORDER BY ended_at, seq`,
      [this.#now() - retention, maxStoredBytes],
    );
    return (rows as { id: string }[]).map(({ id }) => id);
  }
}

async function first(
  db: Transaction,
  sql: string,
  values: unknown[],
): Promise<PgTaskRow | undefined> {
  const { rows } = await db.executeSql(sql, values);
  return (rows as { row: PgTaskRow }[])[0]?.row;
}

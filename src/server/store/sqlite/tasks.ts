/** What happens to the rows of the embedded store. Everything here is synchronous, one transaction at a time. */
import type { TaskEvent, TaskEventData } from "../../../client/wire.ts";
import { admit } from "../admission.ts";
import type { SqliteDatabase } from "./database.ts";
import { toTask } from "../task-row.ts";
import type { TaskRow } from "../task-row.ts";
import { poisoned } from "../task-store.ts";
import type {
  Admission,
  Claim,
  ClaimedTask,
  NewTask,
  Outcome,
  StoreLoad,
  StoredPage,
} from "../task-store.ts";

const ACTIVE = "state IN ('queued', 'running')";

/** Events that one question returns; a watcher asks again. */
const MOST_EVENTS = 1_000;

export class SqliteTasks {
  readonly #db: SqliteDatabase;
  readonly #maxAttempts: number;
  readonly #now: () => number;
  /** Bytes of all inputs and results: summing up every row for each new task would take too long. */
  #storedBytes: number;

  constructor(db: SqliteDatabase, maxAttempts: number, now: () => number) {
    this.#db = db;
    this.#maxAttempts = maxAttempts;
    this.#now = now;
    const stored = db.get("SELECT coalesce(sum(bytes + result_bytes), 0) AS n FROM tasks") as
      | { n: number }
      | undefined;
    this.#storedBytes = stored?.n ?? 0;
  }

  row(id: string): TaskRow | undefined {
    return this.#db.get("SELECT * FROM tasks WHERE id = ?", id) as TaskRow | undefined;
  }

  /** @throws StoreRefusal */
  admits(owner: string, bytes: number, admission: Admission): void {
    admit(bytes, this.#occupancy(owner), admission);
  }

  /** @returns the task of the same key, if there is one; nothing is inserted then. @throws StoreRefusal */
  insert(id: string, task: NewTask, admission: Admission): TaskRow | undefined {
    const { owner, name, options, input, idempotencyKey, fingerprint } = task;
    return this.#db.transaction(() => {
      const earlier = idempotencyKey === undefined ? undefined : this.#byKey(owner, idempotencyKey);
      if (earlier) return earlier;
      admit(input.bytes, this.#occupancy(owner), admission);
      const now = this.#now();
      this.#db.run(
        `INSERT INTO tasks (id, owner, state, name, options, bytes, idempotency_key, fingerprint, available_at, created_at)
         VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)`,
        id,
        owner,
        name ?? null,
        JSON.stringify(options),
        input.bytes,
        idempotencyKey ?? null,
        fingerprint,
        now,
        now,
      );
      this.#storedBytes += input.bytes;
      this.#addEvent(this.row(id)?.seq as number, { type: "queued", attempts: 0 });
      return undefined;
    });
  }

  position(id: string): number | undefined {
    const row = this.row(id);
    if (row?.state !== "queued") return undefined;
    const sql = "SELECT count(*) AS n FROM tasks WHERE state = 'queued' AND seq <= ?";
    return (this.#db.get(sql, row.seq) as { n: number } | undefined)?.n;
  }

  load(): StoreLoad {
    const tasks = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
    const rows = this.#db.all("SELECT state, count(*) AS n FROM tasks GROUP BY state") as {
      state: keyof typeof tasks;
      n: number;
    }[];
    for (const { state, n } of rows) tasks[state] = n;
    return { tasks, queuedBytes: this.#active().bytes, storedBytes: this.#storedBytes };
  }

  /** Takes the next task; those that were begun too often fail on the way. */
  claim(): ClaimedTask | undefined {
    return this.#db.transaction(() => {
      for (;;) {
        const row = this.#db.get(
          "SELECT * FROM tasks WHERE state = 'queued' AND available_at <= ? ORDER BY seq LIMIT 1",
          this.#now(),
        ) as TaskRow | undefined;
        if (!row) return undefined;
        if (row.attempts < this.#maxAttempts) return this.#begin(row);
        this.end(row, { state: "failed", error: poisoned(row.attempts) });
      }
    });
  }

  claimed({ id, fence }: Claim): TaskRow | undefined {
    return this.#db.get(
      "SELECT * FROM tasks WHERE id = ? AND fence = ? AND state = 'running'",
      id,
      fence,
    ) as TaskRow | undefined;
  }

  /** Does something to a task if it is still claimed. @returns whether it was */
  own(claim: Claim, work: (row: TaskRow) => void): boolean {
    return this.#db.transaction(() => {
      const row = this.claimed(claim);
      if (row) work(row);
      return row !== undefined;
    });
  }

  addPage(row: TaskRow, { number, json, ms, error, total }: StoredPage): void {
    const done = row.pages_done + 1;
    this.#db.run("INSERT INTO pages (task, nr, json) VALUES (?, ?, ?)", row.seq, done, json);
    this.#db.run(
      "UPDATE tasks SET pages_done = ?, pages_total = ?, result_bytes = result_bytes + ? WHERE seq = ?",
      done,
      total ?? null,
      json.length,
      row.seq,
    );
    this.#storedBytes += json.length;
    this.#addEvent(row.seq, {
      type: "page",
      number,
      done,
      ms,
      ...(total === undefined ? {} : { total }),
      ...(error === undefined ? {} : { error }),
    });
  }

  note(row: TaskRow, event: TaskEventData): void {
    this.#addEvent(row.seq, event);
  }

  end(row: TaskRow, { state, error }: Outcome): void {
    this.#db.run(
      "UPDATE tasks SET state = ?, ended_at = ?, error_code = ?, error_message = ? WHERE seq = ?",
      state,
      this.#now(),
      error?.code ?? null,
      error?.message ?? null,
      row.seq,
    );
    const pages = row.pages_done;
    this.#addEvent(row.seq, { type: "done", state, pages, ...(error ? { error } : {}) });
  }

  requeue(row: TaskRow, reason: string, counts: boolean, delay: number): void {
    const attempts = counts ? row.attempts : row.attempts - 1;
    this.#db.run(
      "UPDATE tasks SET state = 'queued', attempts = ?, available_at = ? WHERE seq = ?",
      attempts,
      this.#now() + delay,
      row.seq,
    );
    this.#addEvent(row.seq, { type: "queued", attempts, reason });
  }

  /** Ends a task that has not ended. */
  cancel(id: string): void {
    this.#db.transaction(() => {
      const row = this.row(id);
      if (row?.state !== "queued" && row?.state !== "running") return;
      const error = { code: "TASK_CANCELLED", message: "The task was cancelled." };
      this.end(row, { state: "cancelled", error });
    });
  }

  /** Queues again what a process was working on when it ended. */
  recover(): void {
    this.#db.transaction(() => {
      const rows = this.#db.all("SELECT * FROM tasks WHERE state = 'running'") as TaskRow[];
      for (const row of rows) this.requeue(row, "the process that read it has ended", true, 0);
    });
  }

  /** Deletes a task that has ended. */
  remove(id: string): boolean {
    const size = this.#db.get(
      `SELECT bytes + result_bytes AS n FROM tasks WHERE id = ? AND NOT ${ACTIVE}`,
      id,
    ) as { n: number } | undefined;
    if (!size) return false;
    this.#db.run("DELETE FROM tasks WHERE id = ?", id);
    this.#storedBytes -= size.n;
    return true;
  }

  /** Ids of ended tasks that are older, and of the oldest ones while more bytes are stored. */
  removable(retention: number, maxStoredBytes: number): string[] {
    const since = this.#now() - retention;
    const ids: string[] = [];
    let stored = this.#storedBytes;
    const rows = this.#db.all(
      `SELECT id, bytes + result_bytes AS size, ended_at AS ended FROM tasks
       WHERE ended_at IS NOT NULL ORDER BY ended_at, seq`,
    ) as { id: string; size: number; ended: number }[];
    for (const { id, size, ended } of rows) {
      if (ended > since && stored <= maxStoredBytes) break;
      ids.push(id);
      stored -= size;
    }
    return ids;
  }

  /** The first page after one. */
  page(seq: number, after: number): { nr: number; json: string } | undefined {
    const sql = "SELECT nr, json FROM pages WHERE task = ? AND nr > ? ORDER BY nr LIMIT 1";
    return this.#db.get(sql, seq, after) as { nr: number; json: string } | undefined;
  }

  events(id: string, after: number): TaskEvent[] {
    const rows = this.#db.all(
      `SELECT nr, at, data FROM events WHERE task = (SELECT seq FROM tasks WHERE id = ?) AND nr > ?
       ORDER BY nr LIMIT ${MOST_EVENTS}`,
      id,
      after,
    ) as { nr: number; at: number; data: string }[];
    return rows.map(({ nr, at, data }) => ({
      id: nr,
      at: new Date(at).toISOString(),
      ...(JSON.parse(data) as TaskEventData),
    }));
  }

  #begin(row: TaskRow): ClaimedTask {
    // What an earlier attempt has read is read again: whole tasks are simpler than parts of them.
    this.#db.run("DELETE FROM pages WHERE task = ?", row.seq);
    this.#storedBytes -= row.result_bytes;
    this.#db.run(
      `UPDATE tasks SET state = 'running', attempts = attempts + 1, fence = fence + 1, started_at = ?,
         pages_done = 0, pages_total = NULL, result_bytes = 0 WHERE seq = ?`,
      this.#now(),
      row.seq,
    );
    const begun = this.row(row.id) as TaskRow;
    return { claim: { id: begun.id, fence: begun.fence }, task: toTask(begun) };
  }

  #byKey(owner: string, key: string): TaskRow | undefined {
    const sql = "SELECT * FROM tasks WHERE owner = ? AND idempotency_key = ?";
    return this.#db.get(sql, owner, key) as TaskRow | undefined;
  }

  #addEvent(seq: number, event: TaskEventData): void {
    this.#db.run(
      `INSERT INTO events (task, nr, at, data)
       VALUES (?, (SELECT coalesce(max(nr), 0) + 1 FROM events WHERE task = ?), ?, ?)`,
      seq,
      seq,
      this.#now(),
      JSON.stringify(event),
    );
  }

  #active(): { tasks: number; bytes: number } {
    const sql = `SELECT count(*) AS tasks, coalesce(sum(bytes), 0) AS bytes FROM tasks WHERE ${ACTIVE}`;
    return this.#db.get(sql) as { tasks: number; bytes: number };
  }

  #occupancy(owner: string): Parameters<typeof admit>[1] {
    const own = this.#db.get(
      `SELECT count(*) AS ownerTasks, coalesce(sum(bytes), 0) AS ownerBytes FROM tasks WHERE ${ACTIVE} AND owner = ?`,
      owner,
    ) as { ownerTasks: number; ownerBytes: number };
    return { ...this.#active(), ...own, storedBytes: this.#storedBytes };
  }
}

/**
 * The store in PostgreSQL: the queue is pg-boss, everything else are tables beside it, and each step is one transaction
 * over both. Any number of servers can share it.
 */
import type { TaskEvent, TaskEventData } from "../../../client/wire.ts";
import { admit } from "../admission.ts";
import { Changes, WORK } from "../changes.ts";
import { removeFile } from "../files.ts";
import { PgDatabase } from "./database.ts";
import type { Delivery, Transaction } from "./database.ts";
import { PgInputs } from "./inputs.ts";
import { LOCK_KEY, SCHEMA_NAME } from "./schema.ts";
import { PgTasks } from "./tasks.ts";
import type { PgTaskRow } from "./tasks.ts";
import { poisoned, reusedKey } from "../task-store.ts";
import { toTask } from "../task-row.ts";
import type {
  Admission,
  Claim,
  ClaimedTask,
  InputFile,
  NewTask,
  Outcome,
  StoreLoad,
  StoreOptions,
  StoredPage,
  StoredTask,
  TaskStore,
} from "../task-store.ts";

/** Milliseconds: what other servers do is seen by looking. */
const POLL_INTERVAL = 500;
/** Pages that are fetched at once. */
const PAGES_AT_ONCE = 10;

export interface PgStoreOptions extends StoreOptions {
  /** For copies of inputs that are being read. */
  readonly folder: string;
  readonly onError: (error: unknown) => void;
}

export class PgTaskStore implements TaskStore {
  readonly location: string;
  readonly pollInterval: number = POLL_INTERVAL;
  readonly #database: PgDatabase;
  readonly #tasks: PgTasks;
  readonly #inputs: PgInputs;
  readonly #maxAttempts: number;
  readonly #changes = new Changes();

  /** @throws Error when the database cannot be reached or is of another version */
  static async open(url: string, options: PgStoreOptions): Promise<PgTaskStore> {
    const database = await PgDatabase.open(url, options.onError);
    return new PgTaskStore(url, database, options);
  }

  private constructor(url: string, database: PgDatabase, options: PgStoreOptions) {
    const { folder, maxAttempts, now = Date.now } = options;
    const { host, pathname } = new URL(url);
    this.location = `postgresql://${host}${pathname}`;
    this.#database = database;
    this.#tasks = new PgTasks(now);
    this.#inputs = new PgInputs(database, folder);
    this.#maxAttempts = maxAttempts;
  }

  async admits(owner: string, bytes: number, admission: Admission): Promise<void> {
    admit(bytes, await this.#tasks.occupancy(this.#db, owner), admission);
  }

  async create(
    task: NewTask,
    admission: Admission,
  ): Promise<{ task: StoredTask; created: boolean }> {
    const id = crypto.randomUUID();
    try {
      const known = await this.#database.transaction(async (db) => {
        // Before the lock, which everybody waits for.
        await this.#inputs.write(db, id, task.input.path);
        await db.executeSql("SELECT pg_advisory_xact_lock($1)", [LOCK_KEY]);
        const { owner, idempotencyKey: key } = task;
        const earlier = key === undefined ? undefined : await this.#tasks.byKey(db, owner, key);
        if (earlier) {
          await this.#removeInput(db, id);
          return earlier;
        }
        admit(task.input.bytes, await this.#tasks.occupancy(db, owner), admission);
        const job = await this.#database.send(db, id);
        await this.#tasks.insert(db, id, job, task);
        return undefined;
      });
      if (known && known.fingerprint !== task.fingerprint) throw reusedKey();
      this.#changes.tell(WORK);
      const row = known ?? (await this.#tasks.row(this.#db, id));
      return { task: toTask(row as PgTaskRow), created: known === undefined };
    } finally {
      await removeFile(task.input.path);
    }
  }

  async get(id: string): Promise<StoredTask | undefined> {
    const row = await this.#tasks.row(this.#db, id);
    return row && toTask(row);
  }

  async position(id: string): Promise<number | undefined> {
    const sql = `SELECT count(*)::float8 AS n FROM ${SCHEMA_NAME}.tasks WHERE state = 'queued' AND seq <=
      (SELECT seq FROM ${SCHEMA_NAME}.tasks WHERE id = $1 AND state = 'queued')`;
    const [row] = (await this.#database.query(sql, id)) as { n: number }[];
    return row?.n || undefined;
  }

  async load(): Promise<StoreLoad> {
    const tasks = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
    let [queuedBytes, storedBytes] = [0, 0];
    const rows = (await this.#database.query(
      `SELECT state, count(*)::float8 AS n, sum(bytes)::float8 AS inputs, sum(result_bytes)::float8 AS results
       FROM ${SCHEMA_NAME}.tasks GROUP BY state`,
    )) as { state: keyof typeof tasks; n: number; inputs: number; results: number }[];
    for (const { state, n, inputs, results } of rows) {
      tasks[state] = n;
      if (state === "queued" || state === "running") queuedBytes += inputs;
      storedBytes += inputs + results;
    }
    return { tasks, queuedBytes, storedBytes };
  }

  async claim(): Promise<ClaimedTask | undefined> {
    for (;;) {
      const result = await this.#database.transaction((db) => this.#claim(db));
      if (result !== "next") return result;
    }
  }

  async heartbeat(claims: readonly Claim[]): Promise<readonly Claim[]> {
    const rows = await Promise.all(claims.map(({ id }) => this.#tasks.row(this.#db, id)));
    const lost: Claim[] = [];
    const alive: Delivery[] = [];
    for (const [at, claim] of claims.entries()) {
      const row = rows[at];
      if (row?.state === "running" && row.fence === claim.fence) alive.push(delivery(row));
      else lost.push(claim);
    }
    if (alive.length > 0) await this.#database.touch(alive);
    return lost;
  }

  async input(id: string): Promise<InputFile> {
    return await this.#inputs.copy(id);
  }

  async addPage(claim: Claim, page: StoredPage): Promise<boolean> {
    return await this.#own(claim, (db, row) => this.#tasks.addPage(db, row, page));
  }

  async note(claim: Claim, event: TaskEventData): Promise<boolean> {
    return await this.#own(claim, (db, row) => this.#tasks.addEvent(db, row.id, event));
  }

  async finish(claim: Claim, outcome: Outcome): Promise<boolean> {
    return await this.#own(claim, async (db, row) => {
      await this.#tasks.end(db, row, outcome);
      await this.#database.complete(db, delivery(row));
    });
  }

  async release(claim: Claim, reason: string, counts: boolean, delay = 0): Promise<boolean> {
    const released = await this.#own(claim, async (db, row) => {
      await this.#database.complete(db, delivery(row));
      // It has waited its turn already.
      const job = await this.#database.send(db, row.id, { delay, first: true });
      await this.#tasks.requeue(db, row, job, reason, counts);
    });
    if (released) this.#changes.tell(WORK);
    return released;
  }

  async cancel(id: string): Promise<StoredTask | undefined> {
    await this.#database.transaction(async (db) => {
      const row = await this.#tasks.locked(db, id);
      if (row?.state !== "queued" && row?.state !== "running") return;
      const error = { code: "TASK_CANCELLED", message: "The task was cancelled." };
      await this.#tasks.end(db, row, { state: "cancelled", error });
      await this.#database.cancel(db, row.job);
    });
    this.#changes.tell(id);
    return await this.get(id);
  }

  async remove(id: string): Promise<boolean> {
    return await this.#database.transaction(async (db) => {
      const sql = `DELETE FROM ${SCHEMA_NAME}.tasks WHERE id = $1 AND ended_at IS NOT NULL RETURNING id`;
      const { rows } = await db.executeSql(sql, [id]);
      if (rows.length > 0) await this.#removeInput(db, id);
      return rows.length > 0;
    });
  }

  async *pages(id: string): AsyncGenerator<string, void, undefined> {
    const sql = `SELECT nr, json FROM ${SCHEMA_NAME}.pages WHERE task = $1 AND nr > $2 ORDER BY nr LIMIT ${PAGES_AT_ONCE}`;
    for (let last = 0; ;) {
      const rows = (await this.#database.query(sql, id, last)) as { nr: number; json: string }[];
      if (rows.length === 0) return;
      for (const { nr, json } of rows) {
        yield json;
        last = nr;
      }
    }
  }

  async events(id: string, after: number): Promise<readonly TaskEvent[]> {
    return await this.#tasks.events(this.#db, id, after);
  }

  async changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(id, milliseconds, signal);
  }

  async workArrived(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#changes.wait(WORK, milliseconds, signal);
  }

  async sweep(retention: number, maxStoredBytes: number): Promise<number> {
    const ids = await this.#tasks.removable(this.#db, retention, maxStoredBytes);
    let removed = 0;
    // Another server may sweep at the same time.
    for (const id of ids) if (await this.remove(id)) removed++;
    return removed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  /** Statements outside of a transaction. */
  get #db(): Transaction {
    return {
      executeSql: async (sql, values = []) => ({
        rows: await this.#database.query(sql, ...values),
      }),
    };
  }

  /** @returns "next" for a job that is none any more */
  async #claim(db: Transaction): Promise<ClaimedTask | "next" | undefined> {
    const job = await this.#database.fetch(db);
    if (!job) return undefined;
    const row = await this.#tasks.locked(db, job.task);
    // Ended while its job was on the way, or deleted.
    if (!row || row.ended_at !== null) {
      await this.#database.complete(db, job);
      return "next";
    }
    if (row.attempts >= this.#maxAttempts) {
      await this.#tasks.end(db, row, { state: "failed", error: poisoned(row.attempts) });
      await this.#database.complete(db, job);
      return "next";
    }
    if (row.state === "running") {
      // Who had it has given no sign of life.
      const reason = "the process that read it has ended";
      const { attempts } = row;
      await this.#tasks.addEvent(db, row.id, { type: "queued", attempts, reason });
    }
    return await this.#tasks.begin(db, row, job.job, job.retry);
  }

  /** Does something to a task if it is still claimed, and tells those who watch it. */
  async #own(
    claim: Claim,
    work: (db: Transaction, row: PgTaskRow) => Promise<void>,
  ): Promise<boolean> {
    const owned = await this.#database.transaction(async (db) => {
      const row = await this.#tasks.claimed(db, claim);
      if (row) await work(db, row);
      return row !== undefined;
    });
    if (owned) this.#changes.tell(claim.id);
    return owned;
  }

  async #removeInput(db: Transaction, id: string): Promise<void> {
    await db.executeSql(`DELETE FROM ${SCHEMA_NAME}.inputs WHERE task = $1`, [id]);
  }
}

function delivery({ id, job, job_retry: retry }: PgTaskRow): Delivery {
  return { task: id, job, retry };
}

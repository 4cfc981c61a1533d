/** PostgreSQL with pg-boss: one pool of connections for the queue and for our own tables. */
import { PgBoss } from "pg-boss";
import type { Db } from "pg-boss";
import { delay as pause } from "../../../core/wait.ts";
import { LOCK_KEY, QUEUE_SCHEMA_NAME, SCHEMA, SCHEMA_NAME, SCHEMA_VERSION } from "./schema.ts";

export const QUEUE = "tasks";

/** Seconds without a sign of life after which a task is delivered again; the least that pg-boss allows. */
const HEARTBEAT = 10;
/** Seconds between two looks for such tasks. */
const SUPERVISION = 2;
/** Seconds: the most that pg-boss allows. A task has a deadline of its own. */
const EXPIRATION = 24 * 3_600 - 1;
/** Seconds that tasks may wait, and that the queue remembers those that have ended. */
const KEPT_WAITING = 30 * 24 * 3_600;
const KEPT_ENDED = 3_600;
/** Deliveries of one job: how often a task may be begun is counted in its own row. */
const REDELIVERIES = 1_000;
const CONNECTIONS = 10;

/** What PostgreSQL says to who makes what another is just making: duplicates of a key, a schema, a table, an object. */
const CONFLICTS: ReadonlySet<string> = new Set(["23505", "42P06", "42P07", "42710"]);
const START_ATTEMPTS = 5;
const START_PAUSE = 300;

/** Statements of one transaction, or none. */
export type Transaction = Db;

/** One job as it was delivered. */
export interface Delivery {
  readonly job: string;
  readonly retry: number;
  readonly task: string;
}

export class PgDatabase implements AsyncDisposable {
  readonly #boss: PgBoss;

  /**
   * Connects, and makes or checks the tables.
   *
   * @param onError hears of failures in the background, such as a connection that was lost
   * @throws Error when the database cannot be reached or is of another version
   */
  static async open(url: string, onError: (error: unknown) => void): Promise<PgDatabase> {
    const boss = await start(() => connect(url, onError));
    const database = new PgDatabase(boss);
    try {
      await database.#prepare();
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
    return database;
  }

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** One statement; the caller knows the form of its rows. */
  async query(sql: string, ...values: unknown[]): Promise<unknown[]> {
    return (await this.#boss.getDb().executeSql(sql, values)).rows;
  }

  /** All of it, or nothing. */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const open = await this.#boss.getDb().beginTransaction?.();
    if (!open) throw new Error("The database has no transactions.");
    try {
      const result = await work(open.db);
      await open.commit();
      return result;
    } catch (error) {
      await open.rollback();
      throw error;
    }
  }

  /** Puts a job into the queue. @returns its id */
  async send(
    db: Transaction,
    task: string,
    { delay = 0, first = false }: { readonly delay?: number; readonly first?: boolean } = {},
  ): Promise<string> {
    const id = await this.#boss.send(
      QUEUE,
      { task },
      {
        db,
        retryLimit: REDELIVERIES,
        ...(first ? { priority: 1 } : {}),
        ...(delay > 0 ? { startAfter: Math.ceil(delay / 1_000) } : {}),
      },
    );
    if (id === null) throw new Error("The queue did not take the task.");
    return id;
  }

  /** Takes the next job, in the transaction: when that fails the job is as it was. */
  async fetch(db: Transaction): Promise<Delivery | undefined> {
    const options = { batchSize: 1, includeMetadata: true, db } as const;
    const [job] = await this.#boss.fetch<{ readonly task: string }>(QUEUE, options);
    return job && { job: job.id, retry: job.retryCount, task: job.data.task };
  }

  /** Tells the queue that somebody still works on these. */
  async touch(deliveries: readonly Delivery[]): Promise<void> {
    await this.#boss.touch(
      QUEUE,
      deliveries.map(({ job: id, retry: retryCount }) => ({ id, retryCount })),
    );
  }

  /** Takes a delivered job out of the queue. */
  async complete(db: Transaction, { job: id, retry: retryCount }: Delivery): Promise<void> {
    await this.#boss.complete(QUEUE, { id, retryCount }, null, { db });
  }

  /** Takes a job out of the queue, whoever has it. */
  async cancel(db: Transaction, job: string): Promise<void> {
    await this.#boss.cancel(QUEUE, job, { db });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false, close: true });
  }

  async #prepare(): Promise<void> {
    await this.transaction(async (db) => {
      // Several servers may start at once.
      await db.executeSql("SELECT pg_advisory_xact_lock($1)", [LOCK_KEY]);
      await db.executeSql(SCHEMA);
      const table = `${SCHEMA_NAME}.version`;
      const { rows } = await db.executeSql(`SELECT version FROM ${table}`);
      const [found] = rows as { version: number }[];
      if (!found) await db.executeSql(`INSERT INTO ${table} VALUES ($1)`, [SCHEMA_VERSION]);
      else if (found.version !== SCHEMA_VERSION) {
        throw new Error(
          `The database has tables of version ${found.version}, but this server needs ${SCHEMA_VERSION}.`,
        );
      }
    });
    await this.#boss.createQueue(QUEUE, {
      heartbeatSeconds: HEARTBEAT,
      expireInSeconds: EXPIRATION,
      retentionSeconds: KEPT_WAITING,
      deleteAfterSeconds: KEPT_ENDED,
      retryLimit: REDELIVERIES,
      retryDelay: 0,
    });
  }
}

function connect(url: string, onError: (error: unknown) => void): PgBoss {
  const boss = new PgBoss({
    connectionString: url,
    schema: QUEUE_SCHEMA_NAME,
    application_name: "glyphpool",
    max: CONNECTIONS,
    schedule: false,
    // It would tell the database the name of this machine, which needs a permission of its own.
    registerInstance: false,
    superviseIntervalSeconds: SUPERVISION,
    monitorIntervalSeconds: SUPERVISION,
  });
  boss.on("error", onError);
  return boss;
}

/** Two servers that make the queue's schema in the same moment: one of them fails, and finds it made the next time. */
async function start(make: () => PgBoss): Promise<PgBoss> {
  for (let attempt = 1; ; attempt++) {
    const boss = make();
    try {
      return await boss.start();
    } catch (error) {
      await boss.stop({ graceful: false, close: true }).catch(() => undefined);
      const { code } = error as { code?: unknown };
      if (attempt >= START_ATTEMPTS || !CONFLICTS.has(String(code))) throw error;
      await pause(START_PAUSE * attempt);
    }
  }
}

/** PostgreSQL: one pool of connections, and what its errors mean to the store. */
import { Pool, types } from "pg";
import type { PoolClient } from "pg";
import type { SqlDatabase, SqlValue, Statements } from "../sql/database.ts";
import { migrate } from "../sql/migrate.ts";
import { StoreUnavailable } from "../task-store.ts";
import { LOCK_KEY, MIGRATIONS, SCHEMA_NAME } from "./schema.ts";

const CONNECTIONS = 10;
/** Milliseconds until a connection is there, and until a statement has an answer. */
const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 60_000;
/** Runs of a transaction that PostgreSQL has ended in favour of another one. */
const ATTEMPTS = 3;

/** Serialization failure and deadlock: the same again will do. (PostgreSQL, appendix A) */
const AGAIN: ReadonlySet<string> = new Set(["40001", "40P01"]);
/** Classes of errors that are about the server and not the statement: connections, resources, an operator's doing. */
const AWAY = /^(08|53|57P|58)/;
const DISK_FULL = "53100";
/** What the driver and the system say of connections that fail. They have no SQLSTATE. */
const CONNECTION =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)|terminated|timeout|timed out|refused|not queryable|reset/i;

/** `int8` and `numeric` as numbers: counts and bytes stay far below 2^53. */
const NUMBERS: ReadonlySet<unknown> = new Set([20, 1700]);

export class PgDatabase implements SqlDatabase {
  readonly location: string;
  readonly prefix: string = `${SCHEMA_NAME}.`;
  readonly shared: boolean = true;
  readonly forUpdate: string = "FOR UPDATE";
  readonly skipLocked: string = "FOR UPDATE SKIP LOCKED";
  readonly #pool: Pool;

  /**
   * Connects, and makes the tables or brings them up to date.
   *
   * @param onError hears of connections that were lost while nobody used them
   * @throws StoreUnavailable when the database cannot be reached; Error where a newer server has made the tables
   */
  static async open(url: string, onError: (error: unknown) => void): Promise<PgDatabase> {
    const database = new PgDatabase(url, onError);
    try {
      await database.transaction(async (db) => await prepare(db, database.location));
      return database;
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(url: string, onError: (error: unknown) => void) {
    const { host, pathname } = new URL(url);
    this.location = `postgresql://${host}${pathname}`;
    this.#pool = new Pool({
      connectionString: url,
      application_name: "glyphpool",
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      query_timeout: QUERY_TIMEOUT,
      keepAlive: true,
      types: {
        getTypeParser: (oid, format) =>
          NUMBERS.has(oid) ? Number : types.getTypeParser(oid, format),
      },
    });
    this.#pool.on("error", onError);
  }

  async query<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    try {
      return (await this.#pool.query(sql, values)).rows as Row[];
    } catch (error) {
      throw toError(error);
    }
  }

  async transaction<T>(work: (db: Statements) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (attempt >= ATTEMPTS || !AGAIN.has(codeOf(error))) throw error;
      }
    }
  }

  async lockAdmission(db: Statements): Promise<void> {
    await db.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`);
  }

  /** PostgreSQL sees to that itself. */
  async reclaim(): Promise<void> {
    return await Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  async #once<T>(work: (db: Statements) => Promise<T>): Promise<T> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw toError(error);
    }
    // Without a listener a connection that breaks in the middle would end the process.
    const broken = (): void => undefined;
    client.on("error", broken);
    const db: Statements = {
      query: async <Row>(sql: string, ...values: SqlValue[]) => {
        try {
          return (await client.query(sql, values)).rows as Row[];
        } catch (error) {
          throw toError(error);
        }
      },
    };
    let failure: unknown;
    try {
      await db.query("BEGIN");
      const result = await work(db);
      await db.query("COMMIT");
      return result;
    } catch (error) {
      failure = error;
      // Where this fails, too, the connection is of no use any more, and the first error is the one to tell.
      await db.query("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      client.off("error", broken);
      client.release(failure instanceof StoreUnavailable);
    }
  }
}

async function prepare(db: Statements, place: string): Promise<void> {
  // Several servers may start at once.
  await db.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`);
  await db.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA_NAME}`);
  const table = `${SCHEMA_NAME}.version`;
  await db.query(`CREATE TABLE IF NOT EXISTS ${table} (version integer NOT NULL)`);
  const [found] = await db.query<{ version: number }>(`SELECT version FROM ${table}`);
  const version = await migrate(db, place, found?.version ?? 0, MIGRATIONS);
  if (version === found?.version) return;
  await db.query(`DELETE FROM ${table}`);
  await db.query(`INSERT INTO ${table} VALUES ($1)`, version);
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

function toError(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const code = codeOf(error);
  const { message = String(error) } = error as Partial<Error>;
  if (code === DISK_FULL) return new StoreUnavailable("full", message, error);
  if (AWAY.test(code) || CONNECTION.test(code) || CONNECTION.test(message)) {
    return new StoreUnavailable("away", `PostgreSQL: ${message}`, error);
  }
  return error;
}

/** The file of the embedded store. SQLite runs in a thread of its own, one transaction at a time. */
import { Mutex } from "../../../core/mutex.ts";
import type { SqlDatabase, SqlValue, Statements } from "../sql/database.ts";
import { migrate } from "../sql/migrate.ts";
import { StoreUnavailable } from "../task-store.ts";
import type { UnavailableReason } from "../task-store.ts";
import { MIGRATIONS } from "./schema.ts";

/** What the thread is asked to do. */
export type Question =
  | { readonly kind: "open"; readonly path: string }
  | { readonly kind: "query"; readonly sql: string; readonly values: readonly SqlValue[] }
  | { readonly kind: "close" };

export interface Answer {
  readonly id: number;
  readonly rows?: unknown[];
  /** Message of what went wrong. Deno does not tell SQLite's code. */
  readonly error?: string;
}

/** What SQLite says when it may work later. (sqlite.org/rescode.html) */
const UNAVAILABLE: readonly (readonly [RegExp, UnavailableReason])[] = [
  [/disk is full/, "full"],
  [/is locked/, "busy"],
  [/disk I\/O error|unable to open|readonly database/, "away"],
];

/** Free pages of the file that are given back at once. */
const RECLAIMED_PAGES = 2_000;

export class SqliteDatabase implements SqlDatabase {
  readonly location: string;
  readonly prefix: string = "";
  readonly shared: boolean = false;
  readonly forUpdate: string = "";
  readonly skipLocked: string = "";
  readonly #worker: Worker;
  readonly #lock = new Mutex();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown[]>>();
  #last = 0;
  /** Why the thread is no more. */
  #ended: Error | undefined;
  readonly #direct: Statements = {
    query: async <Row>(sql: string, ...values: SqlValue[]) =>
      (await this.#ask({ kind: "query", sql: sql.replaceAll("$", "?"), values })) as Row[],
  };

  /** Opens the file or makes it. @throws Error where a newer server has made it */
  static async open(path: string): Promise<SqliteDatabase> {
    const database = new SqliteDatabase(path);
    try {
      await database.#ask({ kind: "open", path });
      await database.transaction(async (db) => {
        const [row] = await db.query<{ user_version: number }>("PRAGMA user_version");
        const version = await migrate(db, path, row?.user_version ?? 0, MIGRATIONS);
        await db.query(`PRAGMA user_version = ${version}`);
      });
      return database;
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(path: string) {
    this.location = path;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", (event: MessageEvent<Answer>) => {
      const { id, rows, error } = event.data;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(rows ?? []);
      else waiting?.reject(toError(error));
    });
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#end(new Error(`The thread of the store has failed: ${event.message}`));
    });
  }

  async query<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    // What a transaction has not committed yet must not be seen.
    return await this.#lock.run(() => this.#direct.query<Row>(sql, ...values));
  }

  async transaction<T>(work: (db: Statements) => Promise<T>): Promise<T> {
    return await this.#lock.run(async () => {
      await this.#direct.query("BEGIN IMMEDIATE");
      try {
        const result = await work(this.#direct);
        await this.#direct.query("COMMIT");
        return result;
      } catch (error) {
        // A full disk rolls back by itself; then there is nothing left to roll back, and the first error counts.
        await this.#direct.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  }

  /** One transaction at a time is enough. */
  async lockAdmission(): Promise<void> {
    return await Promise.resolve();
  }

  async reclaim(): Promise<void> {
    await this.query(`PRAGMA incremental_vacuum(${RECLAIMED_PAGES})`);
    await this.query("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    await this.#lock.run(() => this.#ask({ kind: "close" })).catch(() => undefined);
    this.#end(new Error("The store is closed."));
  }

  async #ask(question: Question): Promise<unknown[]> {
    if (this.#ended) throw this.#ended;
    const id = ++this.#last;
    const waiting = Promise.withResolvers<unknown[]>();
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ id, question });
    return await waiting.promise;
  }

  #end(error: Error): void {
    this.#ended = error;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function toError(message: string): Error {
  const reason = UNAVAILABLE.find(([pattern]) => pattern.test(message))?.[1];
  return reason ? new StoreUnavailable(reason, `SQLite: ${message}`) : new Error(message);
}

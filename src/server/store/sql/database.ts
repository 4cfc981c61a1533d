/** A SQL database as the store sees it: SQLite or PostgreSQL. */

export type SqlValue = string | number | null | Uint8Array;

/** Runs statements, inside of a transaction or each on its own. */
export interface Statements {
  /**
   * Runs one statement with parameters `$1`, `$2` …; the caller knows what its rows look like.
   *
   * @throws StoreUnavailable when the database cannot do it now; Error for a mistake in the statement
   */
  query<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]>;
}

export interface SqlDatabase extends Statements, AsyncDisposable {
  /** For people: where the data is, without a password. */
  readonly location: string;
  /** Stands before the name of each table. */
  readonly prefix: string;
  /** Whether other processes work on the same tables. */
  readonly shared: boolean;
  /** Ends a SELECT that locks its row. */
  readonly forUpdate: string;
  /** Ends a SELECT that takes a row which nobody else has locked. */
  readonly skipLocked: string;
  /** Runs all of it, or nothing. `work` may run again when the database asks for that. */
  transaction<T>(work: (db: Statements) => Promise<T>): Promise<T>;
  /** Makes others who admit a task wait until the end of this transaction. */
  lockAdmission(db: Statements): Promise<void>;
  /** Gives space that nothing uses any more back to the disk. */
  reclaim(): Promise<void>;
}

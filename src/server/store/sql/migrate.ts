/** Brings the tables of an older server up to date, one version after the other. */
import type { Statements } from "./database.ts";

export interface Migration {
  /** Statements that lead from the version before to this one. */
  readonly script: readonly string[];
}

/**
 * Runs the migrations that are missing, inside of the caller's transaction.
 *
 * @param found version of the tables; 0 for none
 * @param migrations from version 1 on
 * @returns the version that the tables have now
 * @throws Error when the tables were made by a newer server
 */
export async function migrate(
  db: Statements,
  place: string,
  found: number,
  migrations: readonly Migration[],
): Promise<number> {
  const newest = migrations.length;
  if (found > newest) {
    throw new Error(
      `${place} has tables of version ${found}, but this server knows versions up to ${newest}. Start a newer server.`,
    );
  }
  for (const { script } of migrations.slice(found)) {
    for (const statement of script) await db.query(statement);
  }
  return newest;
}

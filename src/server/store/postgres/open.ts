/** The store in PostgreSQL; any number of servers can share it. */
import { SqlTaskStore } from "../sql/store.ts";
import type { StoreOptions } from "../task-store.ts";
import { PgDatabase } from "./database.ts";
import { PgInputs } from "./inputs.ts";

/**
 * @param folder for copies of inputs that are being read
 * @param onError hears of connections that were lost
 * @throws StoreUnavailable when the database cannot be reached; Error where a newer server has made the tables
 */
export async function openPostgres(
  url: string,
  folder: string,
  onError: (error: unknown) => void,
  options: StoreOptions,
): Promise<SqlTaskStore> {
  const database = await PgDatabase.open(url, onError);
  return new SqlTaskStore(database, new PgInputs(database, folder), options);
}

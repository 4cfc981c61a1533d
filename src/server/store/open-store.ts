/** The store that the settings ask for. */
import { join } from "node:path";
import { loadOptional } from "../../core/optional-package.ts";
import type { Log } from "../process/log.ts";
import type { ServerSettings } from "../process/settings.ts";
import { emptyFolder } from "./files.ts";
import { SqlTaskStore } from "./sql/store.ts";
import { FileInputs } from "./sqlite/inputs.ts";
import { SqliteDatabase } from "./sqlite/database.ts";
import type { StoreOptions, TaskStore } from "./task-store.ts";

/** The driver of PostgreSQL is loaded only where it is needed. */
export async function openStore(settings: ServerSettings, log: Log): Promise<TaskStore> {
  const { data, maxAttempts, databaseUrl } = settings;
  if (databaseUrl === undefined) return await openSqlite(data, { maxAttempts });
  const { openPostgres } = await loadOptional(
    () => import("./postgres/open.ts"),
    "pg",
    "The task server on PostgreSQL",
  );
  const folder = await emptyFolder(join(data, "copies"));
  const onError = (error: unknown): void =>
    log.error("a connection to the database was lost", { error });
  return await openPostgres(databaseUrl, folder, onError, { maxAttempts });
}

/**
 * Opens the embedded store in a folder that no other process uses: one SQLite file, with the inputs as files beside it.
 *
 * @throws Error where a newer server has made the file
 */
export async function openSqlite(folder: string, options: StoreOptions): Promise<SqlTaskStore> {
  const inputs = join(folder, "inputs");
  await Deno.mkdir(inputs, { recursive: true, mode: 0o700 });
  const database = await SqliteDatabase.open(join(folder, "tasks.sqlite"));
  try {
    const files = new FileInputs(inputs);
    const store = new SqlTaskStore(database, files, options);
    await store.recover();
    await files.removeOrphans(async (id) => (await store.get(id)) !== undefined);
    return store;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** The store that the settings ask for. */
import { join } from "node:path";
import { emptyFolder } from "./files.ts";
import type { Log } from "../process/log.ts";
import type { ServerSettings } from "../process/settings.ts";
import type { TaskStore } from "./task-store.ts";

/** Only what is needed is loaded: pg-boss brings the driver of PostgreSQL along. */
export async function openStore(settings: ServerSettings, log: Log): Promise<TaskStore> {
  const { data, maxAttempts, databaseUrl } = settings;
  if (databaseUrl === undefined) {
    const { SqliteTaskStore } = await import("./sqlite/store.ts");
    return await SqliteTaskStore.open(data, { maxAttempts });
  }
  const { PgTaskStore } = await import("./postgres/store.ts");
  return await PgTaskStore.open(databaseUrl, {
    maxAttempts,
    folder: await emptyFolder(join(data, "copies")),
    onError: (error) => log.error("the database reports a failure", { error }),
  });
}

/** The store that the settings ask for. */
import type { ServerSettings } from "./settings.ts";
import { SqliteTaskStore } from "./sqlite-store.ts";
import type { TaskStore } from "./task-store.ts";

export async function openStore({ data, maxAttempts }: ServerSettings): Promise<TaskStore> {
  return await SqliteTaskStore.open(data, { maxAttempts });
}

/** What a store has to make of tables that the first version of the server has left. */
import { expect } from "vitest";
import type { TaskStore } from "../../src/server/store/task-store.ts";

const id = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;

/** The script that makes the tables, with one task that has ended, one that runs and one that waits. */
export async function oldTables(store: "sqlite" | "postgres"): Promise<string> {
  return await Deno.readTextFile(new URL(`old-schemas/${store}-1.sql`, import.meta.url));
}

export async function expectMigrated(store: TaskStore): Promise<void> {
  const ended = await store.get(id(1));
  expect(ended).toMatchObject({ state: "succeeded", options: { dpi: 100 }, pagesDone: 1 });
  const pages: string[] = [];
  for await (const json of store.pages(id(1))) pages.push(json);
  expect(pages).toEqual(['{"number":1}']);
  expect(await store.events(id(1), 0)).toMatchObject([{ type: "queued" }, { type: "done" }]);
  const { tasks, queuedBytes, storedBytes } = await store.usage();
  expect(tasks.queued + tasks.running).toBe(2);
  expect({ queuedBytes, storedBytes }).toEqual({ queuedBytes: 16, storedBytes: 33 });
  expect(await store.usage("bob")).toMatchObject({ tasks: { queued: 1 }, queuedBytes: 9 });
  expect((await store.claim("bob"))?.claim.id).toBe(id(3));
  expect(await store.remove(id(1))).toBe(true);
  expect(await store.usage()).toMatchObject({ storedBytes: 16, tasks: { succeeded: 0 } });
}

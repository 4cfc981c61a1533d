import { expect, it } from "vitest";
import { SqliteTaskStore } from "../../src/server/store/sqlite/store.ts";
import { storeContract } from "../server/store-contract.ts";

storeContract("SQLite", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  return {
    redelivery: 1_000,
    open: async (options) => await SqliteTaskStore.open(folder, options),
    // A second connection to a file that the first one has not closed: nothing is written at the end of a process.
    reopen: async (_killed, options) => await SqliteTaskStore.open(folder, options),
    [Symbol.asyncDispose]: async () => await Deno.remove(folder, { recursive: true }),
  };
});

it("refuses a file of another version", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  const store = await SqliteTaskStore.open(folder, { maxAttempts: 3 });
  await store[Symbol.asyncDispose]();
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(`${folder}/tasks.sqlite`);
  db.exec("PRAGMA user_version = 99");
  db.close();
  await expect(SqliteTaskStore.open(folder, { maxAttempts: 3 })).rejects.toThrow("version 99");
  await Deno.remove(folder, { recursive: true });
});

it("deletes files that no task knows", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  await Deno.mkdir(`${folder}/inputs`);
  await Deno.writeTextFile(`${folder}/inputs/left-over`, "x");
  const store = await SqliteTaskStore.open(folder, { maxAttempts: 3 });
  await expect(Deno.stat(`${folder}/inputs/left-over`)).rejects.toThrow(Deno.errors.NotFound);
  await store[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqlite } from "../../src/server/store/open-store.ts";
import { SqlTaskStore } from "../../src/server/store/sql/store.ts";
import { SqliteDatabase } from "../../src/server/store/sqlite/database.ts";
import { FileInputs } from "../../src/server/store/sqlite/inputs.ts";
import type { ClaimedTask } from "../../src/server/store/task-store.ts";
import { expectMigrated, oldTables } from "../server/old-tables.ts";
import { storeContract } from "../server/store-contract.ts";

storeContract("SQLite", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  return {
    redelivery: 5_000,
    open: async (options) => await openSqlite(folder, options),
    // A second connection to a file that the first one has not closed: nothing is written at the end of a process.
    reopen: async (_killed, options) => await openSqlite(folder, options),
    [Symbol.asyncDispose]: async () => await Deno.remove(folder, { recursive: true }),
  };
});

it("refuses a file of another version", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  const store = await openSqlite(folder, { maxAttempts: 3 });
  await store[Symbol.asyncDispose]();
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(`${folder}/tasks.sqlite`);
  db.exec("PRAGMA user_version = 99");
  db.close();
  await expect(openSqlite(folder, { maxAttempts: 3 })).rejects.toThrow("version 99");
  await Deno.remove(folder, { recursive: true });
});

it("deletes files that no task knows", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  await Deno.mkdir(`${folder}/inputs`);
  await Deno.writeTextFile(`${folder}/inputs/left-over`, "x");
  const store = await openSqlite(folder, { maxAttempts: 3 });
  await expect(Deno.stat(`${folder}/inputs/left-over`)).rejects.toThrow(Deno.errors.NotFound);
  await store[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

it("takes over the tables of the first version", async () => {
  const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
  await Deno.mkdir(`${folder}/inputs`);
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(`${folder}/tasks.sqlite`);
  db.exec(await oldTables("sqlite"));
  db.close();
  const store = await openSqlite(folder, { maxAttempts: 3 });
  await expectMigrated(store);
  await store[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

describe("a disk that is full", () => {
  let folder: string;
  let database: SqliteDatabase;
  let store: SqlTaskStore;
  const ADMISSION = {
    maxTasks: 1e6,
    maxBytes: 1e12,
    ownerMaxTasks: 1e6,
    ownerMaxBytes: 1e12,
    maxStoredBytes: 1e12,
  };
  beforeEach(async () => {
    folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    await Deno.mkdir(`${folder}/inputs`);
    database = await SqliteDatabase.open(`${folder}/tasks.sqlite`);
    store = new SqlTaskStore(database, new FileInputs(`${folder}/inputs`), { maxAttempts: 3 });
  });
  afterEach(async () => {
    await store[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });
  const submit = async (name = "a.png"): Promise<string> => {
    const path = `${folder}/upload`;
    await Deno.writeTextFile(path, "input");
    const input = { path, bytes: 5 };
    const task = { owner: "a", name, options: {}, input, fingerprint: "f" };
    return (await store.create({ ...task, idempotencyKey: undefined }, ADMISSION)).task.id;
  };
  /** SQLite itself refuses more pages, as it does on a disk that is full. */
  const fill = async (): Promise<void> => {
    const [row] = await database.query<{ page_count: number }>("PRAGMA page_count");
    await database.query(`PRAGMA max_page_count = ${row?.page_count ?? 0}`);
  };
  const files = async (): Promise<number> => [...Deno.readDirSync(`${folder}/inputs`)].length;

  it("says so, counts nothing that was rolled back, and goes on when there is space", async () => {
    const id = await submit();
    const { claim } = (await store.claim()) as ClaimedTask;
    await fill();
    const before = await store.usage();
    const page = {
      number: 1,
      json: JSON.stringify("漢".repeat(50_000)),
      ms: 1,
      error: undefined,
      total: 1,
    };
    await expect(store.addPage(claim, page)).rejects.toMatchObject({
      name: "StoreUnavailable",
      reason: "full",
    });
    await expect(submit("y".repeat(200_000))).rejects.toMatchObject({
      reason: "full",
      message: expect.stringContaining("disk is full") as string,
    });
    expect(await store.usage()).toEqual(before);
    expect(await files()).toBe(1);
    await database.query("PRAGMA max_page_count = 1000000");
    expect(await store.addPage(claim, page)).toBe(true);
    // Three bytes for each of these characters.
    expect(await store.usage()).toMatchObject({ storedBytes: 5 + 150_002 });
    expect(await store.get(id)).toMatchObject({ pagesDone: 1 });
  });

  it("is not mistaken for another writer, which is waited for without holding anybody up", async () => {
    const { DatabaseSync } = await import("node:sqlite");
    const other = new DatabaseSync(`${folder}/tasks.sqlite`);
    other.exec("BEGIN IMMEDIATE");
    const task = submit();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    await new Promise((resolve) => setTimeout(resolve, 500));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
    other.exec("ROLLBACK");
    other.close();
    expect(await store.get(await task)).toMatchObject({ state: "queued" });
  });
});

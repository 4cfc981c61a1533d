/** The store in PostgreSQL, and servers that share it. */
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPostgres } from "../../src/server/store/postgres/open.ts";
import { TestPostgres } from "../server/postgres.ts";
import { ended, fixture, follow, submit, task } from "../server/requests.ts";
import { RunningServer } from "../server/running-server.ts";
import type { StoreOptions, TaskStore } from "../../src/server/store/task-store.ts";
import { expectMigrated, oldTables } from "../server/old-tables.ts";
import { storeContract } from "../server/store-contract.ts";

/** The queue's least heartbeat, twice the time between two looks, and some for a slow machine. */
const REDELIVERY = 30_000;
const TEXT = /Open\s?door\nRoom\s?42/;

const missing = TestPostgres.missing();

// Says why where it is skipped.
describe.skipIf(missing !== undefined)(`with PostgreSQL${missing ? `: ${missing}` : ""}`, () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
  });
  afterAll(async () => await postgres[Symbol.asyncDispose]());

  storeContract("PostgreSQL", async () => {
    const url = await postgres.database();
    const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    const errors: unknown[] = [];
    const open = (options: StoreOptions): Promise<TaskStore> =>
      openPostgres(url, folder, (error) => errors.push(error), options);
    return {
      redelivery: REDELIVERY,
      open,
      reopen: async (killed, options) => {
        // All that the end of a process does: nothing is heard of it any more.
        await killed[Symbol.asyncDispose]();
        return await open(options);
      },
      [Symbol.asyncDispose]: async () => {
        await Deno.remove(folder, { recursive: true });
        if (errors.length > 0) throw new AggregateError(errors, "the database reported failures");
      },
    };
  });

  it("takes over the tables of the first version", async () => {
    const url = await postgres.database();
    const database = new Client({ connectionString: url });
    await database.connect();
    await database.query(await oldTables("postgres"));
    await database.end();
    const folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    const store = await openPostgres(url, folder, () => undefined, { maxAttempts: 3 });
    await expectMigrated(store);
    await store[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  describe("servers", () => {
    const running: RunningServer[] = [];
    let folder: string;
    afterEach(async () => {
      for (const server of running.splice(0)) await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    });

    it("share the work, and take over what a killed one was reading", async () => {
      folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
      const env = {
        GLYPHPOOL_DATABASE_URL: await postgres.database(),
        GLYPHPOOL_WORKERS: "1",
        GLYPHPOOL_ISOLATION: "worker",
        GLYPHPOOL_HEARTBEAT: "2000",
      };
      const [first, second] = await Promise.all(
        ["a", "b"].map((name) => RunningServer.start({ data: `${folder}/${name}`, env })),
      );
      if (!first || !second) throw new Error("no servers");
      running.push(first, second);
      const small = await fixture("small.png");
      const ids: string[] = [];
      for (let i = 0; i < 6; i++) ids.push((await submit(first, small)).id);
      // Whoever is asked knows every task.
      for (const id of ids) expect(await ended(second, id)).toMatchObject({ state: "succeeded" });
      const pages = async (server: RunningServer): Promise<number> => {
        const text = await (await server.fetch("/metrics")).text();
        return Number(/server_pages_total\{outcome="read"\} (\d+)/.exec(text)?.[1] ?? 0);
      };
      const [byA, byB] = [await pages(first), await pages(second)];
      expect(byA + byB).toBe(6);
      expect(Math.min(byA, byB)).toBeGreaterThan(0);

      const page = await fixture("chinese.png");
      const two = [(await submit(second, page)).id, (await submit(second, page)).id];
      const states = async (): Promise<string[]> =>
        await Promise.all(two.map(async (id) => (await task(second, id)).state));
      await expect.poll(states, { timeout: 20_000, interval: 20 }).toEqual(["running", "running"]);
      await first.end("SIGKILL");
      for (const id of two) {
        expect(await ended(second, id, 60_000)).toMatchObject({ state: "succeeded" });
        const events = await follow(second, id);
        expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
      }
      const attempts = await Promise.all(two.map(async (id) => (await task(second, id)).attempts));
      expect(attempts.toSorted((one, other) => one - other)).toEqual([1, 2]);
      const text = await second.fetch(`/v1/tasks/${ids[0]}/result?format=text`);
      expect(await text.text()).toMatch(TEXT);
      expect(await second.end("SIGTERM")).toMatchObject({ code: 0 });
    });
  });
});

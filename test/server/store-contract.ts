/** What every store of tasks has to do, whatever it is made of. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { StoreRefusal } from "../../src/server/store/task-store.ts";
import type {
  Admission,
  Claim,
  NewTask,
  StoredPage,
  StoreOptions,
  TaskStore,
} from "../../src/server/store/task-store.ts";

/** A place where stores can be opened, several at a time or one after the other. */
export interface StorePlace extends AsyncDisposable {
  open(options: StoreOptions): Promise<TaskStore>;
  /** Leaves a store as if its process had been killed, and opens another one. */
  reopen(store: TaskStore, options: StoreOptions): Promise<TaskStore>;
  /** Milliseconds after which what a dead process was working on is delivered again at the latest. */
  readonly redelivery: number;
}

const ADMISSION: Admission = {
  maxTasks: 100,
  maxBytes: 1e6,
  ownerMaxTasks: 50,
  ownerMaxBytes: 1e6,
  maxStoredBytes: 1e9,
};
const OPTIONS: StoreOptions = { maxAttempts: 3 };

const page = (number: number, total?: number): StoredPage => ({
  number,
  json: JSON.stringify({ number, text: `page ${number}` }),
  ms: 5,
  error: undefined,
  total,
});

/** @param what made of, for people */
export function storeContract(what: string, openPlace: () => Promise<StorePlace>): void {
  describe(`the store in ${what}`, () => {
    let place: StorePlace;
    let folder: string;
    let store: TaskStore;
    let files = 0;

    beforeAll(async () => {
      folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    });
    afterAll(async () => await Deno.remove(folder, { recursive: true }));
    afterEach(async () => {
      await store[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });
    const open = async (options: StoreOptions = OPTIONS): Promise<TaskStore> => {
      place = await openPlace();
      store = await place.open(options);
      return store;
    };

    const task = async (part: Partial<NewTask> = {}, content = "input"): Promise<NewTask> => {
      const path = join(folder, `upload-${files++}`);
      await Deno.writeTextFile(path, content);
      return {
        owner: "alice",
        name: "a.png",
        options: { dpi: 100 },
        input: { path, bytes: content.length },
        idempotencyKey: undefined,
        fingerprint: content,
        ...part,
      };
    };
    const submit = async (part?: Partial<NewTask>, content?: string): Promise<string> =>
      (await store.create(await task(part, content), ADMISSION)).task.id;
    const claim = async (): Promise<Claim> => {
      const claimed = await store.claim();
      if (!claimed) throw new Error("nothing to claim");
      return claimed.claim;
    };
    const collect = async (id: string): Promise<string[]> => {
      const pages: string[] = [];
      for await (const json of store.pages(id)) pages.push(json);
      return pages;
    };
    const kinds = async (id: string): Promise<string[]> =>
      (await store.events(id, 0)).map(({ type }) => type);

    it("takes a task through its life, and tells of it", async () => {
      await open();
      const id = await submit();
      expect(await store.get(id)).toMatchObject({
        id,
        owner: "alice",
        state: "queued",
        name: "a.png",
        options: { dpi: 100 },
        bytes: 5,
        attempts: 0,
        pagesDone: 0,
      });
      expect(await store.position(id)).toBe(1);
      const claimed = await store.claim();
      expect(claimed?.task).toMatchObject({ id, state: "running", attempts: 1 });
      expect(await store.position(id)).toBeUndefined();
      const own = claimed?.claim as Claim;
      await using input = await store.input(id);
      expect(await Deno.readTextFile(input.path)).toBe("input");
      expect(await store.addPage(own, page(3, 2))).toBe(true);
      expect(await store.note(own, { type: "degraded", level: "warning", actions: ["a"] })).toBe(
        true,
      );
      expect(await store.addPage(own, page(4, 2))).toBe(true);
      expect(await store.get(id)).toMatchObject({ pagesDone: 2, pagesTotal: 2 });
      expect(await store.finish(own, { state: "succeeded" })).toBe(true);
      const ended = await store.get(id);
      expect(ended).toMatchObject({ state: "succeeded", pagesDone: 2, error: undefined });
      expect(ended?.endedAt).toBeGreaterThanOrEqual(ended?.startedAt as number);
      expect(await collect(id)).toEqual([page(3).json, page(4).json]);
      const events = await store.events(id, 0);
      expect(events).toMatchObject([
        { type: "queued", attempts: 0 },
        { type: "page", number: 3, done: 1, total: 2, ms: 5 },
        { type: "degraded", level: "warning", actions: ["a"] },
        { type: "page", number: 4, done: 2 },
        { type: "done", state: "succeeded", pages: 2 },
      ]);
      expect(await store.events(id, events[2]?.id as number)).toEqual(events.slice(3));
      expect(await store.claim()).toBeUndefined();
    });

    it("delivers in the order of arrival, each task once", async () => {
      await open();
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.push(await submit({}, `input ${i}`));
      expect(await Promise.all(ids.map((id) => store.position(id)))).toEqual([1, 2, 3, 4, 5]);
      const claims = await Promise.all([claim(), claim(), claim()]);
      expect(claims.map(({ id }) => id).toSorted()).toEqual(ids.slice(0, 3).toSorted());
      expect((await claim()).id).toBe(ids[3]);
      expect((await claim()).id).toBe(ids[4]);
      expect(await store.claim()).toBeUndefined();
      expect(await store.usage()).toMatchObject({ tasks: { queued: 0, running: 5 } });
    });

    it("ends a task once, and only for its owner", async () => {
      await open();
      const id = await submit();
      const own = await claim();
      const stranger = { id, fence: own.fence + 1 };
      expect(await store.finish(stranger, { state: "succeeded" })).toBe(false);
      expect(await store.addPage(stranger, page(1))).toBe(false);
      const error = { code: "PDF_CORRUPT", message: "damaged" };
      expect(await store.finish(own, { state: "failed", error })).toBe(true);
      expect(await store.finish(own, { state: "succeeded" })).toBe(false);
      expect(await store.addPage(own, page(1))).toBe(false);
      expect(await store.release(own, { reason: "again", counts: true })).toBe(false);
      expect(await store.get(id)).toMatchObject({ state: "failed", error });
      expect(await kinds(id)).toEqual(["queued", "done"]);
    });

    it("keeps the pages of an attempt for the next one, and forgets them when that is asked for", async () => {
      await open();
      const id = await submit();
      const first = await claim();
      await store.addPage(first, page(1));
      expect(await store.release(first, { reason: "no memory", counts: true })).toBe(true);
      const second = await claim();
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await store.get(id)).toMatchObject({ attempts: 2, pagesDone: 1 });
      expect(await store.addPage(first, page(1))).toBe(false);
      await store.addPage(second, page(2));
      expect(await collect(id)).toEqual([page(1).json, page(2).json]);
      const { storedBytes } = await store.usage();
      expect(await store.restart(second)).toBe(true);
      await store.addPage(second, page(3));
      await store.finish(second, { state: "succeeded" });
      expect(await collect(id)).toEqual([page(3).json]);
      expect(await store.usage()).toMatchObject({ storedBytes: storedBytes - page(1).json.length });
      expect(await kinds(id)).toEqual(["queued", "page", "queued", "page", "page", "done"]);
    });

    it("does not count what a shutdown gives back", async () => {
      await open();
      const id = await submit();
      for (let i = 0; i < 5; i++) {
        const own = await claim();
        expect(await store.release(own, { reason: "shutdown", counts: false })).toBe(true);
      }
      expect(await store.get(id)).toMatchObject({ state: "queued", attempts: 0 });
    });

    it("takes the tasks of each owner by priority, by turns and by arrival", async () => {
      await open();
      const [a, b, c] = [await submit(), await submit(), await submit({ priority: 1 })];
      const other = await submit({ owner: "bob" });
      const waiting = await store.waiting();
      expect(waiting.toSorted((x, y) => x.tasks - y.tasks)).toEqual([
        { owner: "bob", tasks: 1 },
        { owner: "alice", tasks: 3 },
      ]);
      const order: (string | undefined)[] = [];
      const next = async (): Promise<Claim> => {
        const claimed = await store.claim("alice");
        order.push(claimed?.claim.id);
        return claimed?.claim as Claim;
      };
      await next();
      await store.release(await next(), { reason: "turn", counts: false, turn: true });
      await next();
      await next();
      expect(order).toEqual([c, a, b, a]);
      expect((await store.claim("bob"))?.claim.id).toBe(other);
    });

    it("lists tasks by owner, state and failure, a page at a time", async () => {
      await open();
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.push(await submit());
      const bobs = await submit({ owner: "bob" });
      const error = { code: "PDF_CORRUPT", message: "damaged" };
      await store.finish(await claim(), { state: "failed", error });
      const list = async (filter: object): Promise<string[]> =>
        (await store.list({ limit: 10, ...filter })).map(({ id }) => id);
      expect(await list({})).toEqual([bobs, ...ids.toReversed()]);
      expect(await list({ owner: "bob" })).toEqual([bobs]);
      expect(await list({ state: "failed", error: "PDF_CORRUPT" })).toEqual([ids[0]]);
      expect(await list({ state: "failed", error: "TASK_POISONED" })).toEqual([]);
      const [first] = await store.list({ owner: "alice", limit: 1 });
      expect(await list({ owner: "alice", before: first?.seq as number })).toEqual([
        ids[1],
        ids[0],
      ]);
    });

    it("tries a failed task again, and tells only of the new try", async () => {
      await open();
      const id = await submit();
      const own = await claim();
      await store.addPage(own, page(1));
      await expect(store.retry(id, ADMISSION)).rejects.toMatchObject({ reason: "state" });
      await store.finish(own, { state: "failed", error: { code: "X", message: "x" } });
      const last = (await store.events(id, 0)).at(-1)?.id as number;
      const full = { ...ADMISSION, maxTasks: 0 };
      await expect(store.retry(id, full)).rejects.toMatchObject({ reason: "tasks" });
      expect(await store.retry(id, ADMISSION)).toMatchObject({ state: "queued", attempts: 0 });
      expect(await store.events(id, last)).toMatchObject([{ type: "queued" }]);
      expect(await collect(id)).toEqual([]);
      await store.finish(await claim(), { state: "succeeded" });
      expect(await kinds(id)).toEqual(["queued", "done"]);
      expect(await store.retry(crypto.randomUUID(), ADMISSION)).toBeUndefined();
    });

    it("fails who reads a result that is deleted meanwhile", async () => {
      await open();
      const id = await submit();
      const own = await claim();
      for (let i = 1; i <= 25; i++) await store.addPage(own, page(i));
      await store.finish(own, { state: "succeeded" });
      const pages = store.pages(id)[Symbol.asyncIterator]();
      await pages.next();
      await store.remove(id);
      const rest = async (): Promise<void> => {
        while (!(await pages.next()).done);
      };
      await expect(rest()).rejects.toThrow("deleted");
    });

    it("keeps the message about a task's end until it is settled", async () => {
      await open();
      const webhook = "https://a.example/hook";
      const id = await submit({ webhook });
      expect(await store.nextDelivery(60_000)).toBeUndefined();
      await store.finish(await claim(), { state: "succeeded" });
      const delivery = await store.nextDelivery(50);
      expect(delivery).toMatchObject({ task: id, url: webhook, owner: "alice", attempts: 0 });
      expect(JSON.parse(delivery?.body ?? "")).toMatchObject({ task: id, state: "succeeded" });
      // Nobody has said what became of it: it is due again.
      await expect
        .poll(async () => await store.nextDelivery(60_000))
        .toMatchObject({ seq: delivery?.seq, attempts: 1 });
      await store.settleDelivery(delivery?.seq as number);
      expect(await store.nextDelivery(0)).toBeUndefined();
    });

    it("puts nothing off for longer when the clock is set back", async () => {
      let now = Date.now();
      await open({ ...OPTIONS, now: () => now });
      const id = await submit();
      await store.release(await claim(), { reason: "no memory", counts: true, delay: 30_000 });
      expect(await store.claim()).toBeUndefined();
      now -= 3_600_000;
      expect((await store.claim())?.claim.id).toBe(id);
    });

    it("calls a task poison that was alone whenever its process ended", async () => {
      await open({ maxAttempts: 1 });
      const id = await submit();
      await claim();
      store = await place.reopen(store, { maxAttempts: 1 });
      await expect
        .poll(
          async () => {
            await store.waiting();
            return (await store.get(id))?.error?.code;
          },
          { timeout: place.redelivery, interval: 200 },
        )
        .toBe("TASK_POISONED");
      expect((await kinds(id)).at(-1)).toBe("done");
    });

    it("puts a task off", async () => {
      await open();
      const id = await submit();
      await store.release(await claim(), { reason: "no memory", counts: true, delay: 1_500 });
      expect(await store.claim()).toBeUndefined();
      await expect.poll(async () => (await store.claim())?.claim.id, { timeout: 5_000 }).toBe(id);
    });

    it("cancels what waits and what runs", async () => {
      await open();
      const waiting = await submit();
      const cancelled = await store.cancel(waiting);
      expect(cancelled).toMatchObject({ state: "cancelled", error: { code: "TASK_CANCELLED" } });
      expect(await store.claim()).toBeUndefined();
      const running = await submit();
      const own = await claim();
      expect(await store.heartbeat([own])).toEqual([]);
      await store.cancel(running);
      expect(await store.heartbeat([own])).toEqual([own]);
      expect(await store.finish(own, { state: "succeeded" })).toBe(false);
      expect(await store.get(running)).toMatchObject({ state: "cancelled" });
      expect(await store.cancel(running)).toMatchObject({ state: "cancelled" });
      expect(await kinds(running)).toEqual(["queued", "done"]);
      expect(await store.cancel(crypto.randomUUID())).toBeUndefined();
    });

    it("knows a repeated key, for each owner", async () => {
      await open();
      const first = await store.create(await task({ idempotencyKey: "k" }), ADMISSION);
      expect(first.created).toBe(true);
      const again = await store.create(await task({ idempotencyKey: "k" }), ADMISSION);
      expect(again).toMatchObject({ created: false, task: { id: first.task.id } });
      const other = await store.create(
        await task({ idempotencyKey: "k", owner: "bob" }),
        ADMISSION,
      );
      expect(other.task.id).not.toBe(first.task.id);
      const changed = await task({ idempotencyKey: "k" }, "something else");
      await expect(store.create(changed, ADMISSION)).rejects.toMatchObject({ reason: "key" });
      expect(await store.usage()).toMatchObject({ tasks: { queued: 2 } });
      const left: string[] = [];
      for await (const { name: file } of Deno.readDir(folder)) left.push(file);
      expect(left).toEqual([]);
    });

    it("makes one task of a key that comes many times at once", async () => {
      await open();
      const tasks = await Promise.all(
        Array.from({ length: 5 }, () => task({ idempotencyKey: "once" })),
      );
      const made = await Promise.all(tasks.map((each) => store.create(each, ADMISSION)));
      expect(new Set(made.map(({ task: { id } }) => id)).size).toBe(1);
      expect(made.filter(({ created }) => created)).toHaveLength(1);
    });

    it.each([
      ["tasks", { maxTasks: 2 }],
      ["bytes", { maxBytes: 14 }],
      ["owner-tasks", { ownerMaxTasks: 2 }],
      ["owner-bytes", { ownerMaxBytes: 14 }],
      ["disk", { maxStoredBytes: 14 }],
    ] as const)("refuses more than may wait: %s", async (reason, limits) => {
      await open();
      const admission = { ...ADMISSION, ...limits };
      await store.create(await task(), admission);
      await store.create(await task(), admission);
      const third = await task();
      const refusal = await store.create(third, admission).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(StoreRefusal);
      expect(refusal).toMatchObject({ reason });
      await expect(Deno.stat(third.input.path)).rejects.toBeInstanceOf(Deno.errors.NotFound);
      await expect(store.admits("alice", 5, admission)).rejects.toMatchObject({ reason });
      const others = store.admits("bob", 5, admission).catch((error: unknown) => error);
      const shared = !reason.startsWith("owner");
      expect((await others) instanceof StoreRefusal).toBe(shared);
      await store.finish(await claim(), { state: "succeeded" });
      // Only what is deleted makes room on the disk.
      const fits = await store.create(await task(), admission).catch((error: unknown) => error);
      expect(fits instanceof StoreRefusal).toBe(reason === "disk");
    });

    it("deletes what is too old and what is too much, but nothing that has not ended", async () => {
      let now = Date.now();
      await open({ ...OPTIONS, now: () => now });
      const ended = async (): Promise<string> => {
        const id = await submit();
        const own = await claim();
        await store.addPage(own, page(1));
        await store.finish(own, { state: "succeeded" });
        now += 1_000;
        return id;
      };
      const old = await ended();
      const second = await ended();
      const third = await ended();
      const waiting = await submit();
      expect(await store.remove(waiting)).toBe(false);
      expect(await store.sweep(2_500, 1e9)).toBe(1);
      expect(await store.get(old)).toBeUndefined();
      await expect(collect(old)).rejects.toThrow("deleted");
      expect(await store.events(old, 0)).toEqual([]);
      const { storedBytes } = await store.usage();
      expect(await store.sweep(1e9, storedBytes - 1)).toBe(1);
      expect(await store.get(second)).toBeUndefined();
      expect(await store.get(third)).toBeDefined();
      expect(await store.sweep(0, 0)).toBe(1);
      expect(await store.get(waiting)).toMatchObject({ state: "queued" });
      expect(await store.usage()).toMatchObject({ storedBytes: 5, queuedBytes: 5 });
    });

    it("wakes those who wait for a task or for work", async () => {
      await open();
      const never = new AbortController().signal;
      const work = store.workArrived(10_000, never);
      const id = await submit();
      await work;
      const own = await claim();
      const change = store.changed(id, 10_000, never);
      await store.addPage(own, page(1));
      await change;
      const aborted = new AbortController();
      const waits = store.changed(id, 10_000, aborted.signal);
      aborted.abort();
      await waits;
      await store.changed(id, 10, never);
    });

    it("loses nothing when its process is killed, and delivers again what was running", async () => {
      await open();
      const done = await submit();
      const first = await claim();
      await store.addPage(first, page(1));
      await store.finish(first, { state: "succeeded" });
      const running = await submit();
      const own = await claim();
      await store.addPage(own, page(1));
      const waiting = await submit();
      store = await place.reopen(store, OPTIONS);
      expect(await store.get(done)).toMatchObject({ state: "succeeded", pagesDone: 1 });
      expect(await collect(done)).toEqual([page(1).json]);
      const ids: string[] = [];
      await expect
        .poll(
          async () => {
            const next = await store.claim();
            if (next) ids.push(next.claim.id);
            return ids.toSorted();
          },
          { timeout: place.redelivery, interval: 100 },
        )
        .toEqual([running, waiting].toSorted());
      expect(await store.get(running)).toMatchObject({ attempts: 2, pagesDone: 1, alone: true });
      expect(await store.finish(own, { state: "succeeded" })).toBe(false);
    });
  });
}

/** What the runner makes of a task, with a real store and an engine that does as it is told. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PagesOptions } from "../../src/engine/engine.ts";
import { GlyphpoolError } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { TaskRunner } from "../../src/server/tasks/runner.ts";
import type { RunnerOptions } from "../../src/server/tasks/runner.ts";
import { openSqlite } from "../../src/server/store/open-store.ts";
import { StoreUnavailable } from "../../src/server/store/task-store.ts";
import { Statistics } from "../../src/server/tasks/statistics.ts";
import type {
  Admission,
  StoredPage,
  StoredTask,
  TaskStore,
} from "../../src/server/store/task-store.ts";
import type { DocumentPage } from "../../src/types.ts";

type Reading = (options: PagesOptions) => AsyncGenerator<DocumentPage, void, undefined>;

const ADMISSION: Admission = {
  maxTasks: 100,
  maxBytes: 1e6,
  ownerMaxTasks: 100,
  ownerMaxBytes: 1e6,
  maxStoredBytes: 1e9,
};

function page(number: number, code?: ErrorCode): DocumentPage {
  return {
    number,
    source: "ocr",
    width: 1,
    height: 1,
    rotation: 0,
    text: `page ${number}`,
    lines: [],
    timings: { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 },
    ...(code === undefined ? {} : { error: new GlyphpoolError(code, "why") }),
  };
}

/** Until the signal fires. */
async function forever({ signal }: PagesOptions): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const abort = (): void => reject(new GlyphpoolError("ABORTED", "aborted"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
  });
}

describe("TaskRunner", () => {
  let folder: string;
  let store: TaskStore;
  let runner: TaskRunner | undefined;
  let files = 0;

  beforeEach(async () => {
    folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    store = await openSqlite(folder, { maxAttempts: 3 });
  });
  afterEach(async () => {
    await runner?.drain(0);
    runner = undefined;
    await store[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  function start(reading: Reading, options: Partial<RunnerOptions> = {}): TaskRunner {
    const memory = { level: "ok", actions: [] as string[] };
    runner = new TaskRunner({
      engine: {
        // The runner stores plain pages: it does not need their methods.
        pages: (_input, pagesOptions) => reading(pagesOptions as PagesOptions) as never,
        memory: { snapshot: () => memory as never },
      },
      store,
      tasks: 1,
      limits: { maxPages: 5, deadline: 60_000 },
      maxAttempts: 3,
      heartbeat: 20,
      statistics: new Statistics(),
      log: { info: () => undefined, error: () => undefined },
      ...options,
    });
    runner.start();
    return runner;
  }

  async function submit(content = "\x89PNG", options = {}, owner = "a"): Promise<string> {
    const path = `${folder}/upload-${files++}`;
    await Deno.writeTextFile(path, content);
    const input = { path, bytes: content.length };
    const task = { owner, name: undefined, options, input, fingerprint: content };
    return (await store.create({ ...task, idempotencyKey: undefined }, ADMISSION)).task.id;
  }

  async function ended(id: string): Promise<StoredTask> {
    await expect
      .poll(async () => (await store.get(id))?.endedAt, { timeout: 15_000, interval: 10 })
      .toBeDefined();
    return (await store.get(id)) as StoredTask;
  }

  it("stores each page as it comes, and ends the task", async () => {
    start(async function* ({ onProgress }) {
      onProgress?.({ stage: "page", done: 0, total: 2 });
      yield page(1);
      yield page(2, "IMAGE_CORRUPT");
    });
    const id = await submit();
    expect(await ended(id)).toMatchObject({ state: "succeeded", pagesDone: 2, pagesTotal: 2 });
    expect(await store.events(id, 0)).toMatchObject([
      { type: "queued" },
      { type: "page", number: 1, total: 2 },
      { type: "page", number: 2, error: "IMAGE_CORRUPT" },
      { type: "done", state: "succeeded" },
    ]);
  });

  it("stops at once when the task is cancelled elsewhere", async () => {
    let aborted = false;
    start(async function* (options) {
      yield page(1);
      await forever(options).finally(() => (aborted = true));
    });
    const id = await submit();
    await expect.poll(async () => (await store.get(id))?.pagesDone).toBe(1);
    await store.cancel(id);
    await expect.poll(() => aborted).toBe(true);
    expect(await store.get(id)).toMatchObject({ state: "cancelled" });
  });

  it("fails a task that has too many pages or takes too long", async () => {
    start(
      async function* (options) {
        options.onProgress?.({ stage: "page", done: 0, total: 6 });
        yield await forever(options);
      },
      { limits: { maxPages: 5, deadline: 60_000 } },
    );
    expect(await ended(await submit())).toMatchObject({
      state: "failed",
      error: { code: "DOCUMENT_TOO_LARGE" },
    });
    await runner?.drain(0);
    start(
      async function* (options) {
        yield await forever(options);
      },
      { limits: { maxPages: 5, deadline: 50 } },
    );
    expect(await ended(await submit())).toMatchObject({
      state: "failed",
      error: { code: "DEADLINE_EXCEEDED" },
    });
  });

  it("gives what runs back to the queue when there is no time left", async () => {
    const running = start(async function* (options) {
      yield page(1);
      await forever(options);
    });
    const id = await submit();
    await expect.poll(async () => (await store.get(id))?.pagesDone).toBe(1);
    await running.drain(30);
    expect(await store.get(id)).toMatchObject({ state: "queued", attempts: 0 });
  });

  it("reads again, by itself, what wanted more memory while something else ran", async () => {
    const held = Promise.withResolvers<void>();
    let small = 0;
    start(
      async function* ({ dpi }) {
        if (dpi === 100) await held.promise;
        else if (small++ === 0) yield page(1, "MEMORY_EXHAUSTED");
        yield page(1);
      },
      { tasks: 2 },
    );
    const large = await submit("\x89PNG", { dpi: 100 });
    await expect.poll(async () => (await store.get(large))?.state).toBe("running");
    const id = await submit();
    await expect.poll(async () => (await store.get(id))?.alone).toBe(true);
    held.resolve();
    expect(await ended(id)).toMatchObject({ state: "succeeded", attempts: 2 });
  });

  it("does not read again what wanted more memory than there is", async () => {
    let reads = 0;
    start(async function* () {
      reads++;
      yield page(1, "MEMORY_EXHAUSTED");
    });
    expect(await ended(await submit())).toMatchObject({
      state: "failed",
      attempts: 1,
      error: { code: "MEMORY_EXHAUSTED" },
    });
    expect(reads).toBe(1);
  });

  it("brings a task to its end however long the store is away", async () => {
    let away = false;
    for (const name of ["finish", "release"] as const) {
      const work = store[name].bind(store) as (...args: unknown[]) => Promise<boolean>;
      store[name] = async (...args: unknown[]) => {
        if (away) throw new StoreUnavailable("full", "disk is full");
        return await work(...args);
      };
    }
    start(async function* () {
      yield page(1);
      away = true;
      setTimeout(() => (away = false), 2_500);
    });
    expect(await ended(await submit())).toMatchObject({ state: "succeeded", attempts: 1 });
  });

  it("does not take a lost connection for a fault of the document, and goes on after the stored pages", async () => {
    let failures = 0;
    const add = store.addPage.bind(store);
    store.addPage = async (claim, stored: StoredPage) => {
      if (stored.number === 2 && failures++ === 0) throw new StoreUnavailable("away", "ECONNRESET");
      return await add(claim, stored);
    };
    const asked: (string | undefined)[] = [];
    start(async function* ({ pages, onProgress }) {
      asked.push(pages);
      const from = pages === undefined ? 1 : 2;
      onProgress?.({ stage: "page", done: 0, total: 4 - from });
      for (let number = from; number <= 3; number++) yield page(number);
    });
    const id = await submit("%PDF-1.7");
    expect(await ended(id)).toMatchObject({
      state: "succeeded",
      attempts: 1,
      pagesDone: 3,
      pagesTotal: 3,
    });
    expect(asked).toEqual([undefined, "2-r1"]);
    const numbers: number[] = [];
    for await (const json of store.pages(id))
      numbers.push((JSON.parse(json) as DocumentPage).number);
    expect(numbers).toEqual([1, 2, 3]);
  });

  it("lets another owner's small task in after a page, and finishes the long ones", async () => {
    const order: string[] = [];
    start(
      async function* ({ dpi, pages, onProgress }) {
        const total = dpi === 300 ? 1 : 40;
        const from = pages === undefined ? 1 : Number.parseInt(pages, 10);
        onProgress?.({ stage: "page", done: 0, total: total - from + 1 });
        for (let number = from; number <= total; number++) {
          await new Promise((resolve) => setTimeout(resolve, 25));
          order.push(`${dpi}`);
          yield page(number);
        }
      },
      { tasks: 2, limits: { maxPages: 100, deadline: 60_000 } },
    );
    const long = [await submit("%PDF-1.7", { dpi: 100 }), await submit("%PDF-1.7", { dpi: 200 })];
    await expect.poll(() => order.length).toBeGreaterThan(6);
    const before = order.length;
    const small = await submit("\x89PNG", { dpi: 300 }, "b");
    await ended(small);
    // Two pages at most of each of the two that ran.
    expect(order.indexOf("300") - before).toBeLessThanOrEqual(4);
    for (const id of long) {
      expect(await ended(id)).toMatchObject({ state: "succeeded", attempts: 1, pagesDone: 40 });
    }
    expect(order).toHaveLength(81);
  });

  it("calls poison what has killed its workers, and stops reading it", async () => {
    let later = false;
    start(async function* () {
      yield page(1, "WORKER_DIED");
      later = true;
      yield page(2);
    });
    expect(await ended(await submit())).toMatchObject({
      state: "failed",
      error: { code: "TASK_POISONED" },
    });
    expect(later).toBe(false);
    // Large pages of documents are not read again by the engine: there one more attempt tells.
    expect(await ended(await submit("%PDF-1.7"))).toMatchObject({ state: "failed", attempts: 2 });
  });

  it("takes a task up again whose pages could not be stored", async () => {
    let failures = 0;
    const add = store.addPage.bind(store);
    store.addPage = async (claim, stored: StoredPage) => {
      if (failures++ === 0) throw new Error("disk I/O error");
      return await add(claim, stored);
    };
    const finish = store.finish.bind(store);
    let unfinished = 0;
    store.finish = async (claim, outcome) => {
      if (unfinished++ === 0) throw new Error("disk I/O error");
      return await finish(claim, outcome);
    };
    start(async function* () {
      yield page(1);
    });
    // The first attempt fails for a reason of ours, and not even that can be stored.
    expect(await ended(await submit())).toMatchObject({ state: "succeeded", attempts: 2 });
  });
});

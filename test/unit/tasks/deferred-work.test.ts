import { describe, expect, it } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import { DeferredWork } from "../../../src/tasks/deferred-work.ts";

const OPEN = { wait: async () => undefined };

describe("deferred work", () => {
  it("is done in order, one piece after the other", async () => {
    const work = new DeferredWork(OPEN);
    const done: string[] = [];
    let running = 0;
    for (const name of ["a", "b", "c"]) {
      work.add({
        run: async () => {
          expect(++running).toBe(1);
          await Promise.resolve();
          done.push(name);
          running--;
        },
        fail: () => done.push("failed"),
      });
    }
    await work.run(new AbortController().signal);
    expect(done).toEqual(["a", "b", "c"]);
    expect(work.length).toBe(0);
  });

  it("waits for memory before every piece", async () => {
    const gates = [deferred<void>(), deferred<void>()];
    let asked = 0;
    const work = new DeferredWork({ wait: () => gates[asked++]!.promise });
    const done: number[] = [];
    for (const n of [1, 2]) {
      work.add({ run: async () => void done.push(n), fail: () => undefined });
    }
    const all = work.run(new AbortController().signal);
    gates[0]!.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(done).toEqual([1]);
    gates[1]!.resolve();
    await all;
    expect(done).toEqual([1, 2]);
  });

  it("goes on when a piece fails, and tells it", async () => {
    const work = new DeferredWork(OPEN);
    const failed: unknown[] = [];
    let last = false;
    work.add({ run: () => Promise.reject(new Error("no")), fail: (error) => failed.push(error) });
    work.add({ run: async () => void (last = true), fail: (error) => failed.push(error) });
    await work.run(new AbortController().signal);
    expect(failed).toEqual([new Error("no")]);
    expect(last).toBe(true);
  });

  it("is cancelled while it waits for memory, and every piece hears of it", async () => {
    const work = new DeferredWork({ wait: () => new Promise(() => undefined) });
    const failed: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      work.add({
        run: () => Promise.reject(new Error("ran")),
        fail: (error) => failed.push(error),
      });
    }
    const abort = new AbortController();
    const all = work.run(abort.signal);
    abort.abort();
    await expect(all).rejects.toMatchObject({ code: "ABORTED" });
    expect(failed).toMatchObject([{ code: "ABORTED" }, { code: "ABORTED" }]);
  });
});

import { array, assert, asyncProperty, constantFrom, record as shape, scheduler } from "fast-check";
import { describe, expect, it } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { TaskRegistry } from "../../../src/tasks/completion.ts";
import type { TaskRecord } from "../../../src/tasks/completion.ts";
import { runTask } from "../../../src/tasks/run-task.ts";
import type { TaskScope } from "../../../src/tasks/run-task.ts";
import { ManualClock } from "./manual-clock.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Counted permits: stands for the semaphore. */
class Permits {
  held = 0;
  taken = 0;
  take(): Disposable {
    this.held++;
    this.taken++;
    return { [Symbol.dispose]: () => void this.held-- };
  }
}

describe("runTask", () => {
  it("releases every kind of resource in reverse order, and only then settles", async () => {
    const log: string[] = [];
    const note = (name: string) => () => void log.push(name);
    const value = await runTask(async (scope) => {
      scope.own({ [Symbol.dispose]: note("lease") });
      scope.own({
        [Symbol.asyncDispose]: async () => {
          await turn();
          log.push("service");
        },
      });
      scope.own({ close: note("bitmap") });
      scope.own({ dispose: note("tensor") });
      scope.own({ destroy: note("buffer") });
      scope.defer(note("deferred"));
      return 7;
    });
    log.push("settled");
    expect(value).toBe(7);
    expect(log).toEqual(["deferred", "buffer", "tensor", "bitmap", "service", "lease", "settled"]);
  });

  it("calls one method of a resource that has several, once, even when it is owned twice", async () => {
    const log: string[] = [];
    const resource = {
      [Symbol.dispose]: () => void log.push("dispose symbol"),
      dispose: () => void log.push("dispose"),
      close: () => void log.push("close"),
    };
    await runTask((scope) => {
      expect(scope.own(resource)).toBe(resource);
      scope.own({ close: () => void log.push("later") });
      scope.own(resource);
    });
    expect(log).toEqual(["later", "dispose symbol"]);
  });

  it("tries all releases when some throw; the result stands and the record tells", async () => {
    const released: number[] = [];
    let seen: TaskRecord | undefined;
    const value = await runTask(
      (scope) => {
        scope.defer(() => void released.push(1));
        scope.defer(() => {
          throw new Error("first");
        });
        scope.defer(() => Promise.reject(new Error("second")));
        scope.defer(() => void released.push(2));
        return "page";
      },
      { onComplete: (record) => void (seen = record) },
    );
    expect(value).toBe("page");
    expect(released).toEqual([2, 1]);
    expect(seen?.status).toBe("succeeded");
    expect(seen?.releaseErrors.map(String)).toEqual(["Error: second", "Error: first"]);
  });

  it("prefers the task's own error to that of a release", async () => {
    let seen: TaskRecord | undefined;
    const failed = runTask(
      (scope) => {
        scope.defer(() => {
          throw new Error("release");
        });
        throw new Error("own");
      },
      { onComplete: (record) => void (seen = record), name: "page 4" },
    );
    await expect(failed).rejects.toThrow("own");
    expect(seen).toMatchObject({ status: "failed", name: "page 4" });
    expect(String(seen?.error)).toBe("Error: own");
    expect(seen?.releaseErrors).toHaveLength(1);
  });

  it("rejects at once on abort, and releases when the function has settled", async () => {
    const permits = new Permits();
    const work = deferred<string>();
    const aborter = new AbortController();
    const records: TaskRecord[] = [];
    const discarded: string[] = [];
    const result = runTask(
      async (scope) => {
        scope.own(permits.take());
        return await work.promise;
      },
      {
        signal: aborter.signal,
        onComplete: (record) => void records.push(record),
        discard: (value) => void discarded.push(value),
      },
    );
    aborter.abort("enough");
    await expect(result).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(permits.held).toBe(1);
    expect(records).toEqual([]);
    work.resolve("too late");
    await turn();
    expect(permits.held).toBe(0);
    expect(discarded).toEqual(["too late"]);
    expect(records).toMatchObject([{ status: "cancelled", error: { code: "ABORTED" } }]);
  });

  it("never starts under a signal that has fired, and still tells so once", async () => {
    let started = false;
    const registry = new TaskRegistry();
    const statuses: string[] = [];
    registry.onTaskComplete(({ status }) => void statuses.push(status));
    const result = runTask(() => void (started = true), { signal: AbortSignal.abort(), registry });
    await expect(result).rejects.toMatchObject({ code: "ABORTED", name: "AbortError" });
    expect(started).toBe(false);
    expect(statuses).toEqual(["cancelled"]);
    expect(registry.running).toBe(0);
  });

  it("ends at its deadline with DEADLINE_EXCEEDED and stops its clock otherwise", async () => {
    const clock = new ManualClock();
    const records: TaskRecord[] = [];
    let scopeSignal: AbortSignal | undefined;
    const slow = runTask(
      async ({ signal }) => {
        scopeSignal = signal;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
      { deadline: 50, clock, onComplete: (record) => void records.push(record) },
    );
    clock.advance(49);
    expect(scopeSignal?.aborted).toBe(false);
    clock.advance(1);
    expect(scopeSignal?.aborted).toBe(true);
    await expect(slow).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await turn();
    expect(records).toMatchObject([{ status: "failed", startedAt: 0, ms: 50 }]);
    await runTask(() => 1, { deadline: 50, clock });
    expect(clock.pending).toBe(0);
  });

  it("fires the scope's signal when the task has ended, before anything is released", async () => {
    let atRelease: boolean | undefined;
    let during: boolean | undefined;
    await runTask(({ signal, defer }) => {
      during = signal.aborted;
      defer(() => void (atRelease = signal.aborted));
    });
    expect([during, atRelease]).toEqual([false, true]);
  });

  it("releases at once what is owned after the end, and throws", async () => {
    const permits = new Permits();
    let late: TaskScope | undefined;
    await runTask((scope) => void (late = scope));
    expect(() => late?.own(permits.take())).toThrow(/ended already/);
    expect(() => late?.defer(() => void permits.taken++)).toThrow(GlyphpoolError);
    expect(permits).toMatchObject({ held: 0, taken: 2 });
  });

  it("hands out what is disowned, and refuses what cannot be released", async () => {
    const log: string[] = [];
    const bitmap = { close: () => void log.push("closed") };
    const out = await runTask((scope) => scope.disown(scope.own(bitmap)));
    expect(out).toBe(bitmap);
    expect(log).toEqual([]);
    const wrong = runTask((scope) => void scope.own({} as Disposable));
    await expect(wrong).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  it("leaves no listener on the caller's signal", async () => {
    const aborter = new AbortController();
    let listeners = 0;
    const { signal } = aborter;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (
      listeners--,
      remove(...args)
    );
    await runTask(() => 1, { signal });
    await runTask(() => Promise.reject(new Error("x")), { signal }).catch(() => undefined);
    expect(listeners).toBe(0);
  });
});

describe("whatever happens, in whatever order", () => {
  const ends = ["succeed", "throw", "abort first", "abort inside", "deadline"] as const;
  it("no permit is lost and each callback is called exactly once", async () => {
    await assert(
      asyncProperty(
        scheduler(),
        array(
          shape({
            end: constantFrom(...ends),
            release: constantFrom("fine", "throws", "rejects", "waits"),
            listener: constantFrom("fine", "throws", "rejects"),
          }),
          { maxLength: 8 },
        ),
        async (s, plans) => {
          const clock = new ManualClock();
          const permits = new Permits();
          const registry = new TaskRegistry();
          const own: number[][] = plans.map(() => []);
          const heard: TaskRecord[] = [];
          registry.onTaskComplete(() => {
            throw new Error("a bad listener");
          });
          registry.onTaskComplete((entry) => void heard.push(entry));
          const results = plans.map(({ end, release, listener }, index) => {
            const aborter = new AbortController();
            if (end === "abort first") aborter.abort();
            return runTask(
              async (scope) => {
                scope.own(permits.take());
                await s.schedule(Promise.resolve(), `task ${index}`);
                scope.defer(() => {
                  if (release === "throws") throw new Error("release");
                  if (release === "rejects") return Promise.reject(new Error("release"));
                  return release === "waits" ? s.schedule(Promise.resolve()) : undefined;
                });
                if (end === "abort inside") aborter.abort();
                if (end === "deadline") clock.advance(10);
                await s.schedule(Promise.resolve());
                scope.own(permits.take());
                if (end === "throw") throw new Error(`task ${index}`);
                return index;
              },
              {
                name: String(index),
                registry,
                clock,
                signal: aborter.signal,
                deadline: end === "deadline" ? 10 : 0,
                onComplete: ({ id }) => {
                  own[index]?.push(id);
                  if (listener === "throws") throw new Error("listener");
                  return listener === "rejects" ? Promise.reject(new Error("listener")) : undefined;
                },
              },
            );
          });
          const all = Promise.allSettled(results);
          await s.waitFor(all);
          await s.waitFor(registry.whenIdle());
          const settled = await all;
          const expected = { succeed: "succeeded", throw: "failed", deadline: "failed" } as const;
          expect(permits.held).toBe(0);
          expect(own.map((calls) => calls.length)).toEqual(plans.map(() => 1));
          const byName = heard.toSorted((a, b) => Number(a.name) - Number(b.name));
          expect(byName.map(({ name }) => name)).toEqual(plans.map((_, index) => String(index)));
          for (const [index, { end }] of plans.entries()) {
            const status = end in expected ? expected[end as keyof typeof expected] : "cancelled";
            expect(byName[index]?.status).toBe(status);
            expect(settled[index]?.status).toBe(end === "succeed" ? "fulfilled" : "rejected");
          }
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

import { array, assert, asyncProperty, boolean, integer, record, scheduler } from "fast-check";
import { describe, expect, it } from "vitest";
import { Semaphore } from "../../../src/core/semaphore.ts";
import type { Permit } from "../../../src/core/semaphore.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Notes the order in which shares are granted. */
function recorder(semaphore: Semaphore) {
  const order: string[] = [];
  const permits = new Map<string, Permit>();
  const take = async (name: string, weight: number, priority = 0, signal?: AbortSignal) => {
    permits.set(name, await semaphore.acquire(weight, { priority, signal }));
    order.push(name);
  };
  const give = async (name: string): Promise<void> => {
    permits.get(name)?.[Symbol.dispose]();
    await turn();
  };
  return { order, take, give };
}

describe("Semaphore", () => {
  it("never exceeds its capacity, loses no permit and grants or rejects every request", async () => {
    const task = record({
      weight: integer({ min: 1, max: 5 }),
      priority: integer({ min: 0, max: 2 }),
      cancel: boolean(),
      fail: boolean(),
    });
    await assert(
      asyncProperty(
        scheduler(),
        integer({ min: 5, max: 8 }),
        array(task, { minLength: 1, maxLength: 25, size: "max" }),
        async (s, capacity, tasks) => {
          const semaphore = new Semaphore(capacity);
          let held = 0;
          let most = 0;
          const runs = tasks.map(async ({ weight, priority, cancel, fail }) => {
            const controller = new AbortController();
            if (cancel) void s.schedule(Promise.resolve()).then(() => controller.abort());
            const permit = await semaphore.acquire(weight, {
              priority,
              signal: controller.signal,
            });
            held += weight;
            most = Math.max(most, held);
            expect(held).toBeLessThanOrEqual(capacity);
            try {
              await s.schedule(Promise.resolve());
              if (fail) throw new Error("task");
            } finally {
              held -= weight;
              permit[Symbol.dispose]();
              permit[Symbol.dispose]();
            }
          });
          const all = Promise.allSettled(runs);
          await s.waitFor(all);
          for (const [index, result] of (await all).entries()) {
            const { cancel, fail } = tasks[index] as (typeof tasks)[number];
            const settled = fail ? "rejected" : "fulfilled";
            expect(cancel ? [settled, "rejected"] : [settled]).toContain(result.status);
          }
          expect(semaphore).toMatchObject({ inUse: 0, waiting: 0 });
          // Permits that are granted in one turn are counted before their holders run.
          expect(semaphore.peak).toBeGreaterThanOrEqual(most);
          expect(semaphore.peak).toBeLessThanOrEqual(capacity);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("grants within a priority in the order of arrival, whatever the weights and releases", async () => {
    await assert(
      asyncProperty(
        scheduler(),
        array(record({ weight: integer({ min: 1, max: 4 }), priority: integer({ max: 3 }) }), {
          maxLength: 20,
          size: "max",
        }),
        async (s, tasks) => {
          const semaphore = new Semaphore(4);
          const granted: number[] = [];
          using gate = await semaphore.acquire(4);
          const runs = tasks.map(async ({ weight, priority }, index) => {
            using permit = await semaphore.acquire(weight, { priority });
            void permit;
            granted.push(index);
            await s.schedule(Promise.resolve());
          });
          gate[Symbol.dispose]();
          await s.waitFor(Promise.all(runs));
          // All wait before the first is granted, so the whole order follows from the rule.
          const expected = tasks
            .map(({ priority }, index) => ({ priority, index }))
            .sort((a, b) => b.priority - a.priority || a.index - b.index)
            .map(({ index }) => index);
          expect(granted).toEqual(expected);
        },
      ),
    );
  });

  it("does not let light ones starve a heavy one", async () => {
    const { order, take, give } = recorder(new Semaphore(3));
    void take("a", 1);
    void take("b", 1);
    void take("heavy", 3);
    void take("c", 1);
    await turn();
    expect(order).toEqual(["a", "b"]);
    await give("a");
    expect(order).toEqual(["a", "b"]);
    await give("b");
    expect(order).toEqual(["a", "b", "heavy"]);
    await give("heavy");
    expect(order).toEqual(["a", "b", "heavy", "c"]);
  });

  it("goes on when the one that kept others back is cancelled", async () => {
    const { order, take } = recorder(new Semaphore(2));
    const controller = new AbortController();
    void take("a", 1);
    const heavy = take("heavy", 2, 0, controller.signal);
    void take("b", 1);
    await turn();
    expect(order).toEqual(["a"]);
    controller.abort();
    await expect(heavy).rejects.toMatchObject({ code: "ABORTED" });
    expect(order).toEqual(["a", "b"]);
  });

  it("shrinks without breaking held shares, pauses at 0 and grows again", async () => {
    const semaphore = new Semaphore(3);
    const { order, take, give } = recorder(semaphore);
    void take("a", 2);
    void take("b", 1);
    await turn();
    semaphore.setCapacity(1);
    expect(semaphore).toMatchObject({ capacity: 1, inUse: 3 });
    void take("heavy", 2);
    void take("c", 1);
    await give("a");
    expect(order).toEqual(["a", "b"]);
    await give("b");
    // "heavy" cannot run at all for now, so it keeps nobody back.
    expect(order).toEqual(["a", "b", "c"]);
    semaphore.setCapacity(0);
    await give("c");
    void take("d", 1);
    await turn();
    expect(order).toEqual(["a", "b", "c"]);
    expect(semaphore).toMatchObject({ inUse: 0, waiting: 2 });
    semaphore.setCapacity(3);
    await turn();
    expect(order).toEqual(["a", "b", "c", "heavy", "d"]);
    expect(semaphore.peak).toBe(3);
  });

  it("takes at once only what nobody waits for", () => {
    const semaphore = new Semaphore(2);
    const permit = semaphore.tryAcquire();
    expect(permit?.weight).toBe(1);
    void semaphore.acquire(2);
    expect(semaphore.tryAcquire()).toBeUndefined();
    permit?.[Symbol.dispose]();
    expect(semaphore.inUse).toBe(2);
  });

  it.each([0, -1, 1.5, Number.NaN, 4])(
    "refuses a weight of %s when 3 is all there is",
    async (weight) => {
      const semaphore = new Semaphore(3, "structureConcurrency");
      semaphore.setCapacity(1);
      await expect(semaphore.acquire(weight)).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining("structureConcurrency"),
      });
    },
  );

  it.each([-1, 0.5, Number.POSITIVE_INFINITY])("refuses a capacity of %s", (capacity) => {
    expect(() => new Semaphore(capacity)).toThrow(/allowed: a whole number of at least 0/);
    expect(() => new Semaphore(1).setCapacity(capacity)).toThrow(/whole number/);
  });

  it("rejects those who wait when closed, and takes back what is held", async () => {
    const semaphore = new Semaphore(1);
    const permit = await semaphore.acquire();
    const waiting = semaphore.acquire();
    semaphore.close(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
    await expect(semaphore.acquire()).rejects.toThrow("over");
    expect(semaphore.tryAcquire()).toBeUndefined();
    permit[Symbol.dispose]();
    expect(semaphore.inUse).toBe(0);
  });

  it("grants nothing to a signal that has fired", async () => {
    const semaphore = new Semaphore(1);
    const signal = AbortSignal.abort();
    await expect(semaphore.acquire(1, { signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(semaphore).toMatchObject({ inUse: 0, waiting: 0, peak: 0 });
  });
});

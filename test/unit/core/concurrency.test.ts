import { array, assert, asyncProperty, boolean, scheduler } from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import { Breaker } from "../../../src/core/breaker.ts";
import { Mutex } from "../../../src/core/mutex.ts";
import { Deadline, untilAborted } from "../../../src/core/wait.ts";

const later = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("Mutex", () => {
  it("runs one task at a time, in order, whatever fails", async () => {
    await assert(
      asyncProperty(scheduler(), array(boolean(), { maxLength: 12 }), async (s, fails) => {
        const mutex = new Mutex();
        const order: number[] = [];
        let active = 0;
        const results = fails.map((fail, index) =>
          mutex.run(async () => {
            expect(++active).toBe(1);
            await s.schedule(Promise.resolve());
            order.push(index);
            active--;
            if (fail) throw new Error(`task ${index}`);
            return index;
          }),
        );
        const all = Promise.allSettled(results);
        await s.waitFor(all);
        expect((await all).map(({ status }) => status === "rejected")).toEqual(fails);
        expect(order).toEqual(fails.map((_, index) => index));
      }),
    );
  });

  it("turns a synchronous throw into a rejection", async () => {
    const mutex = new Mutex();
    const failed = mutex.run(() => {
      throw new Error("now");
    });
    await expect(failed).rejects.toThrow("now");
    await expect(mutex.run(() => 1)).resolves.toBe(1);
  });
});

describe("Breaker", () => {
  it("rejects what waits and what comes later, and keeps the first reason", async () => {
    const breaker = new Breaker();
    const waiting = breaker.guard(new Promise(() => undefined));
    breaker.trip(new Error("first"));
    breaker.trip(new Error("second"));
    await expect(waiting).rejects.toThrow("first");
    await expect(breaker.guard(later(5))).rejects.toThrow("first");
    expect(breaker.error?.message).toBe("first");
  });

  it("leaves results and errors of the living alone", async () => {
    const breaker = new Breaker();
    await expect(breaker.guard(Promise.resolve(7))).resolves.toBe(7);
    await expect(breaker.guard(Promise.reject(new Error("own")))).rejects.toThrow("own");
  });
});

describe("untilAborted", () => {
  it("rejects with ABORTED at once and carries the signal's reason", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(new Promise(() => undefined), controller.signal);
    controller.abort("enough");
    await expect(waiting).rejects.toMatchObject({
      code: "ABORTED",
      name: "AbortError",
      cause: "enough",
    });
    await expect(untilAborted(later(5), controller.signal)).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("swallows what the promise throws after the abort", async () => {
    const { promise, reject } = deferred<never>();
    await expect(untilAborted(promise, AbortSignal.abort())).rejects.toMatchObject({
      code: "ABORTED",
    });
    reject(new Error("late"));
    await later(5);
  });
});

describe("Deadline", () => {
  it("runs out, unless restarted in time", async () => {
    vi.useFakeTimers();
    try {
      using deadline = new Deadline(100);
      let error: unknown;
      const waiting = deadline.guard(new Promise(() => undefined)).catch((reason: unknown) => {
        error = reason;
      });
      await vi.advanceTimersByTimeAsync(80);
      deadline.restart();
      await vi.advanceTimersByTimeAsync(80);
      expect(error).toBeUndefined();
      await vi.advanceTimersByTimeAsync(20);
      await waiting;
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
    } finally {
      vi.useRealTimers();
    }
  });

  it("of 0 never runs out, and none keeps a timer after its end", () => {
    vi.useFakeTimers();
    try {
      {
        using never = new Deadline(0);
        void never;
        expect(vi.getTimerCount()).toBe(0);
        using some = new Deadline(5);
        void some;
        expect(vi.getTimerCount()).toBe(1);
      }
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

import { deepEqual, equal, ok } from "node:assert/strict";
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { FairQueue } from "../../../src/core/queue.ts";
import type { QueueEntry } from "../../../src/core/queue.ts";

/** Longer than any chain of reactions. */
const turn = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

const ROOMY = { maxCount: 1_000, maxBytes: 1e9 };

/** Notes who got the turns, in order. */
function recorder(queue: FairQueue<number>) {
  const order: string[] = [];
  const wait = (name: string, entry: QueueEntry = {}): Promise<unknown> => {
    return queue.wait(entry).then(() => order.push(name));
  };
  const drain = async (): Promise<string[]> => {
    while (queue.give(0)) await Promise.resolve();
    await Promise.resolve();
    return order;
  };
  return { order, wait, drain };
}

interface Entry {
  readonly group: string | undefined;
  readonly priority: number;
  readonly bytes: number;
  readonly controller: AbortController;
  /** Turns that other groups of its priority got since it became the first of its group. */
  readonly passed: Map<string | undefined, number>;
  readonly settled: string[];
}

/** What the queue has to do, written down naively, and a queue that is held against it. */
class Model {
  readonly limits = { maxCount: 12, maxBytes: 200 };
  readonly queue: FairQueue<number> = new FairQueue(this.limits);
  readonly all: Entry[] = [];
  readonly waiting: Entry[] = [];
  readonly served: Entry[] = [];
  paused = false;

  get bytes(): number {
    return this.waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async push(what: Pick<Entry, "group" | "priority" | "bytes">): Promise<void> {
    const { maxCount, maxBytes } = this.limits;
    const full = this.waiting.length >= maxCount || this.bytes + what.bytes > maxBytes;
    const controller = new AbortController();
    const entry: Entry = { ...what, controller, passed: new Map(), settled: [] };
    this.all.push(entry);
    void this.#wait(entry);
    await turn();
    deepEqual(entry.settled, full ? ["QUEUE_FULL"] : []);
    if (!full) this.waiting.push(entry);
  }

  async give(): Promise<void> {
    const before = this.served.length;
    const given = this.queue.give(0);
    await turn();
    equal(given, !this.paused && this.waiting.length > 0);
    equal(this.served.length, before + Number(given));
    const entry = this.served[before];
    if (!entry) return;
    equal(entry.priority, Math.max(...this.waiting.map(({ priority }) => priority)));
    equal(this.#isHead(entry), true);
    for (const head of this.waiting) {
      if (head === entry || head.priority !== entry.priority || !this.#isHead(head)) continue;
      const count: number = (head.passed.get(entry.group) ?? 0) + 1;
      // The bound: between two turns of a group every other group gets at most one.
      equal(count, 1);
      head.passed.set(entry.group, count);
    }
    this.waiting.splice(this.waiting.indexOf(entry), 1);
  }

  async cancel(which: number): Promise<void> {
    const entry = this.all[which];
    if (!entry) return;
    const at = this.waiting.indexOf(entry);
    const before = [...entry.settled];
    entry.controller.abort();
    await turn();
    deepEqual(entry.settled, at < 0 ? before : ["ABORTED"]);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  toggle(type: "pause" | "resume"): void {
    this.paused = type === "pause";
    this.queue[type]();
  }

  check(): void {
    equal(this.queue.length, this.waiting.length);
    equal(this.queue.bytes, this.bytes);
    ok(this.queue.length <= this.limits.maxCount);
    ok(this.queue.bytes <= this.limits.maxBytes);
  }

  async close(): Promise<void> {
    this.queue.close(new Error("closed"));
    await turn();
    for (const entry of this.all) equal(entry.settled.length, 1);
    for (const entry of this.waiting) deepEqual(entry.settled, ["closed"]);
    for (const [index, entry] of this.served.entries()) {
      for (const later of this.served.slice(index + 1)) {
        if (later.group !== entry.group || later.priority !== entry.priority) continue;
        ok(this.all.indexOf(entry) < this.all.indexOf(later));
      }
    }
  }

  #isHead(entry: Entry): boolean {
    const peer = ({ group, priority }: Entry): boolean =>
      group === entry.group && priority === entry.priority;
    return this.waiting.find(peer) === entry;
  }

  async #wait(entry: Entry): Promise<void> {
    try {
      await this.queue.wait({ ...entry, signal: entry.controller.signal });
      entry.settled.push("turn");
      this.served.push(entry);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      entry.settled.push(code ?? message);
    }
  }
}

describe("FairQueue", () => {
  it("lets groups take turns and keeps the order within each", async () => {
    const { wait, drain } = recorder(new FairQueue(ROOMY));
    for (const page of [1, 2, 3, 4]) void wait(`a${page}`, { group: "a" });
    for (const page of [1, 2]) void wait(`b${page}`, { group: "b" });
    void wait("c1", { group: "c" });
    expect(await drain()).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  it("serves higher priorities first, and those without a group in the order of arrival", async () => {
    const { wait, drain } = recorder(new FairQueue(ROOMY));
    void wait("low", { priority: -1 });
    void wait("first");
    void wait("second");
    void wait("urgent", { priority: 5 });
    expect(await drain()).toEqual(["urgent", "first", "second", "low"]);
  });

  it("says what is full and what to do", async () => {
    const queue = new FairQueue<number>({ maxCount: 2, maxBytes: 100 });
    void queue.wait({ bytes: 60 });
    await expect(queue.wait({ bytes: 41 })).rejects.toMatchObject({
      code: "QUEUE_FULL",
      retryable: true,
      message:
        "The queue is full: 1 tasks with 60 bytes wait already; at most 100 bytes may wait, this " +
        "has 41. Wait for earlier ones to finish and try again, or raise the limit.",
    });
    void queue.wait({ bytes: 40 });
    queue.pause();
    await expect(queue.wait()).rejects.toThrow(/at most 2 may wait.*is paused/);
    expect(queue).toMatchObject({ length: 2, bytes: 100 });
  });

  it("gives no turns while paused, and keeps everybody", async () => {
    const queue = new FairQueue<number>(ROOMY);
    const waiting = queue.wait();
    queue.pause();
    expect(queue.give(1)).toBe(false);
    expect(queue).toMatchObject({ paused: true, ready: false, length: 1 });
    queue.resume();
    expect(queue.give(2)).toBe(true);
    await expect(waiting).resolves.toBe(2);
    expect(queue.give(3)).toBe(false);
  });

  it("does not listen to signals of those who have left", async () => {
    const queue = new FairQueue<number>(ROOMY);
    const controller = new AbortController();
    const first = queue.wait({ signal: controller.signal, bytes: 5 });
    const second = queue.wait({ bytes: 7 });
    queue.give(1);
    controller.abort();
    await expect(first).resolves.toBe(1);
    expect(queue).toMatchObject({ length: 1, bytes: 7 });
    queue.close(new Error("over"));
    await expect(second).rejects.toThrow("over");
    await expect(queue.wait()).rejects.toThrow("over");
    await expect(queue.wait({ signal: AbortSignal.abort() })).rejects.toThrow("over");
  });

  const push = record({
    type: constantFrom("push" as const),
    group: constantFrom("a", "b", "c", undefined),
    priority: integer({ min: 0, max: 2 }),
    bytes: integer({ min: 0, max: 40 }),
  });
  const other = record({
    type: constantFrom("give" as const, "cancel" as const, "pause" as const, "resume" as const),
    which: integer({ min: 0, max: 30 }),
  });

  it("settles everybody exactly once, within its bounds, in order and fairly", async () => {
    await assert(
      asyncProperty(array(oneof(push, other), { maxLength: 80, size: "max" }), async (steps) => {
        const model = new Model();
        for (const step of steps) {
          if (step.type === "push") await model.push(step);
          else if (step.type === "give") await model.give();
          else if (step.type === "cancel") await model.cancel(step.which);
          else model.toggle(step.type);
          model.check();
        }
        await model.close();
      }),
      { numRuns: 300 },
    );
  });
});

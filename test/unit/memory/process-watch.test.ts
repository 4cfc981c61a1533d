import { describe, expect, it } from "vitest";
import { ProcessWatch } from "../../../src/memory/process-watch.ts";
import type { MeterReading } from "../../../src/memory/meters/board.ts";
import { MB, workerMemory } from "./fake-memory.ts";
import { FakeTarget } from "./fake-target.ts";

const hostOf = (bytes: number): MeterReading[] => [
  { name: "cgroup", scope: "process", reading: { bytes: 9000 * MB } },
  { name: "process", scope: "process", reading: { bytes } },
];

/** Shows the watch the same several times: it believes no single sample. */
function settle(watch: ProcessWatch, bytes: number, targets: readonly FakeTarget[]): void {
  for (let i = 0; i < 5; i++) watch.see(hostOf(bytes), targets);
}

describe("ProcessWatch", () => {
  it("finds a worker when the host's process has grown beyond what is counted", () => {
    const target = new FakeTarget("w", workerMemory(0, 16 * MB));
    const watch = new ProcessWatch(100 * MB);
    settle(watch, 200 * MB, [target]);
    expect(watch.next([target])).toBeUndefined();
    target.current = workerMemory(0, 216 * MB);
    settle(watch, 450 * MB, [target]);
    expect(watch.next([target])).toBeUndefined();
    settle(watch, 501 * MB, [target]);
    expect(watch.next([target])).toEqual({ target, growth: 101 * MB });
  });

  it("believes no peak that passes", () => {
    const target = new FakeTarget("w", workerMemory(0, 0));
    const watch = new ProcessWatch(100 * MB);
    settle(watch, 200 * MB, [target]);
    for (let i = 0; i < 4; i++) watch.see(hostOf(900 * MB), [target]);
    watch.see(hostOf(200 * MB), [target]);
    for (let i = 0; i < 4; i++) watch.see(hostOf(900 * MB), [target]);
    expect(watch.next([target])).toBeUndefined();
    watch.see(hostOf(900 * MB), [target]);
    expect(watch.next([target])?.growth).toBe(700 * MB);
  });

  it.each([
    ["in the process, as emulated ones are", 700],
    ["on a card of their own", 400],
  ])("takes buffers for no growth that lie %s", (_where, bytes) => {
    const target = new FakeTarget("w", workerMemory(1));
    const watch = new ProcessWatch(100 * MB);
    settle(watch, 400 * MB, [target]);
    target.current = workerMemory(300 * MB);
    settle(watch, bytes * MB, [target]);
    expect(watch.next([target])).toBeUndefined();
    target.current = workerMemory(1);
    settle(watch, 400 * MB, [target]);
    expect(watch.next([target])).toBeUndefined();
    settle(watch, 501 * MB, [target]);
    expect(watch.next([target])?.target).toBe(target);
  });

  it("takes busy workers from twice the limit on only", () => {
    const target = new FakeTarget("w", workerMemory(0, 0));
    target.busy = true;
    const watch = new ProcessWatch(100 * MB);
    settle(watch, 100 * MB, [target]);
    settle(watch, 300 * MB, [target]);
    expect(watch.next([target])).toBeUndefined();
    settle(watch, 301 * MB, [target]);
    expect(watch.next([target])?.growth).toBe(201 * MB);
  });

  it("goes through the workers of a process one by one, and then starts afresh", () => {
    const targets = ["a", "b"].map((id) => new FakeTarget(id, workerMemory(0, 0)));
    const [a, b] = targets as [FakeTarget, FakeTarget];
    const watch = new ProcessWatch(100 * MB);
    settle(watch, 100 * MB, targets);
    settle(watch, 300 * MB, targets);
    expect(watch.next(targets)?.target).toBe(a);
    watch.replaced(a, targets);
    settle(watch, 300 * MB, targets);
    expect(watch.next(targets)?.target).toBe(b);
    watch.replaced(b, targets);
    // It was not theirs: only what comes on top counts from now on.
    settle(watch, 300 * MB, targets);
    expect(watch.next(targets)).toBeUndefined();
    settle(watch, 401 * MB, targets);
    expect(watch.next(targets)?.target).toBe(a);
  });

  it("stops with those that came back enough", () => {
    const targets = ["a", "b"].map((id) => new FakeTarget(id, workerMemory(0, 0)));
    const watch = new ProcessWatch(100 * MB);
    settle(watch, 100 * MB, targets);
    settle(watch, 300 * MB, targets);
    watch.replaced(targets[0] as FakeTarget, targets);
    settle(watch, 150 * MB, targets);
    expect(watch.next(targets)).toBeUndefined();
  });

  it("judges a worker with a process of its own by that", () => {
    const inside = new FakeTarget("in", workerMemory(0, 0));
    const own = new FakeTarget("own", undefined);
    const grow = (bytes: number): void => {
      own.current = { ...workerMemory(0, 0), process: bytes };
      settle(watch, 100 * MB, [inside, own]);
    };
    const watch = new ProcessWatch(100 * MB);
    grow(50 * MB);
    grow(151 * MB);
    expect(watch.next([inside, own])).toEqual({ target: own, growth: 101 * MB });
    watch.replaced(own, [inside, own]);
    expect(watch.next([inside, own])).toBeUndefined();
    grow(60 * MB);
    grow(170 * MB);
    expect(watch.next([inside, own])?.growth).toBe(110 * MB);
  });
});

import { describe, expect, it } from "vitest";
import { MemoryGuard } from "../../../src/memory/memory-guard.ts";
import { MemoryMonitor } from "../../../src/memory/memory-monitor.ts";
import type { MemoryMonitorOptions } from "../../../src/memory/memory-monitor.ts";
import type { StepResult } from "../../../src/memory/recovery.ts";
import type { WorkerMemory } from "../../../src/memory/snapshot.ts";
import type { Meter } from "../../../src/memory/meters/meter.ts";
import { FakeMeter, MB, workerMemory } from "./fake-memory.ts";
import { FakeTarget } from "./fake-target.ts";
import { FakeTimers } from "./fake-timers.ts";

const BUDGET = { bytes: 1000 * MB, basis: "test", warning: 0.75, critical: 0.9 };

interface Scene {
  readonly guard: MemoryGuard;
  readonly monitor: MemoryMonitor;
  readonly timers: FakeTimers;
  readonly steps: StepResult[];
  /** `step worker outcome` of each. */
  readonly log: () => string[];
  /** Lets the target's worker hold this much, and tell it. */
  readonly hold: (target: FakeTarget, memory: WorkerMemory) => void;
}

function scene(
  targets: readonly FakeTarget[],
  options: Partial<MemoryMonitorOptions> = {},
  meters: readonly Meter[] = [],
): Scene {
  const timers = new FakeTimers();
  const guard = new MemoryGuard({ budget: BUDGET, timers, meters });
  const monitor = new MemoryMonitor({
    guard,
    timers,
    interval: 1000,
    targets: () => targets,
    ...options,
    ladder: { minLife: 0, ...options.ladder },
  });
  const steps: StepResult[] = [];
  monitor.addEventListener("step", ({ detail }) => steps.push(detail));
  const hold = (target: FakeTarget, memory: WorkerMemory): void => {
    target.current = memory;
    guard.note(target.id, memory);
  };
  const log = (): string[] =>
    steps.map(({ worker, step, outcome }) => `${step} ${worker} ${outcome}`);
  return { guard, monitor, timers, steps, log, hold };
}

describe("MemoryMonitor samples", () => {
  it("starts with the first note, stops when idle and starts again", async () => {
    const target = new FakeTarget("w", undefined);
    const { monitor, timers, hold } = scene([target], { idleSamples: 3 });
    expect(monitor.isSampling).toBe(false);
    target.busy = true;
    hold(target, workerMemory(100 * MB));
    await timers.pass(10_000);
    expect(monitor.history).toHaveLength(10);
    target.busy = false;
    await timers.pass(10_000);
    expect(monitor.history).toHaveLength(13);
    expect(monitor.isSampling).toBe(false);
    expect(timers.pending).toBe(0);
    hold(target, workerMemory(200 * MB));
    await timers.pass(1000);
    expect(monitor.history.at(-1)).toMatchObject({ level: "ok", used: 200 * MB, pressure: 0.2 });
  });

  it("goes on while the level is not ok, and keeps the latest samples only", async () => {
    const target = new FakeTarget("w", undefined);
    const { monitor, timers, hold } = scene([target], { idleSamples: 2, history: 4 });
    hold(target, workerMemory(800 * MB));
    await timers.pass(20_000);
    expect(monitor.isSampling).toBe(true);
    expect(monitor.history.map(({ at }) => at)).toEqual([17_000, 18_000, 19_000, 20_000]);
  });

  it("takes none when closed or told to take none", async () => {
    const target = new FakeTarget("w", undefined);
    const closed = scene([target]);
    closed.hold(target, workerMemory(950 * MB));
    closed.monitor.close();
    closed.hold(target, workerMemory(960 * MB));
    await closed.timers.pass(5000);
    expect(closed.monitor.history).toEqual([]);
    const none = scene([target], { interval: 0 });
    none.hold(target, workerMemory(1));
    await none.timers.pass(5000);
    expect(none.monitor.history).toEqual([]);
  });

  it("forwards the guard's level", () => {
    const target = new FakeTarget("w", undefined);
    const { monitor, hold } = scene([target]);
    const levels: string[] = [];
    monitor.addEventListener("level", ({ detail }) => levels.push(detail.level));
    hold(target, workerMemory(800 * MB));
    hold(target, workerMemory(1));
    expect(levels).toEqual(["warning", "ok"]);
  });
});

describe("the recovery ladder", () => {
  it("only trims at a warning, and not at every sample", async () => {
    const target = new FakeTarget("w", undefined);
    const { timers, hold, log } = scene([target], { trimInterval: 10_000 });
    hold(target, workerMemory(800 * MB));
    await timers.pass(9000);
    expect(log()).toEqual(["trim w recovered"]);
    await timers.pass(3000);
    expect(log()).toEqual(["trim w recovered", "trim w recovered"]);
    expect(target.calls).toEqual(["trim", "trim"]);
  });

  it("goes on to the next step when one does not help, and records what came back", async () => {
    const target = new FakeTarget("w", undefined);
    const { guard, monitor, timers, hold, steps } = scene([target]);
    const events: string[] = [];
    for (const type of ["evicted", "recycled", "respawned"] as const) {
      monitor.addEventListener(type, ({ detail }) =>
        events.push(`${type} ${detail.givenBack / MB}`),
      );
    }
    target.effects.evict = () => 200 * MB;
    target.effects.recycle = () => {
      hold(target, workerMemory(850 * MB));
      return true;
    };
    target.effects.respawn = () => {
      hold(target, workerMemory(0, 20 * MB));
      return true;
    };
    hold(target, workerMemory(950 * MB));
    await timers.pass(60_000);
    // What is expected of a step: nothing is trimmable, an eviction names its bytes, a device all of them.
    console.table(steps);
    expect(steps).toEqual([
      { worker: "w", step: "trim", outcome: "recovered", expected: 0, givenBack: 0, took: 0 },
      {
        worker: "w",
        step: "evict",
        outcome: "failed",
        reason: "not enough came back within 5000 ms",
        expected: 200 * MB,
        givenBack: 0,
        took: 5000,
      },
      expect.objectContaining({ step: "recycle", outcome: "failed", givenBack: 100 * MB }),
      expect.objectContaining({ step: "respawn", outcome: "recovered", givenBack: 830 * MB }),
    ]);
    expect(target.calls).toEqual(["trim", "evict 250000000", "recycle", "respawn"]);
    expect(events).toEqual(["evicted 0", "recycled 100", "respawned 830"]);
    expect(guard.level).toBe("ok");
    expect(monitor.metrics().counters.steps.recycle).toMatchObject({ failed: 1, givenBack: 1e8 });
  });

  it("goes no further than it must: an eviction that helps is the last step", async () => {
    const target = new FakeTarget("w", undefined);
    const { timers, hold, log } = scene([target]);
    target.effects.evict = (bytes) => {
      hold(target, workerMemory(950 * MB - bytes));
      return bytes;
    };
    hold(target, workerMemory(950 * MB));
    await timers.pass(30_000);
    expect(log()).toEqual(["trim w recovered", "evict w recovered"]);
  });

  it("waits for bytes that come back late", async () => {
    const target = new FakeTarget("w", undefined);
    const { timers, hold, steps } = scene([target]);
    target.effects.evict = (bytes) => {
      timers.after(1100, () => hold(target, workerMemory(600 * MB)));
      return bytes;
    };
    hold(target, workerMemory(950 * MB));
    await timers.pass(20_000);
    expect(steps.at(-1)).toMatchObject({ step: "evict", outcome: "recovered", took: 1250 });
  });

  it("backs off before each harder step", async () => {
    const target = new FakeTarget("w", undefined);
    const times: number[] = [];
    const { timers, hold } = scene([target], { ladder: { backoff: 1000, deadline: 0 } });
    target.effects.trim = () => void times.push(timers.now());
    target.effects.evict = () => times.push(timers.now());
    target.effects.recycle = () => times.push(timers.now()) > 0;
    target.effects.respawn = () => {
      times.push(timers.now());
      hold(target, workerMemory(1));
      return true;
    };
    hold(target, workerMemory(950 * MB));
    await timers.pass(30_000);
    expect(times).toEqual([1000, 2000, 4000, 8000]);
  });

  it("takes idle workers before busy ones, the largest first, and replaces no busy one", async () => {
    const busy = new FakeTarget("busy", undefined);
    const small = new FakeTarget("small", undefined);
    const large = new FakeTarget("large", undefined);
    busy.busy = true;
    const { timers, hold, log } = scene([busy, small, large], { ladder: { deadline: 0 } });
    large.effects.respawn = () => {
      hold(large, workerMemory(0, 200 * MB));
      return true;
    };
    small.effects.respawn = () => {
      hold(small, workerMemory(0, 150 * MB));
      return true;
    };
    hold(busy, workerMemory(0, 450 * MB));
    hold(small, workerMemory(0, 200 * MB));
    hold(large, workerMemory(0, 300 * MB));
    await timers.pass(1600);
    expect(log().slice(0, 3)).toEqual([
      "trim large recovered",
      "trim small recovered",
      "trim busy recovered",
    ]);
    expect(log().filter((entry) => /evict|recycle/.test(entry))).toHaveLength(6);
    expect(log().filter((entry) => entry.startsWith("evict"))).not.toContain("recovered");
    expect(log().filter((entry) => entry.startsWith("respawn"))).toEqual([
      "respawn large failed",
      "respawn small failed",
      "respawn busy skipped",
    ]);
    expect(busy.calls).toEqual(["trim"]);
  });

  it("replaces a busy worker after all, when the whole budget is exceeded for too long", async () => {
    const busy = new FakeTarget("w", undefined);
    busy.busy = true;
    const { timers, hold, log } = scene([busy], { ladder: { busyGracePeriod: 20_000 } });
    busy.effects.respawn = () => {
      hold(busy, workerMemory(0, 10 * MB));
      return true;
    };
    hold(busy, workerMemory(0, 1100 * MB));
    await timers.pass(18_000);
    expect(busy.calls).not.toContain("respawn");
    await timers.pass(30_000);
    expect(busy.calls.filter((call) => call === "respawn")).toHaveLength(1);
    expect(log().at(-1)).toBe("respawn w recovered");
  });

  it("replaces workers neither young nor too often", async () => {
    const target = new FakeTarget("w", undefined);
    const ladder = { minLife: 10_000, maxRespawns: 2, window: 100_000, deadline: 0 };
    const { timers, hold, steps } = scene([target], { ladder });
    const times: number[] = [];
    target.effects.respawn = () => {
      times.push(timers.now());
      return true;
    };
    hold(target, workerMemory(0, 950 * MB));
    await timers.pass(400_000);
    const [first = 0, second = 0, third = 0, ...more] = times;
    expect(first).toBeGreaterThanOrEqual(11_000);
    expect(second - first).toBeGreaterThanOrEqual(10_000);
    expect(third - first).toBeGreaterThanOrEqual(100_000);
    // At most two in any 100 seconds.
    expect(more.length).toBeLessThanOrEqual(5);
    expect((more[0] ?? Infinity) - second).toBeGreaterThanOrEqual(100_000);
    const reasons = new Set(
      steps.filter(({ step }) => step === "respawn").map(({ reason }) => reason),
    );
    expect(reasons).toContain("it lives for less than 10000 ms");
    expect(reasons).toContain("2 workers were replaced in 100000 ms");
  });

  it("gives up a step that never ends or fails, and takes the next", async () => {
    const target = new FakeTarget("w", undefined);
    const { timers, hold, steps } = scene([target], { ladder: { deadline: 2000 } });
    target.effects.trim = () => {
      throw new Error("broken");
    };
    hold(target, workerMemory(950 * MB));
    await timers.pass(1000);
    expect(steps[0]).toMatchObject({ step: "trim", outcome: "failed", reason: "broken" });
    target.hangs = true;
    await timers.pass(3000);
    expect(steps[1]).toMatchObject({
      step: "evict",
      outcome: "failed",
      reason: "no end within 2000 ms",
    });
    target.hangs = false;
    await timers.pass(1000);
    expect(target.calls).toContain("recycle");
  });

  it("replaces an idle worker whose heap is mostly what unloaded models left", async () => {
    const target = new FakeTarget("w", undefined);
    const { timers, hold, log } = scene([target], { maxIdleHeap: 100 * MB });
    target.effects.respawn = () => {
      hold(target, workerMemory(0, 16 * MB));
      return true;
    };
    target.busy = true;
    hold(target, workerMemory(0, 300 * MB, 101 * MB));
    await timers.pass(3000);
    expect(log()).toEqual([]);
    target.busy = false;
    await timers.pass(3000);
    expect(log()).toEqual(["respawn w recovered"]);
  });

  it("waits with it until the worker is old enough, and does not fall asleep meanwhile", async () => {
    const target = new FakeTarget("w", undefined);
    const { timers, hold, log } = scene([target], {
      maxIdleHeap: 100 * MB,
      idleSamples: 2,
      ladder: { minLife: 20_000 },
    });
    target.effects.respawn = () => {
      hold(target, workerMemory(0, 16 * MB));
      return true;
    };
    hold(target, workerMemory(0, 300 * MB, 101 * MB));
    await timers.pass(20_000);
    expect(log()).toEqual([]);
    await timers.pass(5000);
    expect(log()).toEqual(["respawn w recovered"]);
    expect(timers.pending).toBe(0);
  });

  it("replaces a worker whose process has grown beyond what is counted, and not again for the same", async () => {
    const target = new FakeTarget("w", undefined);
    const meter = new FakeMeter("process", "process");
    const { timers, hold, log } = scene([target], { maxProcessGrowth: 100 * MB }, [meter]);
    target.effects.respawn = () => {
      hold(target, workerMemory(0, 16 * MB));
      return true;
    };
    meter.reading = { bytes: 200 * MB };
    hold(target, workerMemory(0, 16 * MB));
    await timers.pass(5000);
    meter.reading = { bytes: 320 * MB };
    target.busy = true;
    hold(target, workerMemory(0, 16 * MB));
    await timers.pass(20_000);
    expect(log()).toEqual([]);
    target.busy = false;
    await timers.pass(20_000);
    expect(log()).toEqual(["respawn w recovered"]);
    expect(timers.pending).toBe(0);
  });

  it("does not replace small workers because another program fills the device", async () => {
    const target = new FakeTarget("w", undefined);
    const device = new FakeMeter("device", "device");
    const { timers, hold, log } = scene([target], { ladder: { deadline: 0 } }, [device]);
    device.reading = { bytes: 95, limit: 100 };
    hold(target, workerMemory(0, 17 * MB));
    await timers.pass(10_000);
    expect(log()).toContain("respawn w skipped");
    expect(new Set(target.calls)).toEqual(new Set(["trim"]));
    hold(target, workerMemory(0, 90 * MB));
    await timers.pass(20_000);
    expect(target.calls).toContain("respawn");
  });

  it("rests longer and longer between climbs that are not enough", async () => {
    const target = new FakeTarget("w", undefined);
    const times: number[] = [];
    const ladder = { minLife: 1e9, deadline: 0, backoff: 0, rest: 5000 };
    const { timers, hold } = scene([target], { ladder });
    target.effects.trim = () => void times.push(timers.now());
    hold(target, workerMemory(0, 950 * MB));
    await timers.pass(60_000);
    expect(times).toEqual([1000, 6000, 16_000, 36_000]);
    hold(target, workerMemory(0, 100 * MB));
    await timers.pass(2000);
    hold(target, workerMemory(0, 950 * MB));
    await timers.pass(2000);
    expect(times).toHaveLength(5);
  });

  it("takes no further step once it is closed", async () => {
    const target = new FakeTarget("w", undefined);
    const { monitor, timers, hold } = scene([target]);
    target.effects.trim = () => monitor.close();
    hold(target, workerMemory(950 * MB));
    await timers.pass(30_000);
    expect(target.calls).toEqual(["trim"]);
  });
});

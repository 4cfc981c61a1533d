import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIONS, FULL_QUALITY } from "../../../src/memory/actions.ts";
import type { MemoryBudget } from "../../../src/memory/budget.ts";
import { HYSTERESIS } from "../../../src/memory/levels.ts";
import { MemoryGuard } from "../../../src/memory/memory-guard.ts";
import type { MemoryGuardOptions } from "../../../src/memory/memory-guard.ts";
import { FakeMeter, MB, workerMemory } from "./fake-memory.ts";
import { FakeTimers } from "./fake-timers.ts";

const BUDGET: MemoryBudget = { bytes: 100 * MB, basis: "test", warning: 0.75, critical: 0.9 };

interface Scene {
  readonly guard: MemoryGuard;
  readonly timers: FakeTimers;
  readonly log: string[];
  /** Lets the one worker tell so many MB. */
  readonly use: (megabytes: number) => void;
}

function scene(options: Partial<MemoryGuardOptions> = {}): Scene {
  const timers = new FakeTimers();
  const guard = new MemoryGuard({ budget: BUDGET, timers, ...options });
  const log: string[] = [];
  guard.addEventListener("level", ({ detail }) => log.push(`${detail.previous} → ${detail.level}`));
  guard.addEventListener("action", ({ detail }) => log.push(`${detail.phase} ${detail.name}`));
  return { guard, timers, log, use: (mb) => guard.note("w", workerMemory(mb * MB)) };
}

describe("MemoryGuard", () => {
  it("fires each action at its pressure and undoes each, ok → warning → critical → ok", () => {
    const { guard, log, use } = scene();
    const seen: [used: number, events: string][] = [];
    for (const used of [74, 75, 80, 85, 90, 95, 100, 95, 94, 89, 84, 79, 74, 70, 69]) {
      log.length = 0;
      use(used);
      seen.push([used, log.join(", ")]);
    }
    console.log(seen.map(([used, events]) => `${used} %: ${events}`).join("\n"));
    expect(seen).toEqual([
      [74, ""],
      [75, "ok → warning, fired smaller-batches"],
      [80, "fired smaller-detection"],
      [85, "fired defer-structure"],
      [90, "warning → critical, fired skip-structure"],
      [95, "fired pause-intake"],
      [100, "fired refuse-intake"],
      [95, ""],
      [94, "undone refuse-intake"],
      [89, "undone pause-intake"],
      [84, "critical → warning, undone skip-structure"],
      [79, "undone defer-structure"],
      [74, "undone smaller-detection"],
      [70, ""],
      [69, "warning → ok, undone smaller-batches"],
    ]);
    expect(guard.quality).toEqual(FULL_QUALITY);
  });

  it("lowers the quality with each action and brings it back", () => {
    const { guard, use } = scene();
    const full = { ...FULL_QUALITY };
    use(10);
    expect(guard.quality).toEqual(full);
    use(76);
    expect(guard.quality).toEqual({ ...full, maxBatchWidth: 1280 });
    use(81);
    const small = { ...full, maxBatchWidth: 1280, maxDetectionPixels: 500_000 };
    expect(guard.quality).toEqual(small);
    use(86);
    expect(guard.quality).toEqual({ ...small, structure: "defer" });
    use(91);
    expect(guard.quality).toEqual({ ...small, structure: "skip" });
    use(96);
    expect(guard.quality).toEqual({ ...small, structure: "skip", intake: "paused" });
    use(120);
    expect(guard.quality).toEqual({ ...small, structure: "skip", intake: "refuse" });
    expect(() => guard.checkIntake()).toThrow(
      expect.objectContaining({ code: "MEMORY_EXHAUSTED", retryable: true }),
    );
    use(10);
    expect(guard.quality).toEqual(full);
    expect(() => guard.checkIntake()).not.toThrow();
  });

  it("does not flap around a threshold", () => {
    const { log, use } = scene();
    for (let round = 0; round < 50; round++) {
      use(76);
      use(74);
      use(71);
    }
    expect(log).toEqual(["ok → warning", "fired smaller-batches"]);
  });

  it("counts GPU memory, its overhead and the heaps of all workers", () => {
    const { guard } = scene();
    guard.note("a", { ...workerMemory(30 * MB, 10 * MB), gpuOverhead: 5 * MB });
    guard.note("b", workerMemory(0, 20 * MB));
    expect(guard.snapshot()).toMatchObject({ used: 65 * MB, pressure: 0.65, source: "budget" });
    expect(guard.headroom).toBe(10 * MB);
    expect(guard.excess).toBe(0);
    guard.note("b", workerMemory(0, 50 * MB));
    expect(guard.level).toBe("critical");
    expect(guard.headroom).toBe(0);
    expect(guard.excess).toBe(25 * MB);
    guard.forget("b");
    expect(guard.level).toBe("ok");
    guard.setBudget(50 * MB, "shared with another tab");
    expect(guard.level).toBe("critical");
  });

  it("is unknown, and as careful as at a warning, when a worker cannot tell", () => {
    const { guard, log, use } = scene();
    guard.note("w", undefined);
    expect(guard.level).toBe("unknown");
    expect(guard.headroom).toBeUndefined();
    expect(guard.quality).toMatchObject({ structure: "defer", intake: "open" });
    use(72);
    // Not ok yet: what was unknown ends like a warning.
    expect(guard.level).toBe("warning");
    use(10);
    expect(log.filter((entry) => entry.includes("→"))).toEqual([
      "ok → unknown",
      "unknown → warning",
      "warning → ok",
    ]);
  });

  it("does not take back what it cannot measure", () => {
    const { guard, use } = scene();
    use(96);
    guard.note("w", undefined);
    expect(guard.level).toBe("unknown");
    expect(guard.quality.intake).toBe("paused");
    use(60);
    expect(guard.quality).toEqual(FULL_QUALITY);
  });

  it("lets no other meter stand in for the budget", async () => {
    const device = new FakeMeter("nvml", "device");
    const { guard } = scene({ meters: [device] });
    guard.note("w", undefined);
    device.reading = { bytes: 1, limit: 100 };
    expect((await guard.sample()).level).toBe("unknown");
  });

  it("takes the driver's word on our GPU bytes where the ledger cannot count", async () => {
    const driver = new FakeMeter("nvml-process", "gpu");
    const { guard } = scene({ meters: [driver] });
    const { gpu: _, ...blind } = workerMemory(1, 10 * MB);
    guard.note("w", blind);
    driver.reading = { bytes: 70 * MB };
    expect(await guard.sample()).toMatchObject({ used: 80 * MB });
    driver.reading = { unknown: "driver asleep" };
    expect(await guard.sample()).toMatchObject({ used: undefined, level: "unknown" });
  });

  it("goes by the worst meter that has a limit", async () => {
    const device = new FakeMeter("device", "device");
    const process = new FakeMeter("process", "process");
    const { guard, use } = scene({ meters: [device, process] });
    use(10);
    process.reading = { bytes: 5000 * MB };
    device.reading = { bytes: 92, limit: 100 };
    expect(await guard.sample()).toMatchObject({ level: "critical", source: "device" });
    device.reading = { bytes: 10, limit: 100 };
    expect(await guard.sample()).toMatchObject({ level: "ok", source: "budget" });
  });

  it.each([
    ["rejects", new Error("no permission"), /no permission/],
    ["hangs", "hangs" as const, /no answer within 500 ms/],
    ["shows no number", { bytes: Number.NaN }, /showed NaN/],
    ["shows a limit of 0", { bytes: 1, limit: 0 }, /limit of 0/],
  ])("calls a meter that %s unknown", async (_, reading, reason) => {
    const meter = new FakeMeter("m", "device");
    const { guard, timers } = scene({ meters: [meter], meterDeadline: 500 });
    meter.reading = { bytes: 95, limit: 100 };
    await guard.sample();
    expect(guard.level).toBe("critical");
    meter.reading = reading;
    const sampled = guard.sample();
    await timers.pass(500);
    const { meters } = await sampled;
    const shown = meters.find(({ name }) => name === "m")?.reading;
    expect(shown).toEqual({ unknown: expect.stringMatching(reason) });
    expect(timers.pending).toBe(0);
  });

  it("refuses when pausing has not helped in time, and opens again when it has", async () => {
    const { guard, timers, use } = scene({ patience: 1000 });
    use(96);
    await timers.pass(999);
    expect(guard.quality.intake).toBe("paused");
    await timers.pass(1);
    expect(guard.quality.intake).toBe("refuse");
    use(91);
    expect(guard.quality.intake).toBe("refuse");
    use(89);
    expect(guard.quality.intake).toBe("open");
    expect(timers.pending).toBe(0);
  });

  it("keeps its promises for any course of the pressure", () => {
    const percent = fc.option(fc.integer({ min: 0, max: 130 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(percent, { minLength: 1, maxLength: 40 }), (course) => {
        const { guard, log } = scene();
        const active: string[] = [];
        for (const used of course) {
          log.length = 0;
          const before = { level: guard.level, intake: guard.quality.intake };
          guard.note("w", used === undefined ? undefined : workerMemory(used * MB));
          expect(follow(active, log)).toEqual([]);
          expect(guard.snapshot().actions).toEqual(active);
          const after = { level: guard.level, intake: guard.quality.intake };
          expect(broken(used, before, after, active.length)).toEqual([]);
        }
        guard.note("w", workerMemory(1));
        expect(guard.level).toBe("ok");
        expect(guard.quality).toEqual(FULL_QUALITY);
      }),
    );
  });
});

/** Applies what was fired and undone to `active`; tells what was not in the table's order. */
function follow(active: string[], log: readonly string[]): string[] {
  const wrong: string[] = [];
  for (const entry of log.filter((line) => !line.includes("→"))) {
    const [phase, name] = entry.split(" ") as [string, string];
    const expected =
      phase === "fired" ? ACTIONS[active.push(name) - 1]?.name : (active.pop() ?? "nothing");
    if (expected !== name) wrong.push(entry);
  }
  return wrong;
}

interface Moment {
  readonly level: string;
  readonly intake: string;
}

/** The promises that a step breaks. */
function broken(
  used: number | undefined,
  before: Moment,
  after: Moment,
  actions: number,
): (string | false)[] {
  if (used === undefined) {
    return [after.level !== "unknown" && "not unknown", actions < 3 && "careless"].filter(Boolean);
  }
  const pressure = (used * MB) / BUDGET.bytes;
  return [
    pressure >= 0.9 && after.level !== "critical" && "not critical",
    pressure >= 0.75 && after.level === "ok" && "ok in spite of the pressure",
    pressure < 0.7 && after.level !== "ok" && "not ok again",
    before.level === "warning" &&
      after.level === "ok" &&
      pressure >= BUDGET.warning - HYSTERESIS &&
      "ok too early",
    pressure >= 1 && after.intake !== "refuse" && "takes tasks",
    before.intake !== "open" && after.intake === "open" && pressure >= 0.9 && "open too early",
  ].filter(Boolean);
}

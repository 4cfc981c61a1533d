import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryGuard } from "../../../src/memory/memory-guard.ts";
import { MemoryMonitor } from "../../../src/memory/memory-monitor.ts";
import { FakeMeter, MB, workerMemory } from "./fake-memory.ts";
import { FakeTarget } from "./fake-target.ts";
import { FakeTimers } from "./fake-timers.ts";
import { parseOpenMetrics } from "./parse-open-metrics.ts";

interface Scene {
  readonly timers: FakeTimers;
  readonly nvml: FakeMeter;
  readonly guard: MemoryGuard;
  readonly monitor: MemoryMonitor;
  readonly targets: readonly FakeTarget[];
}

function scene(workers: readonly string[] = ["w"]): Scene {
  const timers = new FakeTimers();
  const nvml = new FakeMeter("nvml", "device");
  const budget = { bytes: 1000 * MB, basis: "test", warning: 0.75, critical: 0.9 };
  const guard = new MemoryGuard({ budget, timers, meters: [nvml] });
  const targets = workers.map((id) => new FakeTarget(id, workerMemory(400 * MB, 16 * MB)));
  const monitor = new MemoryMonitor({ guard, timers, targets: () => targets, interval: 1000 });
  return { timers, nvml, guard, monitor, targets };
}

describe("openMetrics", () => {
  it("tells everything that the plain objects tell", async () => {
    const { guard, monitor, nvml, targets, timers } = scene();
    nvml.reading = { bytes: 5, limit: 50 };
    const model = { id: "det", role: "detection", state: "ready", reason: "", leases: 0 } as const;
    const models = [{ ...model, gpuBytes: 7, wasmBytes: 3 }];
    const memory = { ...workerMemory(780 * MB, 16 * MB), models };
    for (const target of targets) target.current = memory;
    guard.note("w", memory);
    await timers.pass(1500);
    const values = parseOpenMetrics(monitor.openMetrics());
    expect(Object.fromEntries(values)).toMatchObject({
      glyphpool_memory_budget_bytes: 1000 * MB,
      glyphpool_memory_used_bytes: 796 * MB,
      glyphpool_memory_pressure_ratio: 0.796,
      'glyphpool_memory_level{glyphpool_memory_level="warning"}': 1,
      'glyphpool_memory_level{glyphpool_memory_level="ok"}': 0,
      'glyphpool_memory_action_active{action="smaller-batches"}': 1,
      'glyphpool_memory_action_active{action="refuse-intake"}': 0,
      'glyphpool_memory_meter_known{meter="nvml"}': 1,
      'glyphpool_memory_meter_bytes{meter="nvml",scope="device"}': 5,
      'glyphpool_memory_meter_limit_bytes{meter="nvml",scope="device"}': 50,
      'glyphpool_worker_gpu_allocated_bytes{worker="w"}': 780 * MB,
      'glyphpool_worker_wasm_heap_bytes{worker="w"}': 16 * MB,
      'glyphpool_model_bytes{worker="w",model="det",memory="gpu"}': 7,
      glyphpool_memory_samples_total: 1,
      'glyphpool_memory_level_changes_total{level="warning"}': 1,
      'glyphpool_memory_actions_total{action="smaller-batches"}': 1,
      'glyphpool_memory_recovery_steps_total{step="trim",outcome="recovered"}': 1,
      'glyphpool_memory_recovered_bytes_total{step="trim"}': 0,
    });
  });

  it("gives no figure for what is unknown", async () => {
    const { guard, monitor, nvml } = scene();
    nvml.reading = { unknown: "no driver" };
    guard.note("w", undefined);
    await monitor.sample();
    const values = parseOpenMetrics(monitor.openMetrics());
    expect(values.get('glyphpool_memory_level{glyphpool_memory_level="unknown"}')).toBe(1);
    expect(values.get('glyphpool_memory_meter_known{meter="nvml"}')).toBe(0);
    expect(values.get('glyphpool_memory_meter_known{meter="gpu-ledger"}')).toBe(0);
    const absent = [...values.keys()].filter((key) => /used_bytes|pressure|meter_bytes/.test(key));
    expect(absent).toEqual([]);
  });

  it("stays well-formed for any name of a worker", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const { guard, monitor } = scene([name]);
        guard.note(name, workerMemory(5));
        const values = parseOpenMetrics(monitor.openMetrics());
        const label = name.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
        expect(values.get(`glyphpool_worker_gpu_used_bytes{worker="${label}"}`)).toBe(5);
        monitor.close();
      }),
    );
  });
});

describe("the checker of these tests", () => {
  it.each([
    ["no end", "# TYPE a gauge\n# HELP a x\na 1\n"],
    ["something after the end", "# EOF\n# TYPE a gauge\n"],
    ["a counter without _total", "# TYPE a counter\n# HELP a x\na 1\n# EOF\n"],
    ["a unit that is not in the name", "# TYPE a gauge\n# UNIT a bytes\n# HELP a x\n# EOF\n"],
    ["a sample of no family", "b 1\n# EOF\n"],
    ["a family twice", "# TYPE a gauge\n# HELP a x\n# TYPE a gauge\n# HELP a x\n# EOF\n"],
    ["a sample twice", "# TYPE a gauge\n# HELP a x\na 1\na 2\n# EOF\n"],
    ["no number", "# TYPE a gauge\n# HELP a x\na undefined\n# EOF\n"],
    ["a bad label", '# TYPE a gauge\n# HELP a x\na{b="c"d"} 1\n# EOF\n'],
    ["a negative counter", "# TYPE a counter\n# HELP a x\na_total -1\n# EOF\n"],
  ])("refuses %s", (_, text) => {
    expect(() => parseOpenMetrics(text)).toThrow(Error);
  });
});

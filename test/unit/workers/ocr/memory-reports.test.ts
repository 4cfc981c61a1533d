import { describe, expect, it } from "vitest";
import type { WorkerMemory } from "../../../../src/memory/snapshot.ts";
import { MemoryReports } from "../../../../workers/ocr/memory-reports.ts";
import { FakeTimers } from "../../models/manager-rig.ts";

function rig(): { reports: MemoryReports; posted: number[]; timers: FakeTimers; grow: () => void } {
  let wasmHeap = 0;
  const posted: number[] = [];
  const timers = new FakeTimers();
  const read = (): WorkerMemory => ({
    backend: "wasm",
    gpuOverhead: 0,
    gpuOverheadPeak: 0,
    wasmHeap,
    wasmShared: 0,
    models: [],
  });
  const reports = new MemoryReports({
    read,
    post: (memory) => posted.push(memory.wasmHeap),
    interval: 100,
    timers,
  });
  return { reports, posted, timers, grow: () => wasmHeap++ };
}

describe("MemoryReports", () => {
  it("makes one report of many changes, of how things are in the end", async () => {
    const { reports, posted, timers, grow } = rig();
    for (let change = 0; change < 50; change++) {
      grow();
      reports.changed();
      await timers.advance(1);
    }
    expect(posted).toEqual([]);
    await timers.advance(50);
    expect(posted).toEqual([50]);
    reports.changed();
    await timers.advance(100);
    expect(posted).toEqual([50, 50]);
    expect(timers.pending).toBe(0);
  });

  it("reports at once when asked to", async () => {
    const { reports, posted, grow } = rig();
    grow();
    reports.now();
    expect(posted).toEqual([1]);
  });
});

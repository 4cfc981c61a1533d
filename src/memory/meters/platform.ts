/** The meters that this platform has, and what it tells about the size of its memory. */
import type { MemoryFacts } from "../budget.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { amdDeviceMeter, amdProcessMeter } from "./amd.ts";
import { BrowserMeter, userAgentMeasure } from "./browser.ts";
import { CgroupMeter } from "./cgroup.ts";
import { isKnown, type Meter } from "./meter.ts";
import { Nvml } from "./nvml.ts";
import { ProcessMeter } from "./process.ts";
import { denoFiles } from "./text-files.ts";

export interface PlatformMeters {
  /** In order of trust, for the guard. */
  readonly meters: readonly Meter[];
  readonly facts: MemoryFacts;
  /** Gives native libraries back. */
  readonly close: () => Promise<void>;
}

/** Never rejects and never makes Deno ask for a permission: what is not to be had is left out. */
export async function openPlatformMeters(timers: Timers = systemTimers): Promise<PlatformMeters> {
  return typeof Deno === "undefined" ? browserMeters(timers) : await denoMeters();
}

function browserMeters(timers: Timers): PlatformMeters {
  const { deviceMemory } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  return {
    meters: [new BrowserMeter({ measure: userAgentMeasure(), timers })],
    facts: deviceMemory ? { deviceMemory: deviceMemory * 2 ** 30 } : {},
    close: async () => undefined,
  };
}

/** GPU meters that cannot read at the start are left out: there is no such GPU, or no permission. */
async function denoMeters(): Promise<PlatformMeters> {
  const nvml = new Nvml();
  const amd = { files: denoFiles };
  const cgroup = new CgroupMeter(denoFiles);
  const [nvidiaProcess, nvidiaDevice] = nvml.meters;
  const gpus = [
    { process: nvidiaProcess, device: nvidiaDevice },
    { process: amdProcessMeter(amd), device: amdDeviceMeter(amd) },
  ];
  const meters: Meter[] = [];
  let gpuMemory: number | undefined;
  for (const { process, device } of gpus) {
    const reading = await device?.read();
    if (!process || !device || !isKnown(reading)) continue;
    meters.push(process, device);
    // With two makes in one machine nobody knows which one is used: the smaller one is safe.
    gpuMemory = Math.min(gpuMemory ?? Infinity, reading.limit ?? Infinity);
  }
  const container = await cgroup.read();
  if (isKnown(container)) meters.push(cgroup);
  const cgroupLimit = isKnown(container) ? container.limit : undefined;
  const systemMemory = await readSystemMemory();
  meters.push(new ProcessMeter());
  return {
    meters,
    facts: {
      ...(systemMemory === undefined ? {} : { systemMemory }),
      ...(cgroupLimit === undefined ? {} : { cgroupLimit }),
      ...(gpuMemory === undefined ? {} : { gpuMemory }),
    },
    close: () => nvml.close(),
  };
}

async function readSystemMemory(): Promise<number | undefined> {
  const { state } = await Deno.permissions.query({ name: "sys", kind: "systemMemoryInfo" });
  return state === "granted" ? Deno.systemMemoryInfo().total : undefined;
}

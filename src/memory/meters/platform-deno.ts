/** The meters of Deno: drivers of GPUs, the container, the process. */
import { amdDeviceMeter, amdProcessMeter } from "./amd.ts";
import { CgroupMeter } from "./cgroup.ts";
import { isKnown, type Meter } from "./meter.ts";
import { Nvml } from "./nvml.ts";
import type { PlatformMeters } from "./platform-meters.ts";
import { ProcessMeter } from "./process.ts";
import { denoFiles } from "./text-files.ts";

/** GPU meters that cannot read at the start are left out: there is no such GPU, or no permission. */
export async function denoMeters(): Promise<PlatformMeters> {
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

/**
 * What a device costs beyond the buffers that the ledger counts: ESTIMATES, since no interface tells it.
 * The figures are those of emulated GPUs, where the process shows it (`npm run estimate`, SwiftShader);
 * nothing is known of hardware drivers, which compile elsewhere and keep less.
 */
import type { GpuUsage } from "../memory/snapshot.ts";
import type { AdapterInfo } from "../options/backend.ts";

const MIB = 2 ** 20;

/** An open device without buffers, in Chromium's GPU process. */
export const DEVICE_BYTES: number = 2.5 * MIB;

/** Code and driver state of one compute pipeline. */
export const PIPELINE_BYTES: number = 0.92 * MIB;

/** What the compiler of an emulated GPU keeps for good once it has compiled something. */
export const COMPILER_KEEPS_BYTES: number = 48 * MIB;

/**
 * What that compiler takes for one large shader and gives back after it; shaders are compiled one after
 * the other. 188 and 192 MiB for the largest of 82.
 */
export const COMPILER_TAKES_BYTES: number = 185 * MIB;

type Compiled = Pick<GpuUsage, "pipelines">;
type Emulated = Pick<AdapterInfo, "software">;

/** Estimated bytes of pipelines and driver for one open device. */
export function estimateDriverOverhead({ pipelines }: Compiled, { software }: Emulated): number {
  const compiler = software && pipelines > 0 ? COMPILER_KEEPS_BYTES : 0;
  return DEVICE_BYTES + compiler + pipelines * PIPELINE_BYTES;
}

/** The same for the moment of the largest use, which on an emulated GPU is a compilation. */
export function estimatePeakOverhead(usage: Compiled, adapter: Emulated): number {
  const compiling = adapter.software && usage.pipelines > 0 ? COMPILER_TAKES_BYTES : 0;
  return estimateDriverOverhead(usage, adapter) + compiling;
}

/** What a device costs beyond the buffers that the ledger counts. Estimates: no interface tells it. */
import type { GpuUsage } from "../memory/snapshot.ts";
import type { AdapterInfo } from "./device.ts";

/**
 * ESTIMATE of the compiled code and driver state of one compute pipeline. Measured on emulated GPUs
 * only, by the process: 1.4 to 1.6 MB with SwiftShader (`npm run estimate`), 1.7 to 1.9 MB with lavapipe.
 * Nothing is known of hardware drivers.
 */
export const PIPELINE_BYTES_ESTIMATE: number = 1.5 * 1024 * 1024;

/** ESTIMATE of an open device without buffers: 2.5 MB in Chromium's GPU process. */
export const DEVICE_BYTES_ESTIMATE: number = 2.5 * 1024 * 1024;

/**
 * ESTIMATE of what the compiler of an emulated GPU takes for one large shader, and gives back after it.
 * Shaders are compiled one after the other. SwiftShader took 188 and 192 MB for the largest of 82.
 */
export const COMPILER_BYTES_ESTIMATE: number = 185 * 1024 * 1024;

/** Estimated bytes of pipelines and driver for one open device. */
export function estimateDriverOverhead({ pipelines }: Pick<GpuUsage, "pipelines">): number {
  return DEVICE_BYTES_ESTIMATE + pipelines * PIPELINE_BYTES_ESTIMATE;
}

/** The same for the moment of the largest use: on an emulated GPU that of the last compilation. */
export function estimatePeakOverhead(
  usage: Pick<GpuUsage, "pipelines">,
  { software }: Pick<AdapterInfo, "software">,
): number {
  const compiler = software && usage.pipelines > 0 ? COMPILER_BYTES_ESTIMATE : 0;
  return estimateDriverOverhead(usage) + compiler;
}

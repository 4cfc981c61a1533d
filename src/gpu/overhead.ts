/** What a device costs beyond the buffers that the ledger counts. Estimates: no interface tells it. */
import type { GpuUsage } from "../memory/snapshot.ts";

/**
 * ESTIMATE of the compiled code and driver state of one compute pipeline. Measured on emulated GPUs
 * only, by the process: SwiftShader gave back 0.7 to 1.0 MB for each, lavapipe took 1.7 to 1.9 MB.
 * Nothing is known of hardware drivers; the figure is meant to be too large rather than too small.
 */
export const PIPELINE_BYTES_ESTIMATE: number = 2 * 1024 * 1024;

/** ESTIMATE of an open device without buffers: 2.5 MB in Chromium's GPU process. */
export const DEVICE_BYTES_ESTIMATE: number = 2.5 * 1024 * 1024;

/** Estimated bytes of pipelines and driver for one open device. */
export function estimateDriverOverhead({ pipelines }: Pick<GpuUsage, "pipelines">): number {
  return DEVICE_BYTES_ESTIMATE + pipelines * PIPELINE_BYTES_ESTIMATE;
}

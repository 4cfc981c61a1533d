/** What a device costs beyond the buffers that the ledger counts. Estimates: no interface tells it. */
import type { GpuUsage } from "../memory/snapshot.ts";

/**
 * ESTIMATE of the compiled code and driver state of one compute pipeline. Measured on emulated GPUs
 * only, by the process: 1.4 to 1.6 MB with SwiftShader (`npm run estimate`), 1.7 to 1.9 MB with lavapipe.
 * Nothing is known of hardware drivers. While SwiftShader compiles it takes twice as much for a moment,
 * which no figure here stands for.
 */
export const PIPELINE_BYTES_ESTIMATE: number = 1.5 * 1024 * 1024;

/** ESTIMATE of an open device without buffers: 2.5 MB in Chromium's GPU process. */
export const DEVICE_BYTES_ESTIMATE: number = 2.5 * 1024 * 1024;

/** Estimated bytes of pipelines and driver for one open device. */
export function estimateDriverOverhead({ pipelines }: Pick<GpuUsage, "pipelines">): number {
  return DEVICE_BYTES_ESTIMATE + pipelines * PIPELINE_BYTES_ESTIMATE;
}

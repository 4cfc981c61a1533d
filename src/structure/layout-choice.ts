/** Which of several layout models runs when memory is short. */
import type { LayoutModel } from "../catalog/manifest.ts";
import type { MemoryLevel } from "../memory/snapshot.ts";
import { estimateFromFile } from "../models/estimate.ts";

export interface LayoutMemory {
  readonly level: MemoryLevel;
  /** Bytes that a model may take. Absent: as many as it wants. */
  readonly room?: number | undefined;
  /** Where models run that do not name a backend. */
  readonly backend: "webgpu" | "wasm";
}

/**
 * The preferred model while memory is fine; the smallest at `warning` and where no meter can read; none when it
 * is `critical`, or when none has room: the built-in layout needs no model.
 *
 * @param models the preferred one first
 */
export function chooseLayout(
  models: readonly LayoutModel[],
  { level, room = Infinity, backend }: LayoutMemory,
): LayoutModel | undefined {
  if (level === "critical") return undefined;
  const sized = models.map((model) => ({ model, bytes: bytesOf(model, backend) }));
  const fitting = sized.filter(({ bytes }) => room === Infinity || bytes <= room);
  if (level !== "ok") fitting.sort((a, b) => a.bytes - b.bytes);
  return fitting[0]?.model;
}

/** What it will take; a file of unknown size counts as larger than all others. */
function bytesOf({ variants, backend }: LayoutModel, usual: "webgpu" | "wasm"): number {
  const { bytes } = variants[0].onnx;
  return bytes === undefined ? Infinity : estimateFromFile(bytes, backend ?? usual);
}

/** Runs a detector on an input as large as the memory allows. */
import type { DetectionModel } from "../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import type { ModelLease } from "../models/lease.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** With fewer pixels the print of a page is not found any more. */
const MIN_PIXELS = 150_000;

/** What a GPU that is full gets at the next try. */
const SMALLER = 0.6;

export function pixelsOf({ width, height }: Size): number {
  return width * height;
}

/**
 * Runs `work` on the largest size that fits into the memory, and on smaller ones while the GPU refuses.
 *
 * @param sizeWithin the input's size for a bound of its pixels
 * @param minPixels the least bound that makes sense
 * @throws GlyphpoolError `MEMORY_EXHAUSTED`, `GPU_OUT_OF_MEMORY` when not even the least fits
 */
export async function withinMemory<T>(
  lease: ModelLease<DetectionModel>,
  sizeWithin: (pixels: number) => Size,
  minPixels: number = MIN_PIXELS,
  work: (size: Size) => Promise<T>,
): Promise<{ readonly size: Size; readonly result: T }> {
  const wanted = pixelsOf(sizeWithin(Infinity));
  const least = Math.min(wanted, minPixels);
  const room = (await lease.fitRun?.(wanted, least)) ?? wanted;
  let size = sizeWithin(room < wanted ? room : Infinity);
  for (;;) {
    try {
      return { size, result: await work(size) };
    } catch (error) {
      const pixels = pixelsOf(size);
      const isFull = GlyphpoolError.is(error) && error.code === "GPU_OUT_OF_MEMORY";
      if (!isFull || pixels <= least) throw error;
      size = sizeWithin(Math.max(least, pixels * SMALLER));
      if (pixelsOf(size) >= pixels) throw error;
    }
  }
}

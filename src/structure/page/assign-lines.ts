/** Which lines belong to which region, where the regions come from a model. */
import type { Line, Rect } from "../../types.ts";
import type { LayoutRegion } from "../layout/region.ts";
import { boundsOf } from "../../core/quad.ts";

/** A line belongs to a region that covers so much of it. PP-StructureV3 joins lines to blocks at 0.6. */
const LEAST_SHARE = 0.6;

export interface AssignedRegion extends LayoutRegion {
  readonly lines: readonly number[];
}

/**
 * Gives each line to the region that covers most of it, and of equal ones to the smallest.
 *
 * @returns the regions with their lines in the order of the page, and the lines that no region covers
 */
export function assignLines(
  regions: readonly LayoutRegion[],
  lines: readonly Line[],
): { regions: AssignedRegion[]; rest: number[] } {
  const members = regions.map((): number[] => []);
  const rest: number[] = [];
  for (const [i, line] of lines.entries()) {
    const box = boundsOf(line.polygon);
    const best = bestRegion(box, regions);
    if (best === undefined) rest.push(i);
    else members[best]?.push(i);
  }
  return {
    regions: regions.map((region, i) => ({ ...region, lines: members[i] ?? [] })),
    rest,
  };
}

function bestRegion(box: Rect, regions: readonly LayoutRegion[]): number | undefined {
  let best: { index: number; share: number; size: number } | undefined;
  for (const [index, region] of regions.entries()) {
    // A formula inside a line is a part of it, not its block.
    if (region.type === "inline-formula") continue;
    const share = coverage(box, region.box);
    const size = region.box.width * region.box.height;
    if (share < LEAST_SHARE) continue;
    if (!best || share > best.share + 1e-6 || (share > best.share - 1e-6 && size < best.size)) {
      best = { index, share, size };
    }
  }
  return best?.index;
}

/** The part of a box that lies in another. */
export function coverage(box: Rect, other: Rect): number {
  const width = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
  const height = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.max(1e-9, box.width * box.height);
}

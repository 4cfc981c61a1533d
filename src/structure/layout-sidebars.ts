/** Text that runs in another direction than the page's: stamps, notes in a margin, the spines of scans. */
import type { Line } from "../types.ts";
import { findRuns } from "./layout-columns.ts";
import { frameOf, linesAlong, rectAround } from "./layout-frame.ts";
import type { LayoutRegion } from "./layout-region.ts";
import { joinRows } from "./layout-join-rows.ts";

/**
 * @param turned indices of the lines that do not run along the page's text
 * @returns a region for each group of lines that share a direction and stand together
 */
export function findSidebars(lines: readonly Line[], turned: readonly number[]): LayoutRegion[] {
  const regions: LayoutRegion[] = [];
  let rest = turned;
  while (rest.length > 0) {
    const own = rest.map((index) => lines[index] as Line);
    const found = linesAlong(frameOf(own, false), own, false);
    for (const run of findRuns(joinRows(found.along, []))) {
      const members = run.flatMap((row) => row.lines.map(({ index }) => rest[index] as number));
      regions.push(sidebarOf(members, lines));
    }
    // Every direction has at least one line along it; without that this would not end.
    if (found.along.length === 0) return [...regions, ...rest.map((i) => sidebarOf([i], lines))];
    rest = found.turned.map((index) => rest[index] as number);
  }
  return regions;
}

function sidebarOf(members: readonly number[], lines: readonly Line[]): LayoutRegion {
  const box = rectAround(members.map((index) => (lines[index] as Line).polygon));
  return { type: "sidebar", box, score: 1, lines: members };
}

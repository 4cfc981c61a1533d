/** Reading order of lines: rows from top to bottom, each from left to right. */
import type { Quad } from "../../types.ts";

/** A line in a frame that is turned so that most text runs along x. */
interface Placed {
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly centerY: number;
  readonly height: number;
}

/**
 * Orders lines row by row. The page may be skewed or turned: rows are found along the direction of
 * most text, not along the image's edge. Columns are the business of the layout.
 *
 * @returns indices into `quads`
 */
export function readingOrder(quads: readonly Quad[], rightToLeft: boolean = false): number[] {
  const [ux, uy] = textDirection(quads);
  const placed = quads.map((quad, index): Placed => {
    const us = quad.map(([x, y]) => x * ux + y * uy);
    const vs = quad.map(([x, y]) => y * ux - x * uy);
    const top = ((vs[0] as number) + (vs[1] as number)) / 2;
    const bottom = ((vs[2] as number) + (vs[3] as number)) / 2;
    return {
      index,
      left: rightToLeft ? -Math.max(...us) : Math.min(...us),
      right: rightToLeft ? -Math.min(...us) : Math.max(...us),
      centerY: (top + bottom) / 2,
      height: Math.abs(bottom - top),
    };
  });
  placed.sort((a, b) => a.centerY - b.centerY || a.left - b.left);

  const rows: Placed[][] = [];
  let row: Placed[] = [];
  for (const line of placed) {
    const last = row[row.length - 1];
    // Compared with the last line rather than the first of the row: a row may drift with the curl of
    // the paper. Lines one above the other are two rows, however a third beside them lies.
    const below =
      last !== undefined && line.centerY - last.centerY > Math.min(line.height, last.height) / 2;
    if (below || row.some((other) => overlap(line, other) > OVERLAP)) {
      rows.push(row);
      row = [];
    }
    row.push(line);
  }
  rows.push(row);
  return rows.flatMap((r) => r.sort((a, b) => a.left - b.left).map((line) => line.index));
}

/** Neighbours of one row may touch, since boxes are grown beyond their text. */
const OVERLAP = 0.3;

/** Shared extent along the row as a fraction of the shorter line. */
function overlap(a: Placed, b: Placed): number {
  const shared = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  return shared / Math.max(1, Math.min(a.right - a.left, b.right - b.left));
}

/** Unit vector along most of the text, each line weighted by its length. */
export function textDirection(quads: readonly Quad[]): readonly [number, number] {
  let best: readonly [number, number] = [1, 0];
  let bestWeight = 0;
  // Lines may point in four ways (a stamp beside the text, a margin note): only those near one of the
  // four are averaged, so that two directions never add up to a diagonal that no line has.
  for (let quarter = 0; quarter < 4; quarter++) {
    const ax = Math.round(Math.cos((quarter * Math.PI) / 2));
    const ay = Math.round(Math.sin((quarter * Math.PI) / 2));
    let sx = 0;
    let sy = 0;
    for (const [a, b] of quads) {
      const dx = b[0] - a[0];
      const dy = b[1] - a[1];
      if (dx * ax + dy * ay < Math.abs(dx * ay - dy * ax)) continue;
      sx += dx;
      sy += dy;
    }
    const weight = Math.hypot(sx, sy);
    if (weight > bestWeight) {
      bestWeight = weight;
      best = [sx / weight, sy / weight];
    }
  }
  return best;
}

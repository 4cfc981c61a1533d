/** Boxes that stand side by side in one column are put together, columns stay apart. */
import { sharedX, sharedY, widthOf, type Box, type TextLine } from "./layout-frame.ts";
import { isOneRow, REACH } from "./layout-gutters.ts";
import { rowOf, type Row } from "./layout-rows.ts";
import { withScraps } from "./layout-scraps.ts";

/** Two boxes are in one row when they share so much of the height of the lower one. */
const SAME_ROW = 0.5;
/** Parts of one row: the greater height against the smaller one. Formulas in a line are taller than its words. */
const MOST_GROWTH = 2;

/**
 * The detector cuts a row where its words stand far apart, and columns may stand closer than that. What
 * decides is the white space: a gap between columns runs on through the rows above and below, a gap between
 * words is crossed there.
 *
 * @param walls vertical strokes; no row crosses one
 */
export function joinRows(lines: readonly TextLine[], walls: readonly Box[]): Row[] {
  const sorted = lines.toSorted((a, b) => a.top - b.top);
  const tallest = Math.max(0, ...sorted.map(({ height }) => height));
  const next = new Map<TextLine, TextLine>();
  const taken = new Set<TextLine>();
  for (const [i, line] of sorted.entries()) {
    const right = rightNeighbour(line, i, sorted, tallest);
    if (!right || taken.has(right)) continue;
    const reach = REACH * Math.min(line.height, right.height);
    const [top, bottom] = [Math.min(line.top, right.top), Math.max(line.bottom, right.bottom)];
    const near = touching(top - reach, bottom + reach, i, sorted, tallest);
    if (!isOneRow(line, right, [...near], walls)) continue;
    next.set(line, right);
    taken.add(right);
  }
  const rows = sorted
    .filter((line) => !taken.has(line))
    .map((first) => {
      const parts: TextLine[] = [];
      for (let at: TextLine | undefined = first; at; at = next.get(at)) parts.push(at);
      return rowOf(parts);
    });
  return withScraps(rows);
}

/** Lines that may touch the band between two heights, by their place in the list sorted by tops. */
function* touching(
  from: number,
  to: number,
  start: number,
  sorted: readonly TextLine[],
  tallest: number,
): Generator<TextLine> {
  for (let i = start; i >= 0; i--) {
    const line = sorted[i] as TextLine;
    if (line.top < from - tallest) break;
    if (line.bottom > from && line.top < to) yield line;
  }
  for (let i = start + 1; i < sorted.length; i++) {
    const line = sorted[i] as TextLine;
    if (line.top >= to) break;
    if (line.bottom > from) yield line;
  }
}

function rightNeighbour(
  line: TextLine,
  at: number,
  sorted: readonly TextLine[],
  tallest: number,
): TextLine | undefined {
  let best: TextLine | undefined;
  for (const other of touching(line.top, line.bottom, at, sorted, tallest)) {
    if (other === line || other.left <= line.left || !sameRow(line, other)) continue;
    // One that begins inside this line is a neighbour only where it reaches beyond it.
    if (other.left < line.right && sharedX(line, other) > widthOf(other) / 2) continue;
    if (!best || other.left < best.left) best = other;
  }
  return best;
}

function sameRow(a: TextLine, b: TextLine): boolean {
  const lower = Math.min(a.height, b.height);
  return sharedY(a, b) >= SAME_ROW * lower && Math.max(a.height, b.height) <= MOST_GROWTH * lower;
}

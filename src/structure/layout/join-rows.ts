import { type Box, sharedX, sharedY, type TextLine, widthOf } from "./frame.ts";
import { type Row, rowOf } from "./rows.ts";
import { isOneRow, REACH } from "./gutters.ts";

/** Indices and exponents that the detector has found by themselves. */

/** Letters of an index at most, its height against the row's, and the part of it that the row's box holds. */
const SCRAP_LETTERS = 4;
const SCRAP_HEIGHT = 0.8;
const SCRAP_TOUCH = 0.25;

/** @returns the rows, with scraps in those that they touch */
function withScraps(rows: readonly Row[]): Row[] {
  const isShort = ({ text, lines }: Row): boolean =>
    lines.length === 1 && text.length <= SCRAP_LETTERS;
  const scraps = rows.filter(isShort);
  const whole = rows.filter((row) => !isShort(row));
  const added = new Map<Row, TextLine[]>();
  const alone: Row[] = [];
  for (const scrap of scraps) {
    const height = Math.max(scrap.height, widthOf(scrap) / scrap.text.length);
    const home = whole.find(
      (row) =>
        height <= SCRAP_HEIGHT * row.height &&
        sharedX(scrap, row) > 0 &&
        sharedY(scrap, row) >= SCRAP_TOUCH * scrap.height,
    );
    if (home) added.set(home, [...(added.get(home) ?? []), ...scrap.lines]);
    else alone.push(scrap);
  }
  return [
    ...whole.map((row) => {
      const more = added.get(row);
      if (!more) return row;
      const all = [...row.lines, ...more].toSorted((a, b) => a.left - b.left);
      return { ...rowOf(all), top: row.top, bottom: row.bottom, height: row.height };
    }),
    ...alone,
  ];
}

/** Boxes that stand side by side in one column are put together, columns stay apart. */

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

/** Rows that belong to a table but stand outside of its rulings: a head on a coloured ground, a last row without a rule. */
import { findGutters } from "./table-columns.ts";
import { median, union, type Edges } from "./table-frame.ts";
import { WORD_SPACE } from "./table-open.ts";
import { rowsOf, segmentsOf, usualHeight, type PlacedWord, type Segment } from "./table-words.ts";

/** Two columns of prose above a table of two columns would look like rows of it. */
const LEAST_COLUMNS = 3;
/** A row fills so great a part of the columns, and no fewer than two. */
const LEAST_FILLED = 0.6;
/** Distance to the next row, against the usual one of the table. */
const MOST_STEP = 1.5;
/** How far a row may reach over the table's sides: heights of the text. */
const MOST_OUTSIDE = 0.5;

/** @returns the box with the rows directly above and below that stand in its columns */
export function extendTable(box: Edges, words: readonly PlacedWord[]): Edges {
  const inside = words.filter((word) => isIn(word, box));
  const height = usualHeight(inside);
  const rows = rowsOf(segmentsOf(inside, WORD_SPACE));
  const gutters = findGutters(rows, height);
  if (gutters.length + 1 < LEAST_COLUMNS || rows.length < 2) return box;
  const columnOf = (x: number): number =>
    gutters.filter((gutter) => (gutter.left + gutter.right) / 2 < x).length;
  const middles = rows.map(middleOf);
  const steps = middles.slice(1).map((middle, i) => middle - (middles[i] as number));
  const most = MOST_STEP * median(steps);

  const fits = (row: readonly Segment[]): boolean => {
    const columns = new Set<number>();
    for (const { left, right } of row) {
      const column = columnOf(left);
      if (column !== columnOf(right) || columns.has(column)) return false;
      columns.add(column);
    }
    const least = Math.max(2, LEAST_FILLED * (gutters.length + 1));
    const from = Math.min(...row.map(({ left }) => left));
    const to = Math.max(...row.map(({ right }) => right));
    const reach = MOST_OUTSIDE * height;
    return columns.size >= least && from >= box.left - reach && to <= box.right + reach;
  };
  const outside = (above: boolean): (readonly Segment[])[] => {
    const free = words.filter(
      (word) => !isIn(word, box) && word.right > box.left && word.left < box.right,
    );
    const all = rowsOf(segmentsOf(free, WORD_SPACE)).filter((row) =>
      above ? middleOf(row) < box.top : middleOf(row) > box.bottom,
    );
    return above ? all.toReversed() : all;
  };

  let extended = box;
  for (const above of [true, false]) {
    let last = (above ? middles[0] : middles.at(-1)) as number;
    for (const row of outside(above)) {
      const middle = middleOf(row);
      if (Math.abs(middle - last) > most || !fits(row)) break;
      extended = union([extended, ...row]);
      last = middle;
    }
  }
  return extended;
}

function isIn({ left, right, top, bottom }: Edges, box: Edges): boolean {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

function middleOf(row: readonly Edges[]): number {
  return median(row.map(({ top, bottom }) => (top + bottom) / 2));
}

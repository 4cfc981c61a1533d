/** The head of a table without a drawn grid: how deep it is, and what spans what in it. */
import { isValue, type DraftCell } from "./cells.ts";
import type { Entry, Gutter } from "./columns.ts";
import { fullRulings, type RowContext, type TextRow } from "./rows.ts";

/** A head has at most so many lines of text, and is at most so great a part of a table. */
const MOST_LINES = 6;
const MOST_SHARE = 0.5;
/** Part of the entries below that are values where the first row alone is taken for the head. */
const LEAST_VALUES = 0.5;
/** How far the middle of a heading may be from that of the columns it stands over: heights of the text. */
const MOST_OFF = 1.5;

/** The number of rows of text at the top that belong to the head: those above the first inner full ruling. */
export function headerDepth(rows: readonly TextRow[], context: RowContext): number {
  const middle = ({ top, bottom }: TextRow): number => (top + bottom) / 2;
  for (const { at } of fullRulings(context)) {
    const above = rows.filter((row) => middle(row) < at).length;
    // A row of values is none of the head, whatever is drawn below it.
    const named = rows.slice(0, above).findIndex(hasValues);
    const depth = named > 0 ? named : above;
    if (depth === 0) continue;
    const isHead = depth < rows.length && depth <= MOST_LINES && depth <= MOST_SHARE * rows.length;
    return isHead || depth === 1 ? Math.min(depth, rows.length - 1) : firstRowDepth(rows);
  }
  return firstRowDepth(rows);
}

/** Whether most entries beside the first column are values. */
function hasValues({ entries }: TextRow): boolean {
  const beside = entries.filter(({ from }) => from > 0);
  const values = beside.filter((entry) => isValue(textOf(entry))).length;
  return beside.length > 1 && values > beside.length / 2;
}

function textOf({ words }: Entry): string {
  return words.map(({ text }) => text).join(" ");
}

/** One where the first row has names over columns of values, else none. */
function firstRowDepth(rows: readonly TextRow[]): number {
  const [first, ...others] = rows;
  if (!first || first.entries.length < 2 || others.length === 0) return 0;
  const beside = first.entries.filter(({ from }) => from > 0);
  const below = others.flatMap(({ entries }) => entries.filter(({ from }) => from > 0));
  const values = below.filter((entry) => isValue(textOf(entry))).length;
  const isNamed = beside.length > 0 && !beside.some((entry) => isValue(textOf(entry)));
  return isNamed && values >= LEAST_VALUES * below.length ? 1 : 0;
}

/**
 * The cells of the head. A heading spans the columns of the short ruling below it, or those in whose
 * middle it stands; in a head with such spans, what stands alone in its column spans all rows.
 *
 * @param rows of the head, the lines of each cell joined
 * @param gutters between the columns, one less than there are
 */
export function headerCells(
  rows: readonly TextRow[],
  gutters: readonly Gutter[],
  context: RowContext,
): DraftCell[] {
  const columns = columnExtents(gutters, context);
  const spans = rows.map((row, i) =>
    row.entries.map((entry) => widen(entry, row, rows[i + 1], columns, context)),
  );
  const cells: DraftCell[] = [];
  const owner = rows.map(() => Array.from({ length: columns.length }, () => false));
  for (const [row, entries] of spans.entries()) {
    for (const { from, to, words } of entries) {
      cells.push({ row, column: from, rowSpan: 1, columnSpan: to - from + 1, words, header: true });
      for (let column = from; column <= to; column++) (owner[row] as boolean[])[column] = true;
    }
  }
  const isDeep = rows.length > 1 && cells.some(({ columnSpan }) => columnSpan > 1);
  for (const column of columns.keys()) {
    const alone = cells.findIndex((cell) => cell.column === column && cell.columnSpan === 1);
    const empty = [...rows.keys()].filter((row) => !owner[row]?.[column]);
    if (isDeep && alone >= 0 && empty.length === rows.length - 1) {
      const only = cells[alone] as DraftCell;
      cells[alone] = { ...only, row: 0, rowSpan: rows.length };
      continue;
    }
    const whole = isDeep && empty.length === rows.length;
    for (const row of whole ? [0] : empty) {
      const rowSpan = whole ? rows.length : 1;
      cells.push({ row, column, rowSpan, columnSpan: 1, words: [], header: true });
    }
  }
  return cells;
}

interface Extent {
  readonly left: number;
  readonly right: number;
}

function columnExtents(gutters: readonly Gutter[], { box }: RowContext): Extent[] {
  return [...gutters, undefined].map((gutter, i) => ({
    left: gutters[i - 1]?.right ?? box.left,
    right: gutter?.left ?? box.right,
  }));
}

const middleOf = ({ left, right }: Extent): number => (left + right) / 2;

function widen(
  entry: Entry,
  row: TextRow,
  below: TextRow | undefined,
  columns: readonly Extent[],
  { rulings, box, height }: RowContext,
): Entry {
  const others = row.entries.filter((other) => other !== entry);
  const isFree = (from: number, to: number): boolean =>
    from >= 0 &&
    to < columns.length &&
    !others.some((other) => other.from <= to && other.to >= from);

  const ruling = rulings.find(
    ({ at, from, to }) =>
      at > (row.top + row.bottom) / 2 &&
      at < (below?.top ?? row.bottom) + height &&
      at < row.bottom + 2 * height &&
      to - from < 0.95 * (box.right - box.left) &&
      middleOf(entry) > from &&
      middleOf(entry) < to,
  );
  if (ruling) {
    const under = columns.flatMap((column, i) =>
      middleOf(column) > ruling.from - height / 2 && middleOf(column) < ruling.to + height / 2
        ? [i]
        : [],
    );
    const from = Math.min(entry.from, ...under);
    const to = Math.max(entry.to, ...under);
    if (isFree(from, to)) return { ...entry, from, to };
  }

  let best = { from: entry.from, to: entry.to };
  let least = offCenter(entry, best, columns) - height / 4;
  // Over empty columns only, and only where the next row tells what is named together.
  const has = new Set(below?.entries.map(({ from }) => from));
  for (let from = entry.from; isFree(from, entry.to); from--) {
    for (let to = entry.to; isFree(from, to); to++) {
      const off = offCenter(entry, { from, to }, columns);
      let named = true;
      for (let column = from; column <= to; column++) named &&= has.has(column);
      if (named && off < least && off <= MOST_OFF * height) {
        best = { from, to };
        least = off;
      }
    }
  }
  return { ...entry, ...best };
}

function offCenter(
  entry: Extent,
  { from, to }: { from: number; to: number },
  columns: readonly Extent[],
): number {
  const span = { left: columns[from]?.left ?? 0, right: columns[to]?.right ?? 0 };
  return Math.abs(middleOf(entry) - middleOf(span));
}

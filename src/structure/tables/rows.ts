/** Rows of a table from rows of text: a cell may hold several lines. */
import type { Ruling } from "../rulings/ruling.ts";
import { isValue } from "./cells.ts";
import { mergeEntries, type Entry } from "./columns.ts";
import { median, type Edges } from "./frame.ts";

/** A row of a table, which may be several rows of text. */
export interface TextRow {
  readonly top: number;
  readonly bottom: number;
  /** By column. */
  readonly entries: readonly Entry[];
}

/** Part of the width that a ruling covers to part all columns. */
export const FULL_WIDTH = 0.7;
/** With at least so many rows between rulings, and so few rows of text in each, the rulings are the rows. */
const LEAST_BANDS = 3;
const MOST_LINES = 2.5;
/** Space between two lines of a cell, in heights of the text. */
const MOST_LEADING = 0.8;
/** Text is broken in columns so wide, in heights of the text, and in lines that fill so much of them. */
const LEAST_WRAP = 4.5;
const LEAST_FULL = 0.6;
/** A distance of lines so much smaller than that of rows is one within a cell. */
const TIGHT = 0.82;

export interface RowContext {
  readonly box: Edges;
  /** Usual height of the text in pixels. */
  readonly height: number;
  readonly rulings: readonly Ruling[];
}

export function rowOf(entries: readonly Entry[]): TextRow {
  return {
    top: Math.min(...entries.map(({ top }) => top)),
    bottom: Math.max(...entries.map(({ bottom }) => bottom)),
    entries,
  };
}

/** Rulings that part all columns, from the top. */
export function fullRulings({ box, rulings }: RowContext): Ruling[] {
  const least = FULL_WIDTH * (box.right - box.left);
  return rulings
    .filter(({ from, to }) => Math.min(to, box.right) - Math.max(from, box.left) >= least)
    .sort((a, b) => a.at - b.at);
}

/** Joins the rows of text of a head: lines close below each other in the same columns are one cell. */
export function joinHead(rows: readonly TextRow[], { rulings, height }: RowContext): TextRow[] {
  const joined: TextRow[] = [];
  for (const [i, row] of rows.entries()) {
    const [last, above] = [joined.at(-1), rows[i - 1]];
    const continues =
      last !== undefined &&
      above !== undefined &&
      row.top - above.bottom <= MOST_LEADING * height &&
      !rulings.some((ruling) => parts(ruling, above, row)) &&
      (isSubset(row, last) || placesOf(row).join() === placesOf(last).join());
    if (continues) joined[joined.length - 1] = mergeRows([last, row]);
    else joined.push(row);
  }
  return joined;
}

/** Joins the rows of text that are one row of the table. */
export function joinRows(rows: readonly TextRow[], context: RowContext): TextRow[] {
  const full = fullRulings(context);
  const middle = ({ top, bottom }: TextRow): number => (top + bottom) / 2;
  const bandOf = (row: TextRow): number => full.filter(({ at }) => at < middle(row)).length;
  const bands = new Map<number, TextRow[]>();
  for (const row of rows) bands.set(bandOf(row), [...(bands.get(bandOf(row)) ?? []), row]);
  if (bands.size >= LEAST_BANDS && rows.length <= MOST_LINES * bands.size) {
    return [...bands.values()].flatMap((band) => (hasSums(band) ? band : [mergeRows(band)]));
  }
  return [...bands.values()].flatMap((band) => joinContinuations(band, context));
}

/** Whether a column has a value in more than one row: amounts below each other are not lines of one cell. */
function hasSums(band: readonly TextRow[]): boolean {
  const places = band.flatMap(({ entries }) =>
    entries.filter((entry) => !mayContinue(entry)).map(({ from, to }) => `${from}-${to}`),
  );
  return band.length > 1 && new Set(places).size < places.length;
}

function mergeRows(rows: readonly TextRow[]): TextRow {
  return rowOf(mergeEntries(rows.flatMap(({ entries }) => entries)));
}

/** Within a band: a line continues the row above where it has less columns and follows closely. */
function joinContinuations(rows: readonly TextRow[], { height, rulings }: RowContext): TextRow[] {
  const steps = rows.slice(1).map((row, i) => row.top - (rows[i] as TextRow).top);
  const usual = median(steps);
  const joined: TextRow[] = [];
  for (const [i, row] of rows.entries()) {
    const last = joined.at(-1);
    const above = rows[i - 1];
    const step = steps[i - 1] ?? Infinity;
    const isParted = above !== undefined && rulings.some((ruling) => parts(ruling, above, row));
    const continues =
      last !== undefined &&
      above !== undefined &&
      !isParted &&
      row.top - above.bottom <= MOST_LEADING * height &&
      isSubset(row, last) &&
      row.entries.every(mayContinue) &&
      (step < TIGHT * usual || isWrapped(row, above, rows, height));
    if (continues) joined[joined.length - 1] = mergeRows([last, row]);
    else joined.push(row);
  }
  return joined;
}

/** Whether a ruling lies between two rows, above something in the lower one. */
function parts({ at, from, to }: Ruling, above: TextRow, row: TextRow): boolean {
  return (
    at > (above.top + above.bottom) / 2 &&
    at < (row.top + row.bottom) / 2 &&
    row.entries.some(({ left, right }) => Math.min(right, to) > Math.max(left, from))
  );
}

/** Whether each of its columns is one that the row above has too, and it lacks one of those. */
function isSubset(row: TextRow, above: TextRow): boolean {
  const has = placesOf(above);
  const own = placesOf(row);
  return own.length < has.length && own.every((place) => has.includes(place));
}

function placesOf({ entries }: TextRow): string[] {
  return entries.map(({ from, to }) => `${from}-${to}`);
}

/** A value is a cell of its own, unless it is one in brackets that goes with the one above. */
function mayContinue(entry: Entry): boolean {
  const text = entry.words.map((word) => word.text).join(" ");
  return text.startsWith("(") || !isValue(text);
}

/** Whether the first word of each entry had no room in the line above: why a line was broken there. */
function isWrapped(
  row: TextRow,
  above: TextRow,
  rows: readonly TextRow[],
  height: number,
): boolean {
  return row.entries.every((entry) => {
    const before = above.entries.findLast(({ from, to }) => from === entry.from && to === entry.to);
    const first = entry.words[0];
    if (!before || !first) return false;
    const column = rows
      .flatMap(({ entries }) => entries)
      .filter(({ from, to }) => from === entry.from && to === entry.to);
    const start = Math.min(...column.map(({ left }) => left));
    const end = Math.max(...column.map(({ right }) => right));
    // In a narrow column, and after a short line, nothing would have had room: that tells nothing.
    if (end - start < LEAST_WRAP * height) return false;
    if (before.right - start < LEAST_FULL * (end - start)) return false;
    return before.right + height / 4 + (first.right - first.left) > end;
  });
}

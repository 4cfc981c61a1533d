/** Whether rows of text are a table, or columns of prose, a list, or a table of contents. */
import { isValue } from "./cells.ts";
import { entriesOf, findGutters, type Entry } from "./columns.ts";
import { median } from "./frame.ts";
import { rowsOf, segmentsOf, usualHeight, type PlacedWord } from "./words.ts";

/** Lines of prose fill their column: a part of its width, and the part of its lines that do. */
const FULL_LINE = 0.8;
const MOST_FULL = 0.6;
/** Lines of prose are so long on the average: letters. */
const PROSE_LETTERS = 24;
/** The same of a column with many lines: those of newspapers are narrow. */
const NARROW_LETTERS = 14;
const LONG_COLUMN = 12;
/** Lines without a wide space that are so long, in heights of the text, are prose whatever their column. */
const PROSE_WIDTH = 18;
const PROSE_SPACE = 0.8;
/** Part of the words that stand in columns or lines of prose. */
const MOST_PROSE = 0.6;
/** Part of the rows that fill at least two columns. */
const LEAST_FILLED = 0.35;
/** Greatest middle deviation of the edges of a column: heights of the text. */
const MOST_RAGGED = 0.5;
/** A column counts from so many entries on. */
const LEAST_ENTRIES = 3;

/** What marks an item of a list, alone in its column. */
const MARK =
  /^(?:[-–—•●○▪■◆*·]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]+)[.)]|\[\d+\]|\d{1,2}(?:\.\d{1,2})+\.?)$/u;
/** What leads from a title to its page. */
const LEADER = /(?:\.\s?|·\s?|…\s?){4,}/u;

export interface TextTable {
  readonly words: readonly PlacedWord[];
  readonly height: number;
  readonly columns: number;
  readonly rows: readonly (readonly Entry[])[];
  /** Rows that fill two columns or more. */
  readonly filled: number;
}

/** Rows and columns of the words, whatever they are. */
export function arrange(words: readonly PlacedWord[], space: number): TextTable {
  const height = usualHeight(words);
  const lines = rowsOf(segmentsOf(words, space));
  const gutters = findGutters(lines, height);
  const rows = lines.map((line) => entriesOf(line, gutters, height));
  const filled = rows.filter((entries) => entries.length > 1).length;
  return { words, height, columns: gutters.length + 1, rows, filled };
}

/** Columns of which most rows fill some, and which are not text that runs on. */
export function isTabular(table: TextTable): boolean {
  return isFilled(table) && !isProse(table) && !isList(table) && !isContents(table);
}

/** Whether there are columns, and many rows that fill more than one. */
export function isFilled({ columns, filled, rows }: TextTable): boolean {
  return columns > 1 && filled >= LEAST_FILLED * rows.length;
}

/** Whether most of the words stand in long lines, or in lines as long as their column: as in an article. */
export function isProse(table: TextTable): boolean {
  let words = 0;
  let prose = 0;
  let running = 0;
  for (const segment of segmentsOf(table.words, PROSE_SPACE)) {
    if (segment.right - segment.left >= PROSE_WIDTH * table.height) running += segment.words.length;
  }
  if (running > MOST_PROSE * table.words.length) return true;
  for (const entries of columnsOf(table)) {
    const count = entries.reduce((sum, entry) => sum + entry.words.length, 0);
    words += count;
    const widest = Math.max(...entries.map(({ left, right }) => right - left));
    const full = entries.filter(({ left, right }) => right - left >= FULL_LINE * widest).length;
    const letters = entries.reduce((sum, entry) => sum + textOf(entry).length, 0) / entries.length;
    if (entries.length < LEAST_ENTRIES) continue;
    const least = entries.length >= LONG_COLUMN ? NARROW_LETTERS : PROSE_LETTERS;
    if (full >= MOST_FULL * entries.length && letters >= least) prose += count;
  }
  return words > 0 && prose > MOST_PROSE * words;
}

/** Whether at least two columns have a straight edge or axis. */
export function isAligned(table: TextTable): boolean {
  const straight = columnsOf(table).filter((entries) => {
    if (entries.length < LEAST_ENTRIES) return false;
    const ways = [
      entries.map(({ left }) => left),
      entries.map(({ right }) => right),
      entries.map(({ left, right }) => (left + right) / 2),
    ];
    return ways.some((values) => deviation(values) <= MOST_RAGGED * table.height);
  });
  return straight.length > 1;
}

function deviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

function isList(table: TextTable): boolean {
  const first = columnsOf(table)[0] ?? [];
  const marks = first.filter((entry) => MARK.test(textOf(entry))).length;
  return table.columns === 2 && marks > first.length / 2;
}

/** Titles and rising page numbers. */
function isContents(table: TextTable): boolean {
  const all = columnsOf(table);
  const leaders = table.rows.filter((row) =>
    row.some((entry) => LEADER.test(textOf(entry))),
  ).length;
  if (leaders > table.rows.length / 2) return true;
  const last = (all.at(-1) ?? []).map(textOf);
  const pages = last.map(Number);
  const rises = pages.every(
    (page, i) => Number.isInteger(page) && page > 0 && page >= (pages[i - 1] ?? 0),
  );
  const titles = (all[0] ?? []).filter((entry) => !isValue(textOf(entry))).length;
  return (
    table.columns === 2 &&
    rises &&
    last.length >= LEAST_ENTRIES &&
    (pages.at(-1) ?? 0) > (pages[0] ?? 0) &&
    titles >= 0.8 * last.length
  );
}

/** The entries of each column that reach over no other. */
function columnsOf({ columns, rows }: TextTable): Entry[][] {
  const found: Entry[][] = Array.from({ length: columns }, () => []);
  for (const entry of rows.flat()) if (entry.from === entry.to) found[entry.from]?.push(entry);
  return found.filter((entries) => entries.length > 0);
}

export function textOf({ words }: { readonly words: readonly PlacedWord[] }): string {
  return words.map(({ text }) => text).join(" ");
}

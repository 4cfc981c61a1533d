import { findGutters } from "./columns.ts";
import { type Edges, median, union } from "./frame.ts";
import { WORD_SPACE } from "./open.ts";
import { type PlacedWord, rowsOf, type Segment, segmentsOf, usualHeight } from "./words.ts";
import type { Ruling, Rulings } from "../rulings/ruling.ts";
import { arrange, isFilled, isProse, isTabular, type TextTable } from "./evidence.ts";
import { boundsOfGrid, boundsOfRulings, crossingSets } from "./grid.ts";
import { missOf, ruledCells, wordsByCell } from "./ruled.ts";

/** Rows that belong to a table but stand outside of its rulings: a head on a coloured ground, a last row without a rule. */

/** Two columns of prose above a table of two columns would look like rows of it. */
const LEAST_COLUMNS = 3;
/** A row fills so great a part of the columns, and no fewer than two. */
const LEAST_FILLED_GAPS = 0.6;
/** Distance to the next row, against the usual one of the table. */
const MOST_STEP = 1.5;
/** How far a row may reach over the table's sides: heights of the text. */
const MOST_OUTSIDE = 0.5;

/** @returns the box with the rows directly above and below that stand in its columns */
function extendTable(box: Edges, words: readonly PlacedWord[]): Edges {
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
    const least = Math.max(2, LEAST_FILLED_GAPS * (gutters.length + 1));
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

/** Tables that rulings show: grids, and text in columns between horizontal lines of one length. */

/** A region in the level frame. */
export interface Found {
  readonly box: Edges;
  readonly kind: "ruled" | "open";
}

/** A table is at least so wide and so high: heights of the text. */
const LEAST_WIDTH = 4;
const LEAST_HEIGHT = 2;
/** A cell with more than this part of the words is a frame around text rather than a cell. */
const MOST_IN_CELL = 0.75;
/** Of so few cells so great a part holds text; the lines of a chart make some too. */
const MOST_SMALL = 12;
const LEAST_FILLED = 0.5;
/** A cell with so great a part of the words and with columns in it shows that not all rules are drawn. */
const LEAST_IN_CELL = 0.35;
const LEAST_INNER_ROWS = 3;
/** A cell with so many rows is a column of text, and a table has no more than this part of its words in such cells. */
const LEAST_RUNNING = 12;
const MOST_RUNNING = 0.6;

export function findGrids(words: readonly PlacedWord[], rulings: Rulings, height: number): Found[] {
  const found: Found[] = [];
  for (const set of crossingSets(rulings, missOf(height))) {
    const box = boundsOfGrid(set, missOf(height));
    if (box.right - box.left < LEAST_WIDTH * height) continue;
    if (box.bottom - box.top < LEAST_HEIGHT * height) continue;
    const kind = kindOf(wordsIn(words, box), set, height);
    if (kind) found.push({ box, kind });
  }
  return found.filter(
    ({ box }) => !found.some((other) => other.box !== box && holds(other.box, box)),
  );
}

function kindOf(
  words: readonly PlacedWord[],
  rulings: Rulings,
  height: number,
): Found["kind"] | undefined {
  const cells = ruledCells(rulings, height);
  const byCell = wordsByCell(cells, words);
  const filled = cells.filter((cell) => (byCell.get(cell)?.length ?? 0) > 0);
  const columns = new Set(cells.map(({ column }) => column)).size;
  const rows = new Set(cells.map(({ row }) => row)).size;
  const hasGrid =
    columns > 1 &&
    (rows > 1 || columns > 2) &&
    filled.length > 1 &&
    (cells.length > MOST_SMALL || filled.length >= LEAST_FILLED * cells.length);
  const most = Math.max(0, ...filled.map((cell) => byCell.get(cell)?.length ?? 0));
  const isColumnar = filled.some((cell) => {
    const inside = byCell.get(cell) ?? [];
    if (inside.length < LEAST_IN_CELL * words.length) return false;
    const inner = arrange(inside, WORD_SPACE);
    return inner.filled >= LEAST_INNER_ROWS && isTabular(inner);
  });
  if (isColumnar) return "open";
  // Strokes between the columns of a page, and one below its title, cross as those of a table do.
  const running = filled.reduce((sum, cell) => {
    const inside = byCell.get(cell) ?? [];
    return (
      sum + (rowsOf(segmentsOf(inside, WORD_SPACE)).length >= LEAST_RUNNING ? inside.length : 0)
    );
  }, 0);
  if (running > MOST_RUNNING * words.length) return undefined;
  return hasGrid && most <= MOST_IN_CELL * words.length ? "ruled" : undefined;
}

/** Ends of rulings of one table differ by no more: heights of the text, and a part of the length. */
const END_HEIGHTS = 1.2;
const END_SHARE = 0.03;
/** Rows between the first and the last ruling. */
const LEAST_ROWS = 2;

/** Three-line tables and their kin: runs of horizontal rulings of one extent, with columns between. */
export function findBetweenRules(
  words: readonly PlacedWord[],
  horizontal: readonly Ruling[],
  height: number,
): Found[] {
  const found: Found[] = [];
  const groups = sameExtents(horizontal, height);
  for (const group of groups.toSorted((a, b) => lengthOf(a) - lengthOf(b))) {
    let open: Ruling[] = [];
    const close = (): void => {
      // The heading of what comes next may stand between two rulings of the same length.
      while (open.length > 2 && rowsBetween(words, open.slice(-2)).filled === 0) open.pop();
      while (open.length > 2 && hasForeign(words, open)) open.pop();
      const box = boundsOfRulings({ horizontal: open, vertical: [] });
      const table = open.length > 1 ? arrange(wordsIn(words, box), WORD_SPACE) : undefined;
      const isTable = table && table.rows.length >= LEAST_ROWS && isTabular(table);
      if (isTable && !isPageOf(found, box)) {
        found.push({ box: extendTable(box, words), kind: "open" });
      }
      open = [];
    };
    for (const ruling of group) {
      const last = open.at(-1);
      if (last && !mayContinue(words, last, ruling)) close();
      open.push(ruling);
    }
    close();
  }
  return found;
}

/** Of the space between two rulings of a table text fills at least so much; of a chart it fills less. */
const LEAST_DENSE = 0.2;
/** So few lines of text say nothing of whether they are prose. */
const MOST_LINES = 2;
/** So few rows between two rulings may be a head, of which the columns are not plain. */
const MOST_HEAD = 4;

const lengthOf = ([first]: readonly Ruling[]): number => (first ? first.to - first.from : 0);

/** Part of a wide gutter that a text reaches into where it does not stand in the table's columns. */
const MOST_REACH = 0.5;
const WIDE_GUTTER = 2;

/** Whether something between the last two rulings stands across the columns of what is above: a note beside totals. */
function hasForeign(words: readonly PlacedWord[], rulings: readonly Ruling[]): boolean {
  const table = boundsOfRulings({ horizontal: rulings.slice(0, -1), vertical: [] });
  const above = wordsIn(words, table);
  if (above.length === 0) return false;
  const height = usualHeight(above);
  const rows = rowsOf(segmentsOf(above, WORD_SPACE));
  const last = boundsOfRulings({ horizontal: rulings.slice(-2), vertical: [] });
  const below = rowsOf(segmentsOf(wordsIn(words, last), WORD_SPACE));
  // A single row is the table's last, whatever it says.
  if (below.length < 2) return false;
  const gutters = findGutters(rows, height).filter(
    ({ left, right }) => right - left >= WIDE_GUTTER * height,
  );
  return below.flat().some((segment) =>
    gutters.some(({ left, right }) => {
      const shared = Math.min(segment.right, right) - Math.max(segment.left, left);
      return segment.left < left && shared > MOST_REACH * (right - left);
    }),
  );
}

/** Whether smaller tables lie in a box, and other things: it is a page rather than a table. */
function isPageOf(tables: readonly Found[], box: Edges): boolean {
  const inside = tables.filter((table) => holds(box, table.box));
  const area = inside.reduce((sum, table) => sum + areaOf(table.box), 0);
  return inside.length > 0 && area < areaOf(box) / 2;
}

function areaOf({ left, top, right, bottom }: Edges): number {
  return (right - left) * (bottom - top);
}

function rowsBetween(words: readonly PlacedWord[], rulings: readonly Ruling[]): TextTable {
  const box = boundsOfRulings({ horizontal: rulings, vertical: [] });
  return arrange(wordsIn(words, box), WORD_SPACE);
}

/** Whether what lies between two rulings may be a part of a table. */
function mayContinue(words: readonly PlacedWord[], above: Ruling, below: Ruling): boolean {
  const box = boundsOfRulings({ horizontal: [above, below], vertical: [] });
  const inside = wordsIn(words, box);
  if (inside.length === 0) return false;
  const table = arrange(inside, WORD_SPACE);
  const text = table.rows.length * table.height;
  if (text < LEAST_DENSE * (below.at - above.at)) return false;
  if (table.rows.length <= MOST_LINES) return true;
  return !isProse(table) && (table.rows.length <= MOST_HEAD || isFilled(table));
}

function sameExtents(horizontal: readonly Ruling[], height: number): Ruling[][] {
  const groups: Ruling[][] = [];
  for (const ruling of horizontal.toSorted((a, b) => a.at - b.at)) {
    const length = ruling.to - ruling.from;
    if (length < LEAST_WIDTH * height) continue;
    const most = Math.max(END_HEIGHTS * height, END_SHARE * length);
    const group = groups.find(
      ([first]) =>
        first &&
        Math.abs(first.from - ruling.from) <= most &&
        Math.abs(first.to - ruling.to) <= most,
    );
    if (group) group.push(ruling);
    else groups.push([ruling]);
  }
  return groups.filter((group) => group.length > 1);
}

/** Words whose middle lies in a box. */
export function wordsIn(words: readonly PlacedWord[], box: Edges): PlacedWord[] {
  return words.filter((word) => {
    const [x, y] = [(word.left + word.right) / 2, (word.top + word.bottom) / 2];
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
}

/** Whether most of the second box lies in the first one. */
export function holds(box: Edges, other: Edges): boolean {
  const width = Math.min(box.right, other.right) - Math.max(box.left, other.left);
  const height = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
  return width > 0 && height > 0 && width * height > areaOf(other) / 2;
}

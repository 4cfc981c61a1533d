/** Tables that rulings show: grids, and text in columns between horizontal lines of one length. */
import type { Ruling, Rulings } from "./ruling.ts";
import { arrange, isFilled, isProse, isTabular, type TextTable } from "./table-evidence.ts";
import type { Edges } from "./table-frame.ts";
import { extendTable } from "./table-extend.ts";
import { boundsOfGrid, boundsOfRulings, crossingSets } from "./table-grid.ts";
import { WORD_SPACE } from "./table-open.ts";
import { missOf, ruledCells, wordsByCell } from "./table-ruled.ts";
import type { PlacedWord } from "./table-words.ts";

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

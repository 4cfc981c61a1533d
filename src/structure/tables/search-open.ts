/** Tables that nothing but the alignment of their text shows. */
import { isValue } from "./cells.ts";
import { arrange, isAligned, isTabular, textOf, type TextTable } from "./evidence.ts";
import { median, union, type Edges } from "./frame.ts";
import { WORD_SPACE } from "./open.ts";
import type { Found } from "./search-ruled.ts";
import type { Ruling } from "../rulings/ruling.ts";
import { rowsOf, segmentsOf, type PlacedWord, type Segment } from "./words.ts";

/** Space that parts two entries, in heights of the text. */
const LEAST_SPACE = 1;
/** Entries of one row are no farther apart, in heights. */
const MOST_SPACE = 25;
/** Space between two rows, in heights. */
const MOST_LEADING = 2;
/** The same between the lines of one entry. */
const CONTINUED_LEADING = 0.6;
/** Prose has lines so wide, in heights, below each other within so many heights, with a common left edge. */
const PROSE_WIDTH = 14;
const PROSE_LEADING = 1;
const PROSE_EDGE = 1;
/** Rows with several entries. */
const LEAST_ROWS = 3;
/** With two columns only, chance is more likely. */
const LEAST_ROWS_OF_TWO = 4;
/** Entries are so short, in letters, for the most part. */
const MOST_LETTERS = 28;

/**
 * @param words those outside of tables that were found already
 * @param walls vertical strokes; without a grid around them they part columns of text
 */
export function findBorderless(
  words: readonly PlacedWord[],
  walls: readonly Ruling[],
  height: number,
): Found[] {
  const segments = segmentsOf(words, LEAST_SPACE);
  const prose = findProse(segments, height);
  const rows = rowsOf(segments).flatMap((row) => partsOf(row, prose, walls, height));
  const found: Found[] = [];
  for (const chain of chainRows(rows, height)) {
    const trimmed = trim(chain, height);
    const several = trimmed.filter((row) => row.length > 1).length;
    if (several < LEAST_ROWS) continue;
    const table = arrange(
      trimmed.flat().flatMap((segment) => segment.words),
      WORD_SPACE,
    );
    const letters = median(table.rows.flat().map((entry) => textOf(entry).length));
    const enough =
      table.columns > 2 || (table.filled >= LEAST_ROWS_OF_TWO && hasColumnOfValues(table));
    if (
      enough &&
      table.filled >= LEAST_ROWS &&
      letters <= MOST_LETTERS &&
      isTabular(table) &&
      isAligned(table)
    ) {
      found.push({ box: union(trimmed.flat()), kind: "open" });
    }
  }
  return found;
}

/** Two columns of names are addresses and captions side by side. */
function hasColumnOfValues({ rows }: TextTable): boolean {
  return [0, 1].some((column) => {
    const entries = rows.flatMap((row) => row.filter(({ from }) => from === column));
    return entries.filter((entry) => isValue(textOf(entry))).length >= entries.length / 2;
  });
}

/** Long lines one below the other, and the short ones that end a paragraph. */
function findProse(segments: readonly Segment[], height: number): Set<Segment> {
  const prose = new Set<Segment>();
  const byTop = segments.toSorted((a, b) => a.top - b.top);
  for (const [i, upper] of byTop.entries()) {
    for (const lower of byTop.slice(i + 1)) {
      if (lower.top - upper.bottom > PROSE_LEADING * height) break;
      if (lower.top < (upper.top + upper.bottom) / 2) continue;
      if (Math.abs(lower.left - upper.left) > PROSE_EDGE * height) continue;
      const widths = [upper.right - upper.left, lower.right - lower.left];
      if (Math.min(...widths) >= PROSE_WIDTH * height) prose.add(upper).add(lower);
      else if (prose.has(upper) && lower.right <= upper.right + height) prose.add(lower);
    }
  }
  return prose;
}

/** Runs of entries in a row that neither prose nor a stroke nor too wide a space parts. */
function partsOf(
  row: readonly Segment[],
  prose: ReadonlySet<Segment>,
  walls: readonly Ruling[],
  height: number,
): Segment[][] {
  const parts: Segment[][] = [];
  let open: Segment[] = [];
  for (const segment of row) {
    const last = open.at(-1);
    const isApart =
      last &&
      (segment.left - last.right > MOST_SPACE * height ||
        walls.some((wall) => isBetween(wall, last, segment)));
    if (prose.has(segment) || isApart) {
      if (open.length > 0) parts.push(open);
      open = [];
    }
    if (!prose.has(segment)) open.push(segment);
  }
  if (open.length > 0) parts.push(open);
  return parts;
}

function isBetween({ at, from, to }: Ruling, left: Edges, right: Edges): boolean {
  const y = (right.top + right.bottom) / 2;
  return (
    at > (left.left + left.right) / 2 && at < (right.left + right.right) / 2 && y > from && y < to
  );
}

/** Rows close below each other that share most of the narrower one's width. */
function chainRows(
  rows: readonly (readonly Segment[])[],
  height: number,
): (readonly Segment[])[][] {
  const chains: { rows: (readonly Segment[])[]; box: Edges; last: Edges }[] = [];
  for (const row of rows) {
    const box = union(row);
    const chain = chains.findLast(({ box: own, last }) => {
      const shared = Math.min(own.right, box.right) - Math.max(own.left, box.left);
      const narrower = Math.min(own.right - own.left, box.right - box.left);
      return box.top - last.bottom <= MOST_LEADING * height && shared > narrower / 2;
    });
    if (!chain) chains.push({ rows: [row], box, last: box });
    else {
      chain.rows.push(row);
      chain.box = union([chain.box, box]);
      chain.last = box;
    }
  }
  return chains.map((chain) => chain.rows);
}

/**
 * Without what stands alone above and below the rows of several entries; but the last entry may go on below
 * its first line.
 */
function trim(chain: readonly (readonly Segment[])[], height: number): (readonly Segment[])[] {
  const first = chain.findIndex((row) => row.length > 1);
  let last = chain.findLastIndex((row) => row.length > 1);
  if (first < 0) return [];
  const box = union(chain.slice(first, last + 1).flat());
  for (let below = chain[last + 1]; below; below = chain[last + 1]) {
    const [own, above] = [union(below), union(chain[last] ?? below)];
    const isClose = own.top - above.bottom <= CONTINUED_LEADING * height;
    const isShort = own.right - own.left < (box.right - box.left) / 2;
    if (!isClose || !isShort || Math.abs(own.left - box.left) > PROSE_EDGE * height) break;
    last++;
  }
  return chain.slice(first, last + 1);
}

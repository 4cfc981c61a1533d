/** Columns of text without rulings: what lies between the gutters that run down through the rows. */
import type { Segment } from "./words.ts";
import { segmentOf } from "./words.ts";

/** Empty space between two columns, in pixels of the level frame. */
export interface Gutter {
  readonly left: number;
  readonly right: number;
}

/** Width of a gutter in heights of the text: chance makes narrow ones where there are few rows. */
const GUTTERS: readonly { rows: number; width: number }[] = [
  { rows: 8, width: 0.6 },
  { rows: 5, width: 0.8 },
  { rows: 0, width: 1.1 },
];
/** Part of the rows that may cross a gutter: headings over several columns, notes. */
const MOST_CROSSED = 0.15;
/** From so many rows on one may cross at least. */
const CROSSABLE = 4;

/**
 * The gutters of rows of text.
 *
 * @param rows segments by row
 * @param height usual height of the text in pixels
 */
export function findGutters(rows: readonly (readonly Segment[])[], height: number): Gutter[] {
  const width = GUTTERS.find((rule) => rows.length >= rule.rows)?.width ?? 1;
  const crossed = Math.max(
    Math.floor(MOST_CROSSED * rows.length),
    rows.length >= CROSSABLE ? 1 : 0,
  );
  const sparse = emptySpans(rows, crossed).filter(
    (gutter) => gutter.right - gutter.left >= width * height,
  );
  return sparse.flatMap((gutter) => splitBySparseColumn(gutter, rows, width * height));
}

/** Inner spans of x that at most `most` rows cover. */
function emptySpans(rows: readonly (readonly Segment[])[], most: number): Gutter[] {
  const events = rows.flatMap((row) =>
    row.flatMap(({ left, right }) => [
      { x: left, step: 1 },
      { x: right, step: -1 },
    ]),
  );
  // At the same place the next one starts before the last one ends: they touch.
  events.sort((a, b) => a.x - b.x || b.step - a.step);
  const spans: Gutter[] = [];
  let count = 0;
  let left: number | undefined;
  for (const { x, step } of events) {
    const before = count;
    count += step;
    if (before > most && count <= most) left = x;
    if (before <= most && count > most && left !== undefined) spans.push({ left, right: x });
  }
  return spans;
}

/** A column with few entries covers so few rows that it looks like a part of a gutter. */
function splitBySparseColumn(
  gutter: Gutter,
  rows: readonly (readonly Segment[])[],
  width: number,
): Gutter[] {
  const alone: Segment[] = [];
  for (const row of rows) {
    for (const [i, segment] of row.entries()) {
      const before = row[i - 1]?.right ?? -Infinity;
      const after = row[i + 1]?.left ?? Infinity;
      const isInside = segment.left >= gutter.left && segment.right <= gutter.right;
      if (isInside && segment.left - before >= width && after - segment.right >= width) {
        alone.push(segment);
      }
    }
  }
  if (alone.length < 2) return [gutter];
  const column = segmentOf(alone.flatMap(({ words }) => words));
  const parts = [
    { left: gutter.left, right: column.left },
    { left: column.right, right: gutter.right },
  ];
  return parts.every(({ left, right }) => right - left >= width) ? parts : [gutter];
}

/** A piece of a row and the columns over which it reaches. */
export interface Entry extends Segment {
  readonly from: number;
  /** The last one. */
  readonly to: number;
}

/** Space in a gutter at which a line of text is cut: a part of the gutter's width, and of the height. */
const CUT_SHARE = 0.6;
const CUT_SPACE = 0.8;

/** Puts the segments of a row into columns; those that run through a gutter are cut where a space fits. */
export function entriesOf(
  row: readonly Segment[],
  gutters: readonly Gutter[],
  height: number,
): Entry[] {
  const entries: Entry[] = [];
  for (const segment of row.flatMap((each) => cutAtGutters(each, gutters, height))) {
    const crossed = gutters.map(
      (gutter) => segment.left < gutter.left && segment.right > gutter.right,
    );
    const middle = (segment.left + segment.right) / 2;
    const first = crossed.indexOf(true);
    // What crosses none lies on one side of each, however far it reaches into one.
    const from =
      first >= 0
        ? first
        : gutters.filter((gutter) => middle > (gutter.left + gutter.right) / 2).length;
    const to = first >= 0 ? crossed.lastIndexOf(true) + 1 : from;
    entries.push({ ...segment, from, to });
  }
  return mergeEntries(entries);
}

/** Those that share a column become one; from the left. */
export function mergeEntries(entries: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  for (const entry of entries.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (!last || entry.from > last.to) merged.push(entry);
    else {
      merged[merged.length - 1] = {
        ...segmentOf([...last.words, ...entry.words]),
        from: last.from,
        to: Math.max(last.to, entry.to),
      };
    }
  }
  return merged;
}

function cutAtGutters(segment: Segment, gutters: readonly Gutter[], height: number): Segment[] {
  const parts: Segment[] = [];
  let open = segment.words.slice(0, 1);
  for (const word of segment.words.slice(1)) {
    const space = { left: open.at(-1)?.right ?? word.left, right: word.left };
    const cuts = gutters.some((gutter) => {
      const shared = Math.min(space.right, gutter.right) - Math.max(space.left, gutter.left);
      const enough = Math.min(CUT_SHARE * (gutter.right - gutter.left), CUT_SPACE * height);
      return shared >= enough;
    });
    if (cuts) {
      parts.push(segmentOf(open));
      open = [];
    }
    open.push(word);
  }
  return [...parts, segmentOf(open)];
}

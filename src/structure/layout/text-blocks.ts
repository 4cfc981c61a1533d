import { type Box, boxAround, sharedX, type TextLine, weightedMedian, widthOf } from "./frame.ts";
import { startsWithBullet, startsWithEnumerator } from "./marks.ts";
import { isLabel, isValue } from "./row-wise.ts";
import { type Row, rowOf } from "./rows.ts";
import type { Draft } from "./draft.ts";
import type { BlockType } from "../../types.ts";
import { markFootnotes } from "./footnotes.ts";
import { findFurniture } from "./furniture.ts";
import { markHeadings } from "./headings.ts";
import { markCaptions } from "./captions.ts";
import { findRuns } from "./columns.ts";
import { joinRows } from "./join-rows.ts";
import { splitRun, usualLeading } from "./paragraphs.ts";

/** Entries and what stands behind them on the same row: prices, page numbers, the fields of a form. */

/** Middles of two boxes on one row differ by less, in heights. */
const SAME_ROW = 0.4;
/** Another pair stands at most this far above or below, in heights. */
const REACH = 4;
/** Letters of an entry at most: what is longer is a row of running text. */
const MOST_LETTERS = 40;
/** Right edges of amounts differ by less, in heights. */
const ALIGNED = 1;

/**
 * Joins rows over any distance where that is how they are read: a label and its value, beside others of their
 * kind. Columns of text stay as they are.
 *
 * @param rows as {@link joinRows} found them
 */
function joinEntries(rows: readonly Row[]): Row[] {
  const sorted = rows.toSorted((a, b) => a.top - b.top);
  const long = sorted.filter(isLong);
  const pairs = sorted
    .map((value, i) => ({ value, label: leftOf(value, i, sorted) }))
    .filter((pair): pair is Pair => pair.label !== undefined && isPair(pair.label, pair.value))
    .filter(({ label }) => !isInText(label, long));
  const joined = pairs.filter((_, i) => hasKin(i, pairs));
  const next = new Map<Row, Row>();
  for (const { label, value } of joined) if (!next.has(label)) next.set(label, value);
  const taken = new Set(next.values());
  return sorted
    .filter((row) => !taken.has(row))
    .map((first) => {
      if (!next.has(first)) return first;
      const parts: Row[] = [];
      for (let at: Row | undefined = first; at; at = next.get(at)) parts.push(at);
      return rowOf(parts.flatMap(({ lines }) => lines));
    });
}

interface Pair {
  readonly label: Row;
  readonly value: Row;
}

/** The nearest row to the left at the same height. */
function leftOf(row: Row, at: number, sorted: readonly Row[]): Row | undefined {
  let best: Row | undefined;
  const look = (other: Row | undefined): void => {
    if (!other || other === row || other.right > row.left) return;
    if (Math.abs(middle(other) - middle(row)) > SAME_ROW * Math.min(other.height, row.height))
      return;
    if (!best || other.right > best.right) best = other;
  };
  for (let i = at; i >= 0 && row.top - (sorted[i] as Row).top <= row.height; i--) look(sorted[i]);
  for (let i = at + 1; i < sorted.length && (sorted[i] as Row).top < row.bottom; i++) {
    look(sorted[i]);
  }
  return best;
}

function isPair(label: Row, value: Row): boolean {
  if (isLong(label) || isLong(value)) return false;
  if (startsWithBullet(value.text) || startsWithEnumerator(value.text)) return false;
  return isLabel(label) || isValue(value);
}

function isLong({ text }: Row): boolean {
  return text.length + (text.match(/\p{Lo}/gu)?.length ?? 0) > MOST_LETTERS;
}

/** Whether a row is the last one of a paragraph, or otherwise stands in a column of text. */
function isInText(label: Row, long: readonly Row[]): boolean {
  return long.some(
    (row) =>
      sharedX(row, label) > 0 && Math.abs(middle(row) - middle(label)) < REACH * label.height,
  );
}

/** Whether another pair stands above or below; they are sorted by the tops of their values. */
function hasKin(at: number, pairs: readonly Pair[]): boolean {
  const pair = pairs[at] as Pair;
  for (const step of [-1, 1]) {
    for (let i = at + step; i >= 0 && i < pairs.length; i += step) {
      const other = pairs[i] as Pair;
      if (Math.abs(other.value.top - pair.value.top) > (REACH + 1) * pair.value.height) break;
      if (isKin(pair, other)) return true;
    }
  }
  return false;
}

/** Whether two pairs stand below one another. */
function isKin(a: Pair, b: Pair): boolean {
  if (Math.abs(middle(a.value) - middle(b.value)) > REACH * a.value.height) return false;
  const below = sharedX(a.value, b.value) > 0;
  const aligned = Math.abs(a.value.right - b.value.right) < ALIGNED * a.value.height;
  return (below || aligned) && sharedX(a.label, b.label) > 0;
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}

/** List items that follow each other are one list. */

/** Space between two items at most, in heights. */
const MOST_GAP = 1.5;
/** How far the rows of an item stand in behind its mark at least, in heights. */
const HANGS = 0.5;

/**
 * @param paragraphs of one run, from top to bottom
 * @returns the same, with lists in place of their items; a number alone makes no list unless its text hangs beside it
 */
function joinLists(paragraphs: readonly Draft[]): Draft[] {
  const result: Draft[] = [];
  for (const paragraph of paragraphs) {
    const last = result.at(-1);
    if (last?.item && paragraph.item && paragraph.top - last.bottom <= MOST_GAP * last.height) {
      result[result.length - 1] = listOf([...last.rows, ...paragraph.rows]);
    } else {
      result.push(paragraph);
    }
  }
  return result.map((draft) => {
    if (draft.type === "list" || !draft.item) return draft;
    const [first, second] = draft.rows;
    const bullet = startsWithBullet(first?.text ?? "");
    return bullet || hangs(first, second) ? listOf(draft.rows) : { ...draft, item: false };
  });
}

/** Whether the second row stands below the text of the first rather than below its number. */
function hangs(first: Row | undefined, second: Row | undefined): boolean {
  return (
    first !== undefined && second !== undefined && second.left - first.left > HANGS * first.height
  );
}

function listOf(rows: Draft["rows"]): Draft {
  const height = weightedMedian(rows.map((row) => ({ value: row.height, weight: widthOf(row) })));
  return { ...boxAround(rows), type: "list", rows, height, item: true };
}

/** The parts of a page that are made of text, and what each of them is. */

/** A page without what stands in its tables and pictures, in the frame. */
export interface TextInput {
  readonly lines: readonly TextLine[];
  /** Tables and pictures. */
  readonly shown: readonly Draft[];
  /** Strokes outside of them, along the text and across it. */
  readonly strokes: readonly Box[];
  readonly walls: readonly Box[];
  readonly page: Box;
  /** Height of the text, in pixels. */
  readonly body: number;
}

/** Every line is in exactly one of the parts. */
export function textParts({ lines, shown, strokes, walls, page, body }: TextInput): Draft[] {
  const furniture = findFurniture({ lines, others: shown, strokes, page, body });
  const text = lines.filter(({ index }) => !furniture.has(index));
  const runs = findRuns(joinEntries(joinRows(text, walls)), shown, strokes);
  const leading = usualLeading(runs);
  const paragraphs = runs.flatMap((run) =>
    joinLists(splitRun(run, leading).map((paragraph): Draft => ({ ...paragraph, type: "text" }))),
  );
  const all = [...paragraphs, ...shown, ...marginParts(lines, furniture)];
  const noted = markFootnotes(markCaptions(all, body), strokes, body, page);
  return markHeadings(noted, body, page).filter((draft) => !shown.includes(draft));
}

function marginParts(
  lines: readonly TextLine[],
  furniture: ReadonlyMap<number, BlockType>,
): Draft[] {
  return lines.flatMap((line) => {
    const type = furniture.get(line.index);
    return type ? [{ ...rowOf([line]), type, rows: [rowOf([line])] }] : [];
  });
}

/** Entries and what stands behind them on the same row: prices, page numbers, the fields of a form. */
import { sharedX, type Box } from "./layout-frame.ts";
import { startsWithBullet, startsWithEnumerator } from "./layout-marks.ts";
import { rowOf, type Row } from "./layout-rows.ts";

/** Middles of two boxes on one row differ by less, in heights. */
const SAME_ROW = 0.4;
/** Another pair stands at most this far above or below, in heights. */
const REACH = 4;
/** Letters of an entry at most: what is longer is a row of running text. */
const MOST_LETTERS = 40;
/** Right edges of amounts differ by less, in heights. */
const ALIGNED = 1;

/** A number, an amount or a date; no word, but for a currency or a unit. */
const VALUE = /^(?=.*\d)(?:[^\p{L}]|\p{Script=Latin}{1,3}(?!\p{L}))+$/u;
/** Leaders of a table of contents may be read as dots. */
const LABEL_END = /[:：]$|[.…·]{3}$/u;

/**
 * Joins rows over any distance where that is how they are read: a label and its value, beside others of their
 * kind. Columns of text stay as they are.
 *
 * @param rows as {@link joinRows} found them
 */
export function joinEntries(rows: readonly Row[]): Row[] {
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
  return LABEL_END.test(label.text) || VALUE.test(value.text);
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

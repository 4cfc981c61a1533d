/** Pages that are read row by row: receipts, and forms whose labels stand beside their values. */
import {
  type Box,
  frameOf,
  linesAlong,
  sharedX,
  sharedY,
  type TextLine,
  widthOf,
} from "./frame.ts";
import type { Line, Quad, Rect } from "../../types.ts";

/** Two lines are in one row when they share so much of the height of the lower one. */
const SAME_ROW = 0.6;
/** Rows with several lines that a page has at least, and of which so many parts belong together. */
const LEAST_ROWS = 3;
const LEAST_PAIRS = 0.3;
/** Letters of a label or value at most. */
const MOST_LETTERS = 40;
/** Width of an amount at most, in heights. */
const MOST_WIDTH = 12;
/** A number, an amount or a date; no word, but for a currency or a unit. */
const VALUE = /^(?=.*\d)(?:[^\p{L}]|\p{Script=Latin}{1,3}(?!\p{L}))+$/u;
const LABEL_END = /[:：]$|[.…·]{3}$/u;

/**
 * Whether what stands beside each other on a page is often a label and its value. Columns of text are not.
 *
 * @param tables they are read by rows in any case, and say nothing of the rest
 */
export function isRowwise(lines: readonly Line[], tables: readonly Rect[]): boolean {
  const free = lines.filter(({ polygon }) => !tables.some((table) => holds(table, polygon)));
  const { along } = linesAlong(frameOf(free, false), free, false);
  const sorted = along.toSorted((a, b) => a.top - b.top);
  let rows = 0;
  let pairs = 0;
  for (const [i, line] of sorted.entries()) {
    const right = rightOf(line, i, sorted);
    if (!right) continue;
    rows++;
    if (belong(line, right)) pairs++;
  }
  return rows >= LEAST_ROWS && pairs >= LEAST_PAIRS * rows;
}

function holds({ x, y, width, height }: Rect, [a, , c]: Quad): boolean {
  const [u, v] = [(a[0] + c[0]) / 2, (a[1] + c[1]) / 2];
  return u >= x && u <= x + width && v >= y && v <= y + height;
}

function belong(label: TextLine, value: TextLine): boolean {
  if (label.text.length > MOST_LETTERS || value.text.length > MOST_LETTERS) return false;
  if (isLabel(label) || /^[:：]/u.test(value.text)) return true;
  return isValue(value);
}

/** Whether a line ends as labels do; leaders of a table of contents may be read as dots. */
export function isLabel({ text }: Pick<TextLine, "text">): boolean {
  return LABEL_END.test(text);
}

/** Whether a line is a number, an amount or a date, and no wider than those are. */
export function isValue(line: Box & Pick<TextLine, "text" | "height">): boolean {
  return VALUE.test(line.text) && widthOf(line) <= MOST_WIDTH * line.height;
}

function rightOf(line: TextLine, at: number, sorted: readonly TextLine[]): TextLine | undefined {
  let best: TextLine | undefined;
  const look = (other: TextLine): void => {
    if (other === line || other.left <= line.left || sharedX(line, other) > line.height) return;
    if (sharedY(line, other) < SAME_ROW * Math.min(line.height, other.height)) return;
    if (!best || other.left < best.left) best = other;
  };
  for (let i = at - 1; i >= 0 && line.top - (sorted[i] as TextLine).top < 3 * line.height; i--) {
    look(sorted[i] as TextLine);
  }
  for (let i = at + 1; i < sorted.length && (sorted[i] as TextLine).top < line.bottom; i++) {
    look(sorted[i] as TextLine);
  }
  return best;
}

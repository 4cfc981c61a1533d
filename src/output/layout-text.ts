/** Plain text that keeps its place: columns and indents by spaces, gaps by empty lines. */
import type { DocumentPage, Line, Quad } from "../types.ts";
import { textAngle, textHeight } from "./place.ts";
import { columnsOf } from "./script.ts";
import { pageByPage, printable } from "./text.ts";
import { wordsOf } from "./words.ts";
import type { DocumentWriter } from "./writer.ts";

/** A gap between two words of a line this wide, in columns, is kept as wide as it is. */
const WIDE_GAP = 3;
/** Empty lines for the tallest gap. */
const MOST_EMPTY = 3;
/** Small print may be narrower than a column down to this part of the usual letter. */
const NARROWEST = 0.6;

/** Text without wide gaps, in a frame whose x axis runs along most text of the page. */
interface Piece {
  readonly text: string;
  readonly columns: number;
  readonly left: number;
  readonly right: number;
  readonly center: number;
  readonly height: number;
}

export function layoutTextWriter(): DocumentWriter {
  return pageByPage(print);
}

function print(page: DocumentPage): string {
  const lines = page.lines.filter((line) => line.text.trim() !== "");
  const angle = usualAngle(lines);
  const column = columnWidth(lines);
  const upright = lines.filter((line) => Math.abs(turn(textAngle(line.polygon), angle)) < 45);
  const rows = toRows(upright.flatMap((line) => cut(line, angle, column)));
  const left = Math.min(...rows.flat().map((piece) => piece.left));
  const steps = rows.slice(1).map((row, i) => centerOf(row) - centerOf(rows[i] as Piece[]));
  const step = median(steps.filter((value, i) => value < 2.5 * heightOf(rows[i] as Piece[])));

  const printed: string[] = [];
  for (const [i, row] of rows.entries()) {
    const gap = i === 0 || !(step > 0) ? 1 : Math.round((steps[i - 1] as number) / step);
    for (let empty = 1; empty < Math.min(gap, MOST_EMPTY + 1); empty++) printed.push("");
    printed.push(printRow(row, left, column));
  }
  // Text that runs another way has no place in these rows.
  for (const line of lines) if (!upright.includes(line)) printed.push("", printable(line.text));
  return printed.join("\n");
}

function printRow(row: readonly Piece[], left: number, column: number): string {
  let printed = "";
  let at = 0;
  for (const piece of row) {
    const start = Math.max(Math.round((piece.left - left) / column), at === 0 ? 0 : at + 1);
    printed += " ".repeat(start - at) + piece.text;
    at = start + piece.columns;
  }
  return printed;
}

/** Pieces side by side, from left to right; rows from top to bottom. */
function toRows(pieces: readonly Piece[]): Piece[][] {
  const rows: Piece[][] = [];
  for (const piece of pieces.toSorted((a, b) => a.center - b.center)) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    const beside = last && piece.center - last.center <= Math.min(piece.height, last.height) / 2;
    // Two pieces that cover one another are two rows, however little the lower one is lower.
    const covered = row?.some(({ left, right }) => {
      const shared = Math.min(right, piece.right) - Math.max(left, piece.left);
      return shared > 0.3 * Math.min(right - left, piece.right - piece.left);
    });
    if (row && beside && !covered) row.push(piece);
    else rows.push([piece]);
  }
  return rows.map((row) => row.toSorted((a, b) => a.left - b.left));
}

/** The line, cut where its words stand far apart. */
function cut(line: Line, angle: number, column: number): Piece[] {
  const whole = toPiece(line.text, [line.polygon], angle);
  const words = wordsOf(line);
  if (words.length < 2) return [whole];
  const groups: { text: string; quads: Quad[]; end: number }[] = [];
  for (const word of words) {
    const { left, right } = toPiece(word.text, [word.polygon], angle);
    const group = groups.at(-1);
    if (group && left - group.end < WIDE_GAP * column && right > group.end) {
      group.text += word.text + (word.spaceAfter ? " " : "");
      group.quads.push(word.polygon);
      group.end = right;
    } else {
      groups.push({
        text: word.text + (word.spaceAfter ? " " : ""),
        quads: [word.polygon],
        end: right,
      });
    }
  }
  // Words that do not advance (right to left): the line stays as it is.
  const advances = groups.every((group, i) => i === 0 || group.end > (groups[i - 1]?.end ?? 0));
  if (groups.length < 2 || !advances) return [whole];
  return groups.map(({ text, quads }) => toPiece(text, quads, angle));
}

function toPiece(text: string, quads: readonly Quad[], angle: number): Piece {
  const radians = (angle * Math.PI) / 180;
  const [ux, uy] = [Math.cos(radians), Math.sin(radians)];
  const points = quads.flat();
  const us = points.map(([x, y]) => x * ux + y * uy);
  const vs = points.map(([x, y]) => y * ux - x * uy);
  const clean = printable(text).replace(/\s+/gu, " ").trim();
  return {
    text: clean,
    columns: columnsOf(clean),
    left: Math.min(...us),
    right: Math.max(...us),
    center: (Math.min(...vs) + Math.max(...vs)) / 2,
    height: Math.max(1, textHeight(quads[0] as Quad)),
  };
}

/**
 * Pixels of one column: as narrow as the narrowest print, so that it does not run into its neighbour, but
 * not so narrow that a footnote tears the rest apart.
 */
function columnWidth(lines: readonly Line[]): number {
  const widths = lines
    .filter((line) => columnsOf(line.text) >= 4)
    .map(({ text, polygon: [a, b, c, d] }) => {
      const along = Math.hypot(b[0] - a[0] + c[0] - d[0], b[1] - a[1] + c[1] - d[1]) / 2;
      return along / columnsOf(text);
    });
  const heights = lines.map(({ polygon }) => textHeight(polygon) / 2);
  const usual = widths.length > 0 ? median(widths) : median(heights);
  return Math.max(1, Math.min(...widths, usual), NARROWEST * usual) || 1;
}

/** The angle of the line in the middle of all, counted by their lengths. */
function usualAngle(lines: readonly Line[]): number {
  const weighted = lines
    .map(({ text, polygon }) => ({ angle: textAngle(polygon), weight: columnsOf(text) }))
    .toSorted((a, b) => a.angle - b.angle);
  const half = weighted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { angle, weight } of weighted) {
    sum += weight;
    if (sum >= half) return angle;
  }
  return 0;
}

/** From -180 to 180 degrees. */
function turn(a: number, b: number): number {
  return ((a - b + 540) % 360) - 180;
}

function centerOf(row: readonly Piece[]): number {
  return row.reduce((sum, { center }) => sum + center, 0) / row.length;
}

function heightOf(row: readonly Piece[]): number {
  return Math.max(...row.map(({ height }) => height));
}

/** The lower one of the two in the middle; not a number for an empty list. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? Number.NaN;
}

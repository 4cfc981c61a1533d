/** Rows of text. */
import { boxAround, widthOf, type Box, type TextLine } from "./frame.ts";

/** One row of one column. */
export interface Row extends Box {
  /** From left to right; at least one. */
  readonly lines: readonly TextLine[];
  /** Of its tallest part by length, in pixels. */
  readonly height: number;
  readonly text: string;
}

/** Two boxes are in one row when their middles differ by less, in heights of the lower one. */
const SAME_ROW = 0.5;

/** The row that consists of these lines. */
export function rowOf(parts: readonly TextLine[]): Row {
  const longest = parts.reduce((a, b) => (widthOf(b) > widthOf(a) ? b : a));
  return {
    ...boxAround(parts),
    lines: parts,
    height: longest.height,
    text: parts.map(({ text }) => text).join(" "),
  };
}

/** Rows from one side to the other, whatever stands between their parts: what a table or a picture is read by. */
export function rowsAcross(lines: readonly TextLine[]): Row[] {
  const rows: TextLine[][] = [];
  for (const line of lines.toSorted((a, b) => a.top + a.bottom - b.top - b.bottom)) {
    const last = rows.at(-1)?.at(-1);
    const apart = last ? line.top + line.bottom - last.top - last.bottom : Infinity;
    if (last && apart / 2 <= SAME_ROW * Math.min(line.height, last.height)) rows.at(-1)?.push(line);
    else rows.push([line]);
  }
  return rows.map((row) => rowOf(row.toSorted((a, b) => a.left - b.left)));
}

/** The reading order of a page's lines where nothing else of its structure is asked for. */
import type { ReadingOrder } from "../options/engine.ts";
import type { Line, Rect } from "../types.ts";
import { builtInLayout } from "./layout/built-in-layout.ts";
import { readingOrder } from "./layout/reading-lines.ts";
import { isRowwise } from "./layout/row-wise.ts";
import type { Rulings } from "./rulings/ruling.ts";
import { findTables } from "./tables/find-tables.ts";

/** An upright page. */
export interface OrderedText {
  readonly lines: readonly Line[];
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Absent where nobody has looked for them. */
  readonly rulings?: Rulings;
  readonly pictures?: readonly Rect[];
  /** By default as most of the letters are. */
  readonly rightToLeft?: boolean | undefined;
}

const NONE: Rulings = { horizontal: [], vertical: [] };

/** @returns indices of the lines as they are read */
export function textOrder(
  { lines, width, height, rulings = NONE, pictures = [], rightToLeft }: OrderedText,
  order: Exclude<ReadingOrder, "source">,
): number[] {
  const rows = (): number[] =>
    readingOrder(
      lines.map(({ polygon }) => polygon),
      rightToLeft,
    );
  if (order === "rows") return rows();
  const tables = findTables(lines, rulings, { width, height }).map(({ box }) => box);
  if (isRowwise(lines, tables)) return rows();
  const regions = builtInLayout({
    lines,
    width,
    height,
    rulings,
    tables,
    pictures,
    ...(rightToLeft === undefined ? {} : { rightToLeft }),
  });
  return regions.flatMap((region) => region.lines ?? []);
}

/** Pages of running text, drawn as coordinates. */
import { builtInLayout, type LayoutInput } from "../../../src/structure/layout/built-in-layout.ts";
import type { LayoutRegion } from "../../../src/structure/layout/region.ts";
import type { Rulings } from "../../../src/structure/rulings/ruling.ts";
import type { BlockType, Line } from "../../../src/types.ts";
import { bare, box, turned } from "../output/hand-made.ts";

/** Pixels of a page: about A4 at 120 dpi. */
export const PAGE = { width: 1000, height: 1400 };
/** Height of a row's box and distance of two rows. */
export const HEIGHT = 20;
export const STEP = 26;

const WORDS = (
  "sed ut perspiciatis unde omnis iste natus error sit voluptatem accusantium doloremque laudantium totam " +
  "rem aperiam eaque ipsa quae ab illo inventore veritatis et quasi architecto beatae vitae dicta sunt"
).split(" ");

/** Small words that fill a width of 8 pixels a letter. */
export function words(width: number, seed: number = 0): string {
  let text = "";
  for (let i = seed * 7; ; i++) {
    const next = `${text}${text === "" ? "" : " "}${WORDS[i % WORDS.length]}`;
    if (next.length * 8 > width) return text === "" ? next : text;
    text = next;
  }
}

/** One row of text. */
export function row(
  text: string,
  x: number,
  y: number,
  more: { width?: number; height?: number } = {},
): Line {
  const { height = HEIGHT } = more;
  return bare(text, box(x, y, more.width ?? (text.length * 8 * height) / HEIGHT, height));
}

/** A justified paragraph: a first row that is set in, full rows, and a last one of a third. */
export function paragraph(
  name: string,
  x: number,
  y: number,
  options: { width?: number; rows?: number; height?: number; step?: number } = {},
): Line[] {
  const { width = 380, rows = 5, height = HEIGHT, step = STEP } = options;
  return Array.from({ length: rows }, (_, i) => {
    const first = i === 0;
    const last = i === rows - 1 && rows > 1;
    const indent = first ? 24 : 0;
    const own = last ? width / 3 : width - indent;
    const text = `${first ? name : ""} ${words(own - (first ? name.length * 8 + 8 : 0), i)}`.trim();
    return row(last ? `${text}.` : text, x + indent, y + i * step, { width: own, height });
  });
}

export function turnedPage(lines: readonly Line[], degrees: number): Line[] {
  return lines.map((line) => ({
    ...line,
    polygon: turned(line.polygon, degrees, [PAGE.width / 2, PAGE.height / 2]),
  }));
}

export const NO_RULINGS: Rulings = { horizontal: [], vertical: [] };

/** A horizontal stroke of one pixel. */
export function stroke(y: number, from: number, to: number): Rulings {
  return { horizontal: [{ at: y, from, to, thickness: 1 }], vertical: [] };
}

/** A region as a test reads it: what it is, and the beginnings of its first line. */
export interface Seen {
  readonly type: BlockType;
  readonly first: string;
  readonly lines: number;
  readonly region: LayoutRegion;
}

export function layoutOf(lines: readonly Line[], more: Partial<LayoutInput> = {}): Seen[] {
  const regions = builtInLayout({
    ...PAGE,
    rulings: NO_RULINGS,
    pictures: [],
    tables: [],
    ...more,
    lines,
  });
  return regions.map((region) => ({
    type: region.type,
    first: lines[region.lines?.[0] ?? -1]?.text ?? "",
    lines: region.lines?.length ?? 0,
    region,
  }));
}

/** First words of all regions, in reading order. */
export function firstWords(seen: readonly Seen[]): string[] {
  return seen.map(({ first }) => first.split(" ")[0] ?? "");
}

/** What the region is whose first line begins with this text. */
export function typeOf(seen: readonly Seen[], start: string): BlockType | undefined {
  return seen.find(({ first }) => first.startsWith(start))?.type;
}

/** Columns of paragraphs, the first word of each made of its column and its place: A1, A2, … B1. */
export function columns(
  xs: readonly number[],
  options: { top?: number; paragraphs?: number; width?: number } = {},
): Line[] {
  const { top = 200, paragraphs = 3, width = 380 } = options;
  return xs.flatMap((x, column) =>
    Array.from({ length: paragraphs }, (_, i) =>
      paragraph(
        `${String.fromCodePoint(65 + column)}${i + 1}`,
        x,
        // Columns do not share their baselines.
        top + column * 9 + i * 5 * STEP,
        { width },
      ),
    ).flat(),
  );
}

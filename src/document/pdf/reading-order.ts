/** The order in which the lines of a page are read, by where they stand. */
import type { Line, Point, Quad } from "../../types.ts";

/** A line in a frame that is turned so that most text runs along x. */
interface Placed {
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
}

/** Lines on each side of a gutter, at least. */
const LEAST_LINES = 3;
/** Lines across a gutter, as a part of those beside it: headings and figures over both columns. */
const MOST_ACROSS = 0.25;
/** Space between two columns, in heights of a line. */
const LEAST_GUTTER = 0.8;
/** Lines of running text are longer on average, in heights; shorter ones are cells of a table, read row by row. */
const LEAST_LENGTH = 9;
/** Columns stand beside each other for so much of the shorter one. */
const LEAST_BESIDE = 0.4;
/** Neighbours in a row may overlap along it by so much of the shorter one. */
const ROW_OVERLAP = 0.3;

/**
 * Columns of running text one after the other, everything else row by row.
 *
 * @param order `rows`: all of the page row by row
 * @returns indices into `lines`
 */
export function readingOrder(lines: readonly Line[], order: "layout" | "rows"): number[] {
  const direction = mainDirection(lines.map((line) => line.polygon));
  const placed = lines.map(({ polygon }, index) => place(polygon, index, direction));
  const rtl = isMostlyRtl(lines);
  const ordered = order === "rows" ? rows(placed, rtl) : columns(placed, rtl);
  return ordered.map(({ index }) => index);
}

function place(quad: Quad, index: number, [ux, uy]: Point): Placed {
  const us = quad.map(([x, y]) => x * ux + y * uy);
  const vs = quad.map(([x, y]) => y * ux - x * uy);
  const [top, bottom] = [Math.min(...vs), Math.max(...vs)];
  return {
    index,
    left: Math.min(...us),
    right: Math.max(...us),
    top,
    bottom,
    height: Math.max(1, bottom - top),
  };
}

/** The one of the four directions along the edges of the page that most text runs in. */
function mainDirection(quads: readonly Quad[]): Point {
  let best: Point = [1, 0];
  let most = 0;
  for (const direction of [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ] as const) {
    let sum = 0;
    for (const [a, b] of quads) {
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const along = dx * direction[0] + dy * direction[1];
      if (along > 0.9 * Math.hypot(dx, dy)) sum += along;
    }
    if (sum > most) [best, most] = [direction, sum];
  }
  return best;
}

function isMostlyRtl(lines: readonly Line[]): boolean {
  let sum = 0;
  for (const { text } of lines) {
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    const rtl = text.match(/[\p{Script=Hebrew}\p{Script=Arabic}]/gu)?.length ?? 0;
    sum += 2 * rtl - letters;
  }
  return sum > 0;
}

function columns(lines: readonly Placed[], rtl: boolean): Placed[] {
  const gutter = lines.length >= 2 * LEAST_LINES ? findGutter(lines) : undefined;
  if (gutter === undefined) return rows(lines, rtl);
  const across = lines
    .filter((line) => line.left < gutter && line.right > gutter)
    .toSorted((a, b) => a.top - b.top);
  const rest = new Set(lines.filter((line) => !across.includes(line)));
  const result: Placed[] = [];
  const flush = (until: number): void => {
    const band = [...rest].filter((line) => (line.top + line.bottom) / 2 < until);
    for (const line of band) rest.delete(line);
    const left = band.filter((line) => line.right <= gutter);
    const right = band.filter((line) => line.left >= gutter);
    const sides = rtl ? [right, left] : [left, right];
    result.push(...sides.flatMap((side) => columns(side, rtl)));
  };
  // Lines across that stand close together, such as a title of two lines or a row of a wide table, stay together.
  for (const [i, line] of across.entries()) {
    const before = across[i - 1];
    const together = before && line.top - before.bottom < before.height / 2;
    if (!together) flush((line.top + line.bottom) / 2);
    result.push(line);
  }
  flush(Infinity);
  return result;
}

/** Where two columns part, along the text; nothing where there are none. */
function findGutter(lines: readonly Placed[]): number | undefined {
  const heights = lines.map((line) => line.height).toSorted((a, b) => a - b);
  const height = heights[heights.length >> 1] as number;
  const width = LEAST_GUTTER * height;
  let best: { readonly x: number; readonly across: number } | undefined;
  const tried = new Set<number>();
  for (const { left: edge } of lines) {
    const x = edge - width / 2;
    const key = Math.round(edge / (height / 2));
    if (tried.has(key)) continue;
    tried.add(key);
    const left = lines.filter((line) => line.right <= x + width / 4);
    const right = lines.filter((line) => line.left >= x);
    const across = lines.length - left.length - right.length;
    if (Math.min(left.length, right.length) < LEAST_LINES) continue;
    if (across > MOST_ACROSS * (left.length + right.length)) continue;
    if (meanLength(left) < LEAST_LENGTH * height || meanLength(right) < LEAST_LENGTH * height)
      continue;
    if (!standBeside(left, right)) continue;
    if (!best || across < best.across) best = { x, across };
  }
  return best?.x;
}

function meanLength(lines: readonly Placed[]): number {
  return lines.reduce((sum, { left, right }) => sum + right - left, 0) / lines.length;
}

function standBeside(a: readonly Placed[], b: readonly Placed[]): boolean {
  const extent = (side: readonly Placed[]): [number, number] => [
    Math.min(...side.map(({ top }) => top)),
    Math.max(...side.map(({ bottom }) => bottom)),
  ];
  const [p, q] = [extent(a), extent(b)];
  const shared = Math.min(p[1], q[1]) - Math.max(p[0], q[0]);
  return shared > LEAST_BESIDE * Math.min(p[1] - p[0], q[1] - q[0]);
}

function rows(lines: readonly Placed[], rtl: boolean): Placed[] {
  const center = ({ top, bottom }: Placed): number => (top + bottom) / 2;
  const result: Placed[] = [];
  let row: Placed[] = [];
  const flush = (): void => {
    result.push(...row.toSorted((a, b) => (rtl ? b.right - a.right : a.left - b.left)));
    row = [];
  };
  for (const line of lines.toSorted((a, b) => center(a) - center(b) || a.left - b.left)) {
    const last = row.at(-1);
    const below = last && center(line) - center(last) > Math.min(line.height, last.height) / 2;
    const meets = row.some((other) => {
      const shared = Math.min(line.right, other.right) - Math.max(line.left, other.left);
      const shorter = Math.min(line.right - line.left, other.right - other.left);
      return shared > ROW_OVERLAP * Math.max(1, shorter);
    });
    if (below || meets) flush();
    row.push(line);
  }
  flush();
  return result;
}

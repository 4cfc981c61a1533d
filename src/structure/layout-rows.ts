/** Rows of text: boxes that stand side by side in one column are put together, columns stay apart. */
import { boxAround, sharedX, sharedY, widthOf, type Box, type TextLine } from "./layout-frame.ts";

/** One row of one column. */
export interface Row extends Box {
  /** From left to right; at least one. */
  readonly lines: readonly TextLine[];
  /** Of its tallest part by length, in pixels. */
  readonly height: number;
  readonly text: string;
}

/** Two boxes are in one row when they share so much of the height of the lower one. */
const SAME_ROW = 0.5;
/** Parts of one row: the greater height against the smaller one. Formulas in a line are taller than its words. */
const MOST_GROWTH = 2;
/** Words that nothing above or below holds together: space between them, in heights. */
const LOOSE_GAP = 1.5;
/** The widest space inside a row that neighbours hold together, in heights: a tab, hardly more. */
const WIDEST_GAP = 4;
/** How far above and below a gap neighbours are looked for, in heights: about three rows. */
const REACH = 5;
/** Rows that have to leave a gap free before it parts columns. */
const LEAST_WITNESSES = 3;
/** White space between columns, in heights of a line. Boxes reach beyond their letters from both sides. */
const LEAST_GUTTER = 0.2;

/**
 * The detector cuts a row where its words stand far apart, and columns may stand closer than that. What
 * decides is the white space: a gap between columns runs on through the rows above and below, a gap between
 * words is crossed there.
 *
 * @param walls vertical strokes; no row crosses one
 */
export function joinRows(lines: readonly TextLine[], walls: readonly Box[]): Row[] {
  const sorted = lines.toSorted((a, b) => a.top - b.top);
  const tallest = Math.max(0, ...sorted.map(({ height }) => height));
  const next = new Map<TextLine, TextLine>();
  const taken = new Set<TextLine>();
  for (const [i, line] of sorted.entries()) {
    const right = rightNeighbour(line, i, sorted, tallest);
    if (!right || taken.has(right) || !belongs(line, right, i, sorted, tallest, walls)) continue;
    next.set(line, right);
    taken.add(right);
  }
  return sorted
    .filter((line) => !taken.has(line))
    .map((first) => {
      const parts: TextLine[] = [];
      for (let at: TextLine | undefined = first; at; at = next.get(at)) parts.push(at);
      return rowOf(parts);
    });
}

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

/** Lines that may touch the band between two heights, by their place in the list sorted by tops. */
function* near(
  from: number,
  to: number,
  start: number,
  sorted: readonly TextLine[],
  tallest: number,
): Generator<TextLine> {
  for (let i = start; i >= 0; i--) {
    const line = sorted[i] as TextLine;
    if (line.top < from - tallest) break;
    if (line.bottom > from && line.top < to) yield line;
  }
  for (let i = start + 1; i < sorted.length; i++) {
    const line = sorted[i] as TextLine;
    if (line.top >= to) break;
    if (line.bottom > from) yield line;
  }
}

function rightNeighbour(
  line: TextLine,
  at: number,
  sorted: readonly TextLine[],
  tallest: number,
): TextLine | undefined {
  let best: TextLine | undefined;
  for (const other of near(line.top, line.bottom, at, sorted, tallest)) {
    if (other === line || other.left <= line.left || !sameRow(line, other)) continue;
    // One that begins inside this line is a neighbour only where it reaches beyond it.
    if (other.left < line.right && sharedX(line, other) > widthOf(other) / 2) continue;
    if (!best || other.left < best.left) best = other;
  }
  return best;
}

function sameRow(a: TextLine, b: TextLine): boolean {
  const lower = Math.min(a.height, b.height);
  return sharedY(a, b) >= SAME_ROW * lower && Math.max(a.height, b.height) <= MOST_GROWTH * lower;
}

function belongs(
  line: TextLine,
  right: TextLine,
  at: number,
  sorted: readonly TextLine[],
  tallest: number,
  walls: readonly Box[],
): boolean {
  const height = Math.min(line.height, right.height);
  const gap: Box = {
    left: line.right,
    right: right.left,
    top: Math.min(line.top, right.top),
    bottom: Math.max(line.bottom, right.bottom),
  };
  if (widthOf(gap) > WIDEST_GAP * height) return false;
  if (walls.some((wall) => crosses(wall, gap, height))) return false;
  if (widthOf(gap) <= LEAST_GUTTER * height) return true;

  const inReach = { ...gap, top: gap.top - REACH * height, bottom: gap.bottom + REACH * height };
  let free: [number, number][] = [[gap.left, gap.right]];
  const sides = { left: [] as TextLine[], right: [] as TextLine[] };
  let crossed = false;
  for (const other of near(inReach.top, inReach.bottom, at, sorted, tallest)) {
    // Larger and smaller print has columns of its own.
    if (other === line || other === right || !alike(other, height)) continue;
    if (sharedY(other, gap) > SAME_ROW * height) continue;
    if (sharedX(other, gap) > 0) {
      free = free.flatMap((part) => without(part, other));
      if (other.left < gap.left && other.right > gap.right) crossed = true;
    }
    if (other.right <= gap.right && other.right > line.left) sides.left.push(other);
    if (other.left >= gap.left && other.left < right.right) sides.right.push(other);
  }
  if (crossed || free.every(([from, to]) => to - from < LEAST_GUTTER * height)) return true;
  const witnesses = Math.min(countRows(sides.left), countRows(sides.right));
  // With the row itself.
  if (witnesses + 1 >= LEAST_WITNESSES) return false;
  return widthOf(gap) <= LOOSE_GAP * height;
}

function crosses(wall: Box, gap: Box, height: number): boolean {
  const middle = (wall.left + wall.right) / 2;
  // Boxes reach beyond their letters, and so over a stroke beside them.
  const slack = height / 2;
  const inside = middle > gap.left - slack && middle < gap.right + slack;
  return inside && sharedY(wall, gap) > height / 2;
}

function alike(line: TextLine, height: number): boolean {
  return Math.max(line.height, height) <= 1.5 * Math.min(line.height, height);
}

function without([from, to]: readonly [number, number], box: Box): [number, number][] {
  const parts: [number, number][] = [];
  if (box.left > from) parts.push([from, Math.min(to, box.left)]);
  if (box.right < to) parts.push([Math.max(from, box.right), to]);
  return parts;
}

function countRows(lines: readonly TextLine[]): number {
  let rows = 0;
  let bottom = -Infinity;
  for (const line of lines.toSorted((a, b) => a.top - b.top)) {
    if (line.top + line.height / 2 < bottom) continue;
    rows++;
    bottom = line.bottom;
  }
  return rows;
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

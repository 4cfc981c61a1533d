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
/** Words that no row above or below holds together: space between them, in heights. */
const LOOSE_GAP = 1.5;
/** The widest space inside a row that another row near it bridges, in heights: a tab, hardly more. */
const WIDEST_GAP = 4;
/** Letters of an index at most, its height against the row's, and the part of it that the row's box holds. */
const SCRAP_LETTERS = 4;
const SCRAP_HEIGHT = 0.8;
const SCRAP_TOUCH = 0.25;
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
  const rows = sorted
    .filter((line) => !taken.has(line))
    .map((first) => {
      const parts: TextLine[] = [];
      for (let at: TextLine | undefined = first; at; at = next.get(at)) parts.push(at);
      return rowOf(parts);
    });
  return withScraps(rows);
}

/** Indices and exponents that were found by themselves go to the row that they touch. */
function withScraps(rows: readonly Row[]): Row[] {
  const scraps = rows.filter(
    ({ text, lines }) => lines.length === 1 && text.length <= SCRAP_LETTERS,
  );
  const whole = rows.filter((row) => !scraps.includes(row));
  const added = new Map<Row, TextLine[]>();
  const alone: Row[] = [];
  for (const scrap of scraps) {
    const height = Math.max(scrap.height, widthOf(scrap) / scrap.text.length);
    const home = whole.find(
      (row) =>
        height <= SCRAP_HEIGHT * row.height &&
        sharedX(scrap, row) > 0 &&
        sharedY(scrap, row) >= SCRAP_TOUCH * scrap.height,
    );
    if (home) added.set(home, [...(added.get(home) ?? []), ...scrap.lines]);
    else alone.push(scrap);
  }
  return [
    ...whole.map((row) => {
      const more = added.get(row);
      if (!more) return row;
      const all = [...row.lines, ...more].toSorted((a, b) => a.left - b.left);
      return { ...rowOf(all), top: row.top, bottom: row.bottom, height: row.height };
    }),
    ...alone,
  ];
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
function* touching(
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
  for (const other of touching(line.top, line.bottom, at, sorted, tallest)) {
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
  // Boxes may reach over a gutter: then the rows around have to tell that there is one.
  const slim = widthOf(gap) <= LEAST_GUTTER * height;
  const strip: Box = slim
    ? {
        ...gap,
        left: Math.min(gap.left, gap.right) - height / 2,
        right: Math.max(gap.left, gap.right) + height / 2,
      }
    : gap;
  const near = [
    ...touching(gap.top - REACH * height, gap.bottom + REACH * height, at, sorted, tallest),
  ]
    // Larger and smaller print has columns of its own.
    .filter((other) => other !== line && other !== right && alike(other, height))
    .filter((other) => sharedY(other, gap) <= SAME_ROW * height);
  const above = near.filter((other) => middle(other) < middle(gap));
  const below = near.filter((other) => middle(other) >= middle(gap));
  const up = whiteSpace(
    strip,
    line,
    right,
    above.toSorted((a, b) => middle(b) - middle(a)),
  );
  const down = whiteSpace(
    strip,
    line,
    right,
    below.toSorted((a, b) => middle(a) - middle(b)),
  );
  const through = Math.min(up.right, down.right) - Math.max(up.left, down.left);
  const witnesses =
    through >= LEAST_GUTTER * height ? up.rows + down.rows : Math.max(up.rows, down.rows);
  // With the row itself, where it leaves the strip free.
  if (witnesses + (slim ? 0 : 1) >= LEAST_WITNESSES) return false;
  return (
    widthOf(gap) <= (near.some((other) => isAcross(other, gap)) ? WIDEST_GAP : LOOSE_GAP) * height
  );
}

/** How far a gap runs on through rows that are given from the nearest on, and how many of them it parts. */
function whiteSpace(
  gap: Box,
  before: TextLine,
  after: TextLine,
  rows: readonly TextLine[],
): { left: number; right: number; rows: number } {
  let [left, right] = [gap.left, gap.right];
  const sides = { before: [] as TextLine[], after: [] as TextLine[] };
  for (const row of rows) {
    const least = LEAST_GUTTER * row.height;
    // A row that reaches into the gap from one side leaves the rest of it.
    if (middleX(row) < (left + right) / 2) {
      if (right - row.right < least) break;
      left = Math.max(left, row.right);
      if (row.right > before.left) sides.before.push(row);
    } else {
      if (row.left - left < least) break;
      right = Math.min(right, row.left);
      if (row.left < after.right) sides.after.push(row);
    }
  }
  return { left, right, rows: Math.min(countRows(sides.before), countRows(sides.after)) };
}

function isAcross(line: TextLine, gap: Box): boolean {
  return line.left < gap.left && line.right > gap.right;
}

function crosses(wall: Box, gap: Box, height: number): boolean {
  const at = middleX(wall);
  // Boxes reach beyond their letters, and so over a stroke beside them.
  const slack = height / 2;
  const inside = at > gap.left - slack && at < gap.right + slack;
  return inside && sharedY(wall, gap) > height / 2;
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}

function middleX({ left, right }: Box): number {
  return (left + right) / 2;
}

function alike(line: TextLine, height: number): boolean {
  return Math.max(line.height, height) <= 1.5 * Math.min(line.height, height);
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

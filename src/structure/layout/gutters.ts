/** Whether two boxes side by side are one row of text, or stand in two columns. */
import { sharedX, sharedY, widthOf, type Box, type TextLine } from "./frame.ts";

/** How far above and below a gap rows tell what it is, in heights: about three of them. */
export const REACH = 5;
/** Two boxes are in one row when they share so much of the height of the lower one. */
const SAME_ROW = 0.5;
/** Words that no row above or below holds together: space between them, in heights. */
const LOOSE_GAP = 1.5;
/** The same at the edge of a column: only what belongs to its text may stand before it. */
const EDGE_GAP = 0.75;
/** The widest space inside a row that another row near it bridges, in heights: a tab, hardly more. */
const WIDEST_GAP = 4;
/** Rows that have to leave a gap free before it parts columns. */
const LEAST_WITNESSES = 3;
/** White space between columns, in heights of a line. Boxes reach beyond their letters from both sides. */
const LEAST_GUTTER = 0.2;
/** Letters of a list mark. */
const MARK_LETTERS = 4;

/**
 * The white space decides: a gap between columns runs on through the rows above and below, a gap between words
 * is crossed there.
 *
 * @param around lines within {@link REACH} of both
 * @param walls vertical strokes; no row crosses one
 */
export function isOneRow(
  line: TextLine,
  right: TextLine,
  around: readonly TextLine[],
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
  const near = around
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
  if (near.some((other) => isAcross(other, gap))) return true;
  const stays = isMark(line.text) || !isEdge(right, near);
  return widthOf(gap) <= (stays ? LOOSE_GAP : EDGE_GAP) * height;
}

/** Whether rows above and below begin where this one does, and none before it: what stands there is no part of it. */
function isEdge(right: TextLine, near: readonly TextLine[]): boolean {
  const aligned = near.filter(
    (other) => Math.abs(other.left - right.left) < right.height / 2 && sharedX(other, right) > 0,
  );
  return countRows(aligned) >= LEAST_WITNESSES;
}

/** Whether a text is the bullet or number of what stands behind it. */
function isMark(text: string): boolean {
  return text.length <= MARK_LETTERS && !/\p{L}{2}/u.test(text);
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

/** Ruling lines as the layout uses them: those that part text, along it and across it. */
import type { Rect } from "../types.ts";
import {
  bodyHeight,
  boxOfRect,
  heightOf,
  shareInside,
  sharedX,
  sharedY,
  widthOf,
  type Box,
  type Frame,
  type TextLine,
} from "./layout-frame.ts";
import type { Ruling, Rulings } from "./ruling.ts";

/** A stroke belongs to a table or picture that holds so much of it. */
const LEAST_INSIDE = 0.6;
/** A stroke is made of letters when lines of text hold so much of its length, but for their edges. */
const MOST_LETTERS = 0.5;
/** Upper and lower edge of a line's box that a stroke beside it may touch, in heights. */
const EDGE = 0.2;

/** @returns strokes along the text and walls across it, outside of tables and pictures */
export function strokesIn(
  frame: Frame,
  { horizontal, vertical }: Rulings,
  shown: readonly Box[],
  lines: readonly TextLine[],
): { strokes: Box[]; walls: Box[] } {
  const body = bodyHeight(lines);
  const place = (rect: Rect): Box => boxOfRect(frame, rect);
  const level = horizontal.map(levelRect).map(place);
  const upright = vertical.map(uprightRect).map(place);
  // On a page that lies on its side its strokes do as well.
  const lies = Math.abs(frame.along[0]) < Math.abs(frame.along[1]);
  const isFree = (stroke: Box): boolean =>
    shown.every((part) => shareInside(stroke, part) < LEAST_INSIDE);
  return {
    strokes: (lies ? upright : level).filter(
      (stroke) => isFree(stroke) && heightOf(stroke) <= body && !isText(stroke, lines),
    ),
    walls: (lies ? level : upright).filter((wall) => isFree(wall) && widthOf(wall) <= body),
  };
}

/** Whether a stroke runs through text: small print and underlined words look like strokes to their finder. */
function isText(stroke: Box, lines: readonly TextLine[]): boolean {
  let covered = 0;
  for (const line of lines) {
    const edge = EDGE * line.height;
    const core = { ...line, top: line.top + edge, bottom: line.bottom - edge };
    if (sharedY(stroke, core) > 0) covered += Math.max(0, sharedX(stroke, line));
  }
  return covered >= MOST_LETTERS * widthOf(stroke);
}

function levelRect({ at, from, to, thickness }: Ruling): Rect {
  return { x: from, y: at - thickness / 2, width: to - from, height: Math.max(1, thickness) };
}

function uprightRect({ at, from, to, thickness }: Ruling): Rect {
  return { x: at - thickness / 2, y: from, width: Math.max(1, thickness), height: to - from };
}

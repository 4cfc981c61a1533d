/** The page as the layout sees it: turned so that most text runs along x and lies below the text before it. */
import type { Line, Point, Quad, Rect } from "../../types.ts";

/** Boxes whose length is less than so many heights may be tall signs of a formula rather than turned text. */
const STUBBY = 2.5;

/** An upright box in the frame. `left` is where reading starts, also where it starts at the right. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A line of the page in the frame. */
export interface TextLine extends Box {
  /** Of the page's lines. */
  readonly index: number;
  readonly text: string;
  /** Across its direction, in pixels; the measure of its size. */
  readonly height: number;
}

/** Axes of the frame in the page. */
export interface Frame {
  readonly along: Point;
  readonly down: Point;
}

/**
 * The frame of most text, each line weighted by its length. Lines may point in four ways (a stamp beside the
 * text, a margin note): only those near one of the four are averaged, so that two directions never add up to
 * a diagonal that no line has.
 *
 * @param rightToLeft whether reading starts at the right: the frame is then mirrored, and nothing that works in
 *   it has to know
 */
export function frameOf(lines: readonly Line[], rightToLeft: boolean): Frame {
  const sums = [0, 1, 2, 3].map(() => [0, 0] as [number, number]);
  for (const { polygon } of lines) {
    const [dx, dy] = directionOf(polygon);
    const sum = sums[quarterOf(dx, dy)] as [number, number];
    sum[0] += dx;
    sum[1] += dy;
  }
  const [x, y] = sums.reduce((a, b) => (Math.hypot(...b) > Math.hypot(...a) ? b : a));
  const length = Math.hypot(x, y);
  const [ux, uy] = length === 0 ? [1, 0] : [x / length, y / length];
  return { along: rightToLeft ? [-ux, -uy] : [ux, uy], down: [-uy, ux] };
}

/** Of the page's lines, those along the frame; those turned by a quarter or a half are left out. */
export function linesAlong(
  frame: Frame,
  lines: readonly Line[],
  rightToLeft: boolean,
): { along: TextLine[]; turned: number[] } {
  const sign = rightToLeft ? -1 : 1;
  const along: TextLine[] = [];
  const turned: number[] = [];
  for (const [index, { polygon, text }] of lines.entries()) {
    const [dx, dy] = directionOf(polygon);
    const u = sign * (dx * frame.along[0] + dy * frame.along[1]);
    const v = dx * frame.down[0] + dy * frame.down[1];
    const quarter = quarterOf(u, v);
    if (quarter === 0) along.push(place(frame, polygon, index, text));
    else if (quarter !== 2 && isStubby(polygon))
      along.push(place(frame, turnedBack(polygon), index, text));
    else turned.push(index);
  }
  return { along, turned };
}

/** Whether a box is hardly longer than high: it says little about the direction of what it holds. */
function isStubby([a, b, , d]: Quad): boolean {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  return length < STUBBY * Math.hypot(d[0] - a[0], d[1] - a[1]);
}

/** The same corners for text that runs across. */
function turnedBack([a, b, c, d]: Quad): Quad {
  return b[1] > a[1] ? [d, a, b, c] : [b, c, d, a];
}

function place(frame: Frame, quad: Quad, index: number, text: string): TextLine {
  const us = quad.map((point) => dot(point, frame.along));
  const [a, b, c, d] = quad.map((point) => dot(point, frame.down)) as [
    number,
    number,
    number,
    number,
  ];
  // The middles of both edges: corners stick out where a line is not quite parallel to the others.
  const [top, bottom] = [(a + b) / 2, (c + d) / 2];
  return {
    index,
    text: text.trim(),
    left: Math.min(...us),
    right: Math.max(...us),
    top: Math.min(top, bottom),
    bottom: Math.max(top, bottom),
    height: Math.max(1, Math.abs(bottom - top)),
  };
}

/**
 * A rectangle of the page in the frame. Around the same middle, and of the same sides: what is upright on a
 * page with a skew of some degrees was measured without it, and its corners would reach too far.
 */
export function boxOfRect(frame: Frame, { x, y, width, height }: Rect): Box {
  const middle: Point = [x + width / 2, y + height / 2];
  const [u, v] = [dot(middle, frame.along), dot(middle, frame.down)];
  const upright = Math.abs(frame.along[0]) >= Math.abs(frame.along[1]);
  const [w, h] = upright ? [width, height] : [height, width];
  return { left: u - w / 2, right: u + w / 2, top: v - h / 2, bottom: v + h / 2 };
}

/** The smallest rectangle of the page around the corners of all. */
export function rectAround(quads: readonly Quad[]): Rect {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of quads.flat()) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The smallest box around all. */
export function boxAround(boxes: readonly Box[]): Box {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.left);
    right = Math.max(right, box.right);
    top = Math.min(top, box.top);
    bottom = Math.max(bottom, box.bottom);
  }
  return { left, right, top, bottom };
}

/** Shared extent along x; negative where there is a gap. */
export function sharedX(a: Box, b: Box): number {
  return Math.min(a.right, b.right) - Math.max(a.left, b.left);
}

/** Shared extent along y; negative where there is a gap. */
export function sharedY(a: Box, b: Box): number {
  return Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
}

export function widthOf({ left, right }: Box): number {
  return right - left;
}

export function heightOf({ top, bottom }: Box): number {
  return bottom - top;
}

export function areaOf(box: Box): number {
  return widthOf(box) * heightOf(box);
}

/** The part of the first box that lies in the second, 0–1. */
export function shareInside(inner: Box, outer: Box): number {
  const [w, h] = [sharedX(inner, outer), sharedY(inner, outer)];
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / Math.max(1, widthOf(inner) * heightOf(inner));
}

/** The value below which lies half of the weight; 0 for nothing. */
export function weightedMedian(
  values: readonly { readonly value: number; readonly weight: number }[],
): number {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  let rest = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  for (const { value, weight } of sorted) {
    rest -= weight;
    if (rest <= 0) return value;
  }
  return 0;
}

/** The height of most text: each line counts by its length. */
export function bodyHeight(lines: readonly TextLine[]): number {
  return weightedMedian(lines.map((line) => ({ value: line.height, weight: widthOf(line) })));
}

function directionOf([a, b, c, d]: Quad): Point {
  return [b[0] - a[0] + c[0] - d[0], b[1] - a[1] + c[1] - d[1]];
}

/** The axis that a vector is nearest to: 0 right, 1 down, 2 left, 3 up. */
function quarterOf(dx: number, dy: number): 0 | 1 | 2 | 3 {
  if (Math.abs(dx) >= Math.abs(dy)) return dx >= 0 ? 0 : 2;
  return dy > 0 ? 1 : 3;
}

function dot([x, y]: Point, [ax, ay]: Point): number {
  return x * ax + y * ay;
}

/** Places along and across the direction of a text. */
import type { Point, Quad } from "../../types.ts";
import type { TextRun } from "./worker-types.ts";

/** Unit vectors along a line and across it, clockwise from the first; y grows downwards. */
export interface Frame {
  readonly along: Point;
  readonly across: Point;
}

/** An upright rectangle in a frame. Same unit as the frame's points. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly top: number;
  readonly bottom: number;
}

export function frameOf({ polygon, dir }: Pick<TextRun, "polygon" | "dir">): Frame {
  const [a, b, , d] = polygon;
  const [x, y] = dir === "ttb" ? [d[0] - a[0], d[1] - a[1]] : [b[0] - a[0], b[1] - a[1]];
  const size = Math.hypot(x, y);
  const along: Point = size > 0 ? [x / size, y / size] : [1, 0];
  return { along, across: [-along[1], along[0]] };
}

export function spanOf(polygon: Quad, { along, across }: Frame): Span {
  const s = polygon.map(([x, y]) => x * along[0] + y * along[1]);
  const t = polygon.map(([x, y]) => x * across[0] + y * across[1]);
  return {
    start: Math.min(...s),
    end: Math.max(...s),
    top: Math.min(...t),
    bottom: Math.max(...t),
  };
}

export function union(a: Span, b: Span): Span {
  return {
    start: Math.min(a.start, b.start),
    end: Math.max(a.end, b.end),
    top: Math.min(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** @param upright for vertical text: its glyphs stand upright, so its top-left is the page's */
export function quadOf(
  { start, end, top, bottom }: Span,
  { along, across }: Frame,
  scale: number,
  upright: boolean,
): Quad {
  const at = (s: number, t: number): Point => [
    (along[0] * s + across[0] * t) * scale,
    (along[1] * s + across[1] * t) * scale,
  ];
  return upright
    ? [at(start, bottom), at(start, top), at(end, top), at(end, bottom)]
    : [at(start, top), at(end, top), at(end, bottom), at(start, bottom)];
}

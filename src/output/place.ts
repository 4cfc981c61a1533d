/** Where text lies: boxes in whole pixels, as most formats want them, and the direction of a line. */
import type { Point, Quad } from "../types.ts";

/** Whole pixels of the page; right and bottom are outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The smallest box of whole pixels around all corners, inside a page of the given size. */
export function boxAround(quads: readonly Quad[], page: { width: number; height: number }): Box {
  const xs = quads.flatMap((quad) => quad.map(([x]) => x));
  const ys = quads.flatMap((quad) => quad.map(([, y]) => y));
  const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(0, value));
  return {
    left: clamp(Math.floor(Math.min(...xs)), page.width),
    top: clamp(Math.floor(Math.min(...ys)), page.height),
    right: clamp(Math.ceil(Math.max(...xs)), page.width),
    bottom: clamp(Math.ceil(Math.max(...ys)), page.height),
  };
}

/** Degrees clockwise, above -180 and up to 180, by which the text is turned against upright text. */
export function textAngle([a, b, c, d]: Quad): number {
  // Top and bottom together: one of them may be bent by a mark that the detector took in.
  const degrees =
    (Math.atan2(b[1] - a[1] + c[1] - d[1], b[0] - a[0] + c[0] - d[0]) * 180) / Math.PI;
  return degrees === -180 ? 180 : degrees + 0; // + 0 makes a zero of minus zero
}

/** Pixels from the top to the bottom of the text, across its direction. */
export function textHeight([a, b, c, d]: Quad): number {
  return (Math.hypot(d[0] - a[0], d[1] - a[1]) + Math.hypot(c[0] - b[0], c[1] - b[1])) / 2;
}

/** Whether a box says less than the corners: text that is skewed, turned or upside down. */
export function isTilted([a, b, c, d]: Quad): boolean {
  const same = (p: number, q: number): boolean => Math.abs(p - q) <= 0.5;
  const straight = same(a[1], b[1]) && same(c[1], d[1]) && same(a[0], d[0]) && same(b[0], c[0]);
  return !straight || b[0] < a[0] || d[1] < a[1];
}

/**
 * How far above its box's lower edge text stands, as a part of the box's height. The detector's boxes do
 * not tell; this is the share that descenders have in most Latin fonts.
 */
export const DESCENT = 0.2;

/** Both ends of the line on which the text stands, estimated by {@link DESCENT}. */
export function baseline([a, b, c, d]: Quad): readonly [Point, Point] {
  return [between(d, a, DESCENT), between(c, b, DESCENT)];
}

function between(from: Point, to: Point, part: number): Point {
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}

/** At most `digits` decimals, and no exponent or minus zero. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale + 0;
}

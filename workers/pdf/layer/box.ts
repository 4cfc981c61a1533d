/** Upright rectangles on a page. */
import type { Point } from "../../../src/types.ts";
import type { Matrix } from "../matrix.ts";

/** Left, top, right, bottom, in points from the top-left corner of the page as it is seen. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** The upright rectangle around a rectangle that is turned by a matrix. */
export function boxAround(matrix: Matrix, [x0, y0, x1, y1]: Box): Box {
  const [a, b, c, d, e, f] = matrix;
  const corners = [
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1],
  ] as const;
  const xs = corners.map(([x, y]) => a * x + c * y + e);
  const ys = corners.map(([x, y]) => b * x + d * y + f);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** What two rectangles share; its sides are the wrong way round where they share nothing. */
export function meet(a: Box, b: Box): Box {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

/** Lines have no width, but they are there. */
export function isThere([left, top, right, bottom]: Box): boolean {
  return right >= left && bottom >= top;
}

export function middle([left, top, right, bottom]: Box): Point {
  return [(left + right) / 2, (top + bottom) / 2];
}

/** Shapes that pages draw: which of them are plain, and which may be letters, a logo or a signature. */
import { OPS } from "../pdf-js.ts";
import type { Matrix } from "../matrix.ts";
import type { Box } from "./box.ts";

/** What is done with a path. */
export const FILLS: ReadonlySet<number> = new Set([
  OPS.fill,
  OPS.eoFill,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
]);
export const STROKES: ReadonlySet<number> = new Set([OPS.stroke, OPS.closeStroke]);

/** pdf.js writes a path as numbers: what is done, and the points that it needs. */
const [MOVE, LINE, CURVE, QUADRATIC, CLOSE] = [0, 1, 2, 3, 4];

/** Points. Lower shapes are rules, dots and bullets. */
const LEAST_HEIGHT = 4;
const LEAST_WIDTH = 4;

/** Whether the path is one rectangle, upright on the page. */
export function isRectangle(path: ArrayLike<number>, [a, b, c, d]: Matrix): boolean {
  const upright =
    (Math.abs(b) < EPSILON && Math.abs(c) < EPSILON) || Math.abs(a) + Math.abs(d) < EPSILON;
  if (!upright) return false;
  let corners = 0;
  let [x, y] = [Number.NaN, Number.NaN];
  for (let i = 0; i < path.length;) {
    const step = path[i] as number;
    if (step === CLOSE) {
      i++;
      continue;
    }
    if (step !== MOVE && step !== LINE) return false;
    const [u, v] = [path[i + 1] as number, path[i + 2] as number];
    if (step === MOVE && corners > 0) return false;
    if (step === LINE && Math.abs(u - x) > EPSILON && Math.abs(v - y) > EPSILON) return false;
    [x, y] = [u, v];
    corners++;
    i += 3;
  }
  return corners === 4 || corners === 5;
}

const EPSILON = 1e-3;

/** Whether the path is curved as letters and hands draw, and large enough to be read. */
export function looksDrawn(path: ArrayLike<number>, [left, top, right, bottom]: Box): boolean {
  if (bottom - top < LEAST_HEIGHT || right - left < LEAST_WIDTH) return false;
  let [curves, slants] = [0, 0];
  let [x, y] = [0, 0];
  for (let i = 0; i < path.length;) {
    const step = path[i] as number;
    const points = step === CURVE ? 3 : step === QUADRATIC ? 2 : step === CLOSE ? 0 : 1;
    if (points > 1) curves++;
    const [u, v] = [path[i + 2 * points - 1] as number, path[i + 2 * points] as number];
    if (step === LINE && Math.abs(u - x) > EPSILON && Math.abs(v - y) > EPSILON) slants++;
    if (points > 0) [x, y] = [u, v];
    i += 1 + 2 * points;
  }
  return curves >= LEAST_CURVES || slants >= LEAST_SLANTS;
}

/** A rounded box has four curves. */
const LEAST_CURVES = 5;
/** Hand-writing and outlines may come as many short lines. */
const LEAST_SLANTS = 12;

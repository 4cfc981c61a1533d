import type { Quad, Rect } from "../types.ts";

/** The smallest upright rectangle around a quad. */
export function boundsOf(quad: Quad): Rect {
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

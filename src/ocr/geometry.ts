/** Plane geometry on points in pixels; y grows downwards, so "clockwise" is as seen on screen. */
import type { Point, Quad } from "../types.ts";

/** A rectangle at any angle. */
export interface RotatedRect {
  readonly center: Point;
  /** Extent along the direction `angle`. */
  readonly width: number;
  /** Extent perpendicular to it. */
  readonly height: number;
  /** Radians, of the width axis against the x axis, in [0, π/2). */
  readonly angle: number;
}

/** Distance between two points. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/**
 * Convex hull by Andrew's monotone chain, without collinear points.
 * The result of fewer than three distinct points is those points.
 */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points]
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .filter((p, i, all) => i === 0 || p[0] !== all[i - 1]?.[0] || p[1] !== all[i - 1]?.[1]);
  if (sorted.length < 3) return sorted;
  const half = (source: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const p of source) {
      while (chain.length >= 2) {
        const a = chain[chain.length - 2] as Point;
        const b = chain[chain.length - 1] as Point;
        const cross = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
        if (cross > 0) break;
        chain.pop();
      }
      chain.push(p);
    }
    chain.pop(); // the last point starts the other half
    return chain;
  };
  return half(sorted).concat(half(sorted.reverse()));
}

/**
 * The rectangle of least area around the points. One of its sides lies on a side of the hull
 * (Freeman and Shapira 1975), so trying each hull edge is exact.
 */
export function minAreaRect(points: readonly Point[]): RotatedRect {
  const hull = convexHull(points);
  const first = hull[0];
  if (first === undefined) throw new RangeError("minAreaRect needs at least one point");
  if (hull.length === 1) return { center: first, width: 0, height: 0, angle: 0 };

  let best: RotatedRect | undefined;
  let bestArea = Infinity;
  for (let i = 0; i < hull.length; i++) {
    const a = hull[i] as Point;
    const b = hull[(i + 1) % hull.length] as Point;
    const length = distance(a, b);
    if (length === 0) continue;
    const ux = (b[0] - a[0]) / length;
    const uy = (b[1] - a[1]) / length;
    let minU = Infinity;
    let maxU = -Infinity;
    let minV = Infinity;
    let maxV = -Infinity;
    for (const p of hull) {
      const u = p[0] * ux + p[1] * uy;
      const v = p[1] * ux - p[0] * uy;
      if (u < minU) minU = u;
      if (u > maxU) maxU = u;
      if (v < minV) minV = v;
      if (v > maxV) maxV = v;
    }
    const area = (maxU - minU) * (maxV - minV);
    if (area < bestArea) {
      bestArea = area;
      const u = (minU + maxU) / 2;
      const v = (minV + maxV) / 2;
      best = normalise(
        [u * ux - v * uy, u * uy + v * ux],
        maxU - minU,
        maxV - minV,
        Math.atan2(uy, ux),
      );
    }
  }
  return best ?? { center: first, width: 0, height: 0, angle: 0 };
}

/** Brings the angle into [0, π/2) by swapping the sides where a quarter turn is taken off. */
function normalise(center: Point, width: number, height: number, angle: number): RotatedRect {
  const quarter = Math.PI / 2;
  let turns = Math.floor(angle / quarter);
  let rest = angle - turns * quarter;
  if (quarter - rest < 1e-9) {
    rest = 0;
    turns += 1;
  }
  return turns % 2 === 0
    ? { center, width, height, angle: rest }
    : { center, width: height, height: width, angle: rest };
}

/**
 * The corners of a rectangle in reading order for text that runs along its longer side: clockwise
 * from the text's top-left. Rectangles lying within 45° of the horizontal start at the corner that
 * is top-left on the page; upright ones (text that was turned by a quarter) are handled by the caller.
 */
export function rectCorners(rect: RotatedRect): Quad {
  // An angle in [0, π/2) means the width axis points right or down. Past 45° it is nearer to the
  // vertical: the height axis, a quarter turn back, is then the one that runs to the right.
  const steep = rect.angle > Math.PI / 4;
  const angle = steep ? rect.angle - Math.PI / 2 : rect.angle;
  const w = steep ? rect.height : rect.width;
  const h = steep ? rect.width : rect.height;
  const [cx, cy] = rect.center;
  const ux = (Math.cos(angle) * w) / 2;
  const uy = (Math.sin(angle) * w) / 2;
  const vx = (-Math.sin(angle) * h) / 2;
  const vy = (Math.cos(angle) * h) / 2;
  return [
    [cx - ux - vx, cy - uy - vy],
    [cx + ux - vx, cy + uy - vy],
    [cx + ux + vx, cy + uy + vy],
    [cx - ux + vx, cy - uy + vy],
  ];
}

/** The longer one of each pair of opposite sides. */
export function quadSize(quad: Quad): { width: number; height: number } {
  return {
    width: Math.max(distance(quad[0], quad[1]), distance(quad[3], quad[2])),
    height: Math.max(distance(quad[0], quad[3]), distance(quad[1], quad[2])),
  };
}

/** The same corners, starting `turns` corners later. */
export function rotateCorners(quad: Quad, turns: number): Quad {
  const at = (i: number): Point => quad[(i + turns) & 3] as Point;
  return [at(0), at(1), at(2), at(3)];
}

/** The point at fraction `u` along the top and `v` down the side of a quad (bilinear). */
export function pointInQuad(quad: Quad, u: number, v: number): Point {
  const [a, b, c, d] = quad;
  const mix = (i: 0 | 1): number =>
    (1 - v) * ((1 - u) * a[i] + u * b[i]) + v * ((1 - u) * d[i] + u * c[i]);
  return [mix(0), mix(1)];
}

/** Moves the sides of a quad outwards: `along` at both ends of the text, and what lies above and below it. */
export function growQuad(quad: Quad, along: number, above: number, below: number): Quad {
  const { width, height } = quadSize(quad);
  if (width === 0 || height === 0) return quad;
  const u = along / width;
  const [t, b] = [above / height, below / height];
  return [
    pointInQuad(quad, -u, -t),
    pointInQuad(quad, 1 + u, -t),
    pointInQuad(quad, 1 + u, 1 + b),
    pointInQuad(quad, -u, 1 + b),
  ];
}

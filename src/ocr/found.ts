/** Lines as the looks at a picture find them, and how those of two looks become one list. */
import type { Point, Quad } from "../types.ts";
import { quadSize } from "./geometry.ts";

/** A line in pixels of the frame. */
export interface Found {
  readonly quad: Quad;
  readonly score: number;
  /** Across its text, in pixels of the frame. */
  readonly height: number;
}

/** Lines of both looks, each once. */
export function mergeLooks(
  first: readonly Found[],
  legible: readonly Found[],
  tiles: readonly Found[],
): Found[] {
  const kept = new Set(tiles);
  const lines: Found[] = [];
  for (const line of first) {
    const same = tiles.filter((other) => isSame(line, other));
    // Large letters fall apart in tiles; small ones, and ends of lines, are lost in the first look.
    const better = same.some((other) => isLonger(other, line));
    if (same.length > 0 && (better || !legible.includes(line))) continue;
    for (const other of same) kept.delete(other);
    lines.push(line);
  }
  return [...lines, ...kept];
}

/** Whether one is a part of the other. */
export function isSame(a: Found, b: Found): boolean {
  return inQuad(center(a.quad), b.quad) || inQuad(center(b.quad), a.quad);
}

function isLonger(a: Found, b: Found): boolean {
  return lengthOf(a) > 1.2 * lengthOf(b) && a.height > b.height / 2;
}

export function lengthOf({ quad }: Found): number {
  const { width, height } = quadSize(quad);
  return Math.max(width, height);
}

function center([a, , c]: Quad): Point {
  return [(a[0] + c[0]) / 2, (a[1] + c[1]) / 2];
}

/** Whether a point lies in a convex quad whose corners run clockwise. */
function inQuad([x, y]: Point, quad: Quad): boolean {
  return quad.every(([ax, ay], i) => {
    const [bx, by] = quad[(i + 1) & 3] as Point;
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
  });
}

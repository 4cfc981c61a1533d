/** What the recogniser sees of a page: the box of a line, grown into the space around it. */
import type { CropMargin } from "../catalog/manifest/manifest.ts";
import type { Point, Quad } from "../types.ts";
import { distance, growQuad, quadSize } from "./geometry.ts";

/** A line of the page, and a circle around it. */
interface Round {
  readonly quad: Quad;
  readonly center: Point;
  readonly radius: number;
}

/**
 * Grows boxes by their margins. Where lines are set close that shows the neighbours' ink, which some
 * recognisers read as if it were the line's: for them the crop keeps clear of it.
 *
 * @param lines all lines of the page
 * @returns the crop of a box that starts at the top-left of its text; the box may be among the lines
 */
export function cropper(
  margin: CropMargin | undefined,
  lines: readonly Quad[],
): (quad: Quad) => Quad {
  if (margin === undefined) return (quad) => quad;
  const { overlap } = margin;
  const rounds = overlap === undefined ? [] : lines.map(roundOf);
  return (quad) => {
    const { width, height } = quadSize(quad);
    const along = margin.along * height;
    const across = margin.across * height;
    if (overlap === undefined) return growQuad(quad, along, across, across);
    const [above, below] = gaps(quad, width, height, rounds, 2 * across);
    const least = -overlap * height;
    return growQuad(quad, along, Math.max(least, above / 2), Math.max(least, below / 2));
  };
}

/** How far it is to the next line above and below, at most `most`; negative where boxes overlap. */
function gaps(
  quad: Quad,
  width: number,
  height: number,
  lines: readonly Round[],
  most: number,
): [number, number] {
  const { center, radius } = roundOf(quad);
  const frame = frameOf(quad, width, height);
  let [above, below] = [most, most];
  for (const line of lines) {
    // Most of a page is far away, and a page may have thousands of lines.
    if (distance(center, line.center) > radius + line.radius + most) continue;
    const { left, right, top, bottom } = frame(line.quad);
    // What only touches a corner, or stands beside it, is not a line above or below.
    if (Math.min(right, width) - Math.max(left, 0) < height / 2) continue;
    const middle = (top + bottom) / 2;
    if (middle > height) below = Math.min(below, top - height);
    else if (middle < 0) above = Math.min(above, -bottom);
  }
  return [above, below];
}

function roundOf(quad: Quad): Round {
  const [[ax, ay], , [cx, cy]] = quad;
  const center: Point = [(ax + cx) / 2, (ay + cy) / 2];
  return { quad, center, radius: Math.max(...quad.map((corner) => distance(center, corner))) };
}

interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where quads lie as seen from one: its top-left is the origin, and its text runs along x. */
function frameOf(
  [origin, right, , down]: Quad,
  width: number,
  height: number,
): (quad: Quad) => Extent {
  const along: Point = [(right[0] - origin[0]) / width, (right[1] - origin[1]) / width];
  const across: Point = [(down[0] - origin[0]) / height, (down[1] - origin[1]) / height];
  const place = ([x, y]: Point, [ux, uy]: Point): number =>
    (x - origin[0]) * ux + (y - origin[1]) * uy;
  return (quad) => {
    const xs = quad.map((point) => place(point, along));
    const ys = quad.map((point) => place(point, across));
    return {
      left: Math.min(...xs),
      right: Math.max(...xs),
      top: Math.min(...ys),
      bottom: Math.max(...ys),
    };
  };
}

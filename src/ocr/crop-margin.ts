/** What the recogniser sees of a page: the box of a line, grown into the space that no other line claims. */
import type { RecognitionParams } from "../catalog/manifest.ts";
import type { Point, Quad } from "../types.ts";
import { growQuad, quadSize } from "./geometry.ts";

/**
 * Grows a box by its margins. Where lines are set close the margin would show the neighbours' ink, which
 * is read as if it were the line's: no more than half of the gap to the next line is taken, and where
 * boxes overlap, up to half of that is given up.
 *
 * @param quad from the top-left of the text
 * @param others all lines of the page; the line itself may be among them
 */
export function cropQuad(
  quad: Quad,
  { cropMargin }: Pick<RecognitionParams, "cropMargin">,
  others: readonly Quad[],
): Quad {
  const { width, height } = quadSize(quad);
  if (cropMargin === undefined || width === 0 || height === 0) return quad;
  const most = cropMargin.across * height;
  let [above, below] = [most, most];
  const frame = frameOf(quad, width, height);
  for (const other of others) {
    const { left, right, top, bottom } = frame(other);
    if (Math.min(right, width) - Math.max(left, 0) < height / 2) continue;
    const middle = (top + bottom) / 2;
    if (middle > height) below = Math.min(below, (top - height) / 2);
    else if (middle < 0) above = Math.min(above, -bottom / 2);
  }
  const along = cropMargin.along * height;
  const least = -(cropMargin.overlap ?? 0) * height;
  return growQuad(quad, along, Math.max(least, above), Math.max(least, below));
}

interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where quads lie as seen from one: its top-left is the origin, and its text runs along x. */
function frameOf([origin, right, , down]: Quad, width: number, height: number) {
  const along = [(right[0] - origin[0]) / width, (right[1] - origin[1]) / width] as const;
  const across = [(down[0] - origin[0]) / height, (down[1] - origin[1]) / height] as const;
  const place = ([x, y]: Point, [ux, uy]: readonly [number, number]): number =>
    (x - origin[0]) * ux + (y - origin[1]) * uy;
  return (quad: Quad): Extent => {
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

/**
 * Text boxes from the probability map of a DB detector (Liao et al. 2020, "Real-time Scene Text
 * Detection with Differentiable Binarization"), with the rules of PaddleX `text_detection/processors.py`:
 * threshold → regions → min-area rectangle → score → unclip → min-area rectangle.
 */
import type { DetectionParams } from "../catalog/manifest/manifest.ts";
import type { Quad } from "../types.ts";
import { findComponents } from "./components.ts";
import { minAreaRect, rectCorners, type RotatedRect } from "./geometry.ts";

/** Probabilities: 0–1 as floats, 0–255 as bytes. */
export type ProbabilityMap = Float32Array | Uint8Array;

function oneOf(map: ProbabilityMap): number {
  return map instanceof Uint8Array ? 255 : 1;
}

/** A box in map pixels and its mean probability. */
export interface ScoredBox {
  readonly rect: RotatedRect;
  readonly score: number;
}

type BoxParams = Pick<
  DetectionParams,
  "threshold" | "boxThreshold" | "unclipRatio" | "maxCandidates" | "minBoxSide"
>;

/**
 * @param map row-major `[height, width]`
 * @returns boxes in map pixels, in the order of their topmost pixel
 */
export function boxesFromMap(
  map: ProbabilityMap,
  width: number,
  height: number,
  params: BoxParams,
): ScoredBox[] {
  const boxes: ScoredBox[] = [];
  const components = findComponents(map, width, height, params.threshold * oneOf(map));
  for (const component of components.slice(0, params.maxCandidates)) {
    const tight = minAreaRect(component.outline);
    if (Math.min(tight.width, tight.height) < params.minBoxSide) continue;
    const score = meanInQuad(map, width, height, rectCorners(tight));
    if (score < params.boxThreshold) continue;
    const rect = unclip(tight, params.unclipRatio);
    if (Math.min(rect.width, rect.height) < params.minBoxSide + 2) continue;
    boxes.push({ rect, score });
  }
  return boxes;
}

/**
 * Grows a rectangle by area · ratio / perimeter on every side.
 *
 * The reference offsets the polygon with round joins and takes the min-area rectangle of the
 * result. For a rectangle that is this rectangle: with side lengths w, h and offset d the extents at
 * angle θ are w·cosθ + h·sinθ + 2d and w·sinθ + h·cosθ + 2d, whose product is least at θ = 0.
 */
export function unclip(rect: RotatedRect, ratio: number): RotatedRect {
  const perimeter = 2 * (rect.width + rect.height);
  const offset = perimeter === 0 ? 0 : (rect.width * rect.height * ratio) / perimeter;
  return { ...rect, width: rect.width + 2 * offset, height: rect.height + 2 * offset };
}

/** Mean of the map over the pixels whose centre lies in a convex quad, its edge included. */
export function meanInQuad(map: ProbabilityMap, width: number, height: number, quad: Quad): number {
  const ys = quad.map((p) => p[1]);
  const top = Math.max(0, Math.ceil(Math.min(...ys) - EDGE));
  const bottom = Math.min(height - 1, Math.floor(Math.max(...ys) + EDGE));
  let sum = 0;
  let count = 0;
  for (let y = top; y <= bottom; y++) {
    let left = Infinity;
    let right = -Infinity;
    for (let i = 0; i < 4; i++) {
      const [ax, ay] = quad[i] as readonly [number, number];
      const [bx, by] = quad[(i + 1) & 3] as readonly [number, number];
      if (Math.max(ay, by) < y - EDGE || Math.min(ay, by) > y + EDGE) continue;
      if (Math.abs(by - ay) <= EDGE) {
        left = Math.min(left, ax, bx);
        right = Math.max(right, ax, bx);
      } else {
        const t = Math.min(1, Math.max(0, (y - ay) / (by - ay)));
        const x = ax + t * (bx - ax);
        left = Math.min(left, x);
        right = Math.max(right, x);
      }
    }
    const from = Math.max(0, Math.ceil(left - EDGE));
    const to = Math.min(width - 1, Math.floor(right + EDGE));
    for (let x = from; x <= to; x++) {
      sum += map[y * width + x] as number;
      count++;
    }
  }
  return count === 0 ? 0 : sum / (count * oneOf(map));
}

/** Corners come from trigonometry: a pixel on the edge must not fall out by rounding. */
const EDGE = 1e-6;

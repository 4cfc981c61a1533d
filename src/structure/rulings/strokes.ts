/** Runs of neighbouring rows become straight strokes, which may drift: a page is seldom quite level. */
import type { GreyRaster } from "./raster.ts";
import { findRuns, MOST_THICKNESS, type Runs } from "./runs.ts";

/** A straight piece that runs from left to right, in raster pixels. */
export interface Stroke {
  readonly from: number;
  readonly to: number;
  /** y at the middle of its length, in the middle of its thickness. */
  readonly at: number;
  /** Pixels down for each pixel to the right. */
  readonly slope: number;
  readonly thickness: number;
  /** Grey levels between it and what lies beside it; below zero where it is lighter. */
  readonly contrast: number;
}

/** Length against thickness below which it is a blot. */
const LEAST_RATIO = 2;
/**
 * Spread of its tone along it, as a part of its contrast. The steps of a line that drifts are a little less, those of
 * letters that run together more.
 */
const MOST_SPREAD = 0.5;
/** Part of its pixels that stand out from both sides; where others cross it, some do not. */
const LEAST_DISTINCT = 0.65;
/** Shortest run, in pixels, by which a line is looked for in a shape that is none; and what counts beside it. */
const LEAST_LONG = 20;
const LONG_SHARE = 0.25;
/** Rows that a stroke may fill beyond its slope, in thicknesses. */
const MOST_BEND = 2.5;
/** The same as a part of the length: paper is seldom quite flat. */
const BOW = 0.006;

/** @param slopes smallest and greatest drift that counts, in pixels for each pixel */
export function findStrokes(raster: GreyRaster, slopes: readonly [number, number]): Stroke[] {
  const runs = findRuns(raster);
  const strokes: Stroke[] = [];
  for (const part of joinRows(runs, [...runs.row.keys()])) {
    const whole = fitLine(runs, part, slopes);
    const pieces = whole ? [part] : longRuns(runs, part);
    for (const piece of pieces) {
      const stroke = piece === part ? whole : fitLine(runs, piece, slopes);
      if (stroke) strokes.push(stroke);
    }
  }
  return strokes;
}

/** What is left of a shape where only its long runs count: a line without the curve that touches it. */
function longRuns({ from, to, ...runs }: Runs, part: readonly number[]): number[][] {
  const lengthOf = (i: number): number => (to[i] as number) - (from[i] as number) + 1;
  const longest = part.reduce((most, i) => Math.max(most, lengthOf(i)), 0);
  if (part.length < 2 || longest < LEAST_LONG) return [];
  const long = part.filter((i) => lengthOf(i) >= LONG_SHARE * longest);
  return long.length < part.length ? joinRows({ from, to, ...runs }, long) : [];
}

/**
 * Touching runs of one tone, as lists of their indices.
 *
 * @param members of the runs, in their order
 */
function joinRows(runs: Runs, members: readonly number[]): number[][] {
  const row = members.map((i) => runs.row[i] as number);
  const from = members.map((i) => runs.from[i] as number);
  const to = members.map((i) => runs.to[i] as number);
  const sign = members.map((i) => runs.sign[i] as number);
  const parent = Int32Array.from(members, (_, i) => i);
  const rootOf = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  let above = 0;
  for (let i = 0; i < row.length; i++) {
    const y = row[i] as number;
    while ((row[above] as number) < y - 1) above++;
    // Runs of a row do not overlap: those that end before this one begins are done with for good.
    while (row[above] === y - 1 && (to[above] as number) + 1 < (from[i] as number)) above++;
    for (let k = above; row[k] === y - 1 && (from[k] as number) - 1 <= (to[i] as number); k++) {
      if (sign[k] === sign[i]) parent[rootOf(i)] = rootOf(k);
    }
  }
  const parts = new Map<number, number[]>();
  for (let i = 0; i < row.length; i++) {
    const root = rootOf(i);
    const part = parts.get(root);
    if (part) part.push(members[i] as number);
    else parts.set(root, [members[i] as number]);
  }
  return [...parts.values()];
}

/** Least squares over all pixels of the runs. */
function fitLine(
  runs: Runs,
  members: readonly number[],
  [leastSlope, mostSlope]: readonly [number, number],
): Stroke | undefined {
  let from = Infinity;
  let to = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  let [area, x1, x2, y1, xy] = [0, 0, 0, 0, 0];
  let [pixels, unrest, ground] = [0, 0, 0];
  for (const i of members) {
    const [y, a, b] = [runs.row[i] as number, runs.from[i] as number, runs.to[i] as number];
    const length = b - a + 1;
    const middle = (a + b) / 2;
    from = Math.min(from, a);
    to = Math.max(to, b);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    area += length;
    x1 += length * middle;
    x2 += length * (middle * middle + (length * length - 1) / 12);
    y1 += length * y;
    xy += length * middle * y;
    const [count, sum] = [runs.pixels[i] as number, runs.sum[i] as number];
    pixels += count;
    // Within each row: across a stroke the edges are always softer than the middle.
    unrest += (runs.squares[i] as number) - (sum * sum) / count;
    ground += runs.ground[i] as number;
  }
  const length = to - from + 1;
  const thickness = area / length;
  if (thickness > MOST_THICKNESS || length < LEAST_RATIO * thickness) return undefined;
  if (pixels < LEAST_DISTINCT * area) return undefined;
  const contrast = ground / pixels;
  if (Math.sqrt(unrest / pixels) > MOST_SPREAD * Math.abs(contrast)) return undefined;

  const [mx, my] = [x1 / area, y1 / area];
  const variance = x2 / area - mx * mx;
  // Over a few pixels the steps of the raster say nothing of the direction.
  const fitted = variance > 0 && bottom > top ? (xy / area - mx * my) / variance : 0;
  const slope = length < 5 * (bottom - top + 1) ? 0 : fitted;
  if (slope < leastSlope || slope > mostSlope) return undefined;
  const drift = Math.abs(slope) * length;
  const bend = bottom - top + 1 - drift;
  if (bend > MOST_BEND * Math.max(thickness, 2) + BOW * length) return undefined;
  return {
    from,
    to: to + 1,
    at: my + slope * ((from + to) / 2 - mx) + 0.5,
    slope,
    thickness,
    contrast,
  };
}

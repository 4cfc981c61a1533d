/** Runs of pixels in a row that stand out from what lies above and below them. */
import type { GreyRaster } from "./raster.ts";

/** Parallel lists, by row and then from the left. */
export interface Runs {
  readonly row: number[];
  readonly from: number[];
  /** The last pixel. */
  readonly to: number[];
  /** 1: darker than its surroundings, -1: lighter. */
  readonly sign: number[];
  /** Sums of the pixels that stand out, of their squares and of the background beside them. */
  readonly pixels: number[];
  readonly sum: number[];
  readonly squares: number[];
  readonly ground: number[];
}

/** Distances at which a stroke is compared with its background: the first for thin, the second for thick ones. */
const NEAR = 2;
const FAR = 6;
/** A stroke is thinner than twice the distance: raster pixels. */
export const MOST_THICKNESS: number = 2 * FAR - 1;
/** Shortest run, in raster pixels. A line of one pixel at two degrees has steps of 28. */
const LEAST_RUN = 6;
/** Grey levels between a stroke and its background. Less in a shrunk picture, whose noise is less too. */
const LEAST_CONTRAST = 16;
const LEAST_CONTRAST_SHRUNK = 12;
/** Where another line crosses, the background is missing but the stroke goes on: raster pixels, grey levels. */
const MOST_CROSSING = 12;
const MOST_TONE_CHANGE = 48;

export function findRuns({ data, width, height, step }: GreyRaster): Runs {
  const runs: Runs = {
    row: [],
    from: [],
    to: [],
    sign: [],
    pixels: [],
    sum: [],
    squares: [],
    ground: [],
  };
  const least = step === 1 ? LEAST_CONTRAST : LEAST_CONTRAST_SHRUNK;
  for (let y = 0; y < height; y++) {
    const base = y * width;
    // Beyond the edge of the picture lies what lies on the other side of the stroke.
    const above = (distance: number): number =>
      (y >= distance ? -distance : Math.min(distance, height - 1 - y)) * width;
    const below = (distance: number): number =>
      (y + distance < height ? distance : -Math.min(distance, y)) * width;
    const [nearAbove, nearBelow] = [above(NEAR), below(NEAR)];
    const [farAbove, farBelow] = [above(FAR), below(FAR)];

    let sign = 0;
    let start = 0;
    let last = 0;
    let tone = 0;
    let pixels = 0;
    let sum = 0;
    let squares = 0;
    let ground = 0;
    for (let x = 0; x <= width; x++) {
      let found = 0;
      let value = 0;
      let beside = 0;
      if (x < width) {
        const at = base + x;
        value = data[at] as number;
        let a = (data[at + nearAbove] as number) - value;
        let b = (data[at + nearBelow] as number) - value;
        if (a >= least && b >= least) found = 1;
        else if (a <= -least && b <= -least) found = -1;
        else {
          a = (data[at + farAbove] as number) - value;
          b = (data[at + farBelow] as number) - value;
          if (a >= least && b >= least) found = 1;
          else if (a <= -least && b <= -least) found = -1;
        }
        beside = (a + b) / 2;
      }
      if (sign !== 0 && found !== sign) {
        const goesOn =
          found === 0 &&
          x < width &&
          x - last <= MOST_CROSSING &&
          Math.abs(value - tone) <= MOST_TONE_CHANGE;
        if (goesOn) continue;
        if (last - start + 1 >= LEAST_RUN) {
          runs.row.push(y);
          runs.from.push(start);
          runs.to.push(last);
          runs.sign.push(sign);
          runs.pixels.push(pixels);
          runs.sum.push(sum);
          runs.squares.push(squares);
          runs.ground.push(ground);
        }
        sign = 0;
      }
      if (found === 0) continue;
      if (sign === 0) {
        sign = found;
        start = x;
        pixels = sum = squares = ground = 0;
      }
      last = x;
      tone = value;
      pixels++;
      sum += value;
      squares += value * value;
      ground += beside;
    }
  }
  return runs;
}

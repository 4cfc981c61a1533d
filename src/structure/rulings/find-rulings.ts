/** Ruling lines of a page: long straight strokes, dark or light, thin or thick. */
import type { RgbaImage } from "../../types.ts";
import type { Ruling, Rulings } from "./ruling.ts";
import { chainStrokes, mergeDouble, type Chain } from "./join.ts";
import { MOST_THICKNESS } from "./runs.ts";
import { greyRaster, transposed, type GreyRaster } from "./raster.ts";
import { findStrokes } from "./strokes.ts";

/** A line by itself: raster pixels, and as a part of the longer side. */
const LEAST_LENGTH = 32;
const LEAST_SHARE = 0.035;
/** A line between two others that cross it: raster pixels. */
const LEAST_BETWEEN = 10;
/** How far the ends of such a line may be from the others: raster pixels. */
const MOST_MISS = 4;
/** Length against thickness; letters of a title are stouter. */
const LEAST_RATIO = 10;
/** Drawn part of a line, of a solid and of a dashed one. */
const SOLID = 0.9;
const DASHED = 0.4;
/** Dashes of one line, at least. */
const LEAST_DASHES = 5;
/** Length of the longest dash against the shortest. */
const MOST_UNEVEN = 4;
/** Part of a dashed and of a short solid line that must have nothing directly above and below. */
const LEAST_FREE_DASHED = 0.8;
const LEAST_FREE_SOLID = 0.5;
/** A dark solid line so long, as a part of the longer side, is one whatever stands beside it. */
const LONG_SHARE = 0.3;
/** Degrees that a line may be off the page's own direction. */
const MOST_DRIFT = 2.5;
/** Places along a line at which its thickness is taken. */
const THICKNESS_SAMPLES = 24;
/** An echo of a line lies so near it, in raster pixels, and its contrast is so many times smaller. */
const ECHO_REACH = 8;
const ECHO_RATIO = 3;
/** Raster pixels over which the background beside a line must be even, within so many grey levels. */
const BESIDE = 3;
const MOST_UNREST = 16;

/**
 * Finds the ruling lines of an image. Takes one byte for each pixel, of a picture shrunk to four
 * megapixels where it has more, and twice that for a moment.
 *
 * @param skew degrees by which the content is turned clockwise, where that is known; lines may be 2.5
 *   degrees off it
 * @returns both kinds from the top left, in pixels of the image; a line that drifts is given by its middle
 */
export function findRulings(image: RgbaImage, skew: number = 0): Rulings {
  if (image.width < 2 || image.height < 2) return { horizontal: [], vertical: [] };
  const raster = greyRaster(image);
  // Turned clockwise, a horizontal line falls to the right and a vertical one leans to the left.
  const across = candidates(raster, skew);
  const down = candidates(transposed(raster), -skew);
  const horizontal = accept(across, down);
  const vertical = accept(down, across);
  return { horizontal: scaled(horizontal, raster.step), vertical: scaled(vertical, raster.step) };
}

interface Candidates {
  /** Long enough to stand for themselves. */
  readonly sure: readonly Chain[];
  /** Lines only where they run from one line to another. */
  readonly short: readonly Chain[];
}

function candidates(raster: GreyRaster, skew: number): Candidates {
  const slope = (degrees: number): number => Math.tan((degrees * Math.PI) / 180);
  const strokes = findStrokes(raster, [slope(skew - MOST_DRIFT), slope(skew + MOST_DRIFT)]);
  const least = Math.max(LEAST_LENGTH, LEAST_SHARE * Math.max(raster.width, raster.height));
  const sure: Chain[] = [];
  const short: Chain[] = [];
  for (const found of chainStrokes(strokes)) {
    const length = found.to - found.from;
    if (length < LEAST_BETWEEN) continue;
    const chain = { ...found, thickness: thicknessOf(found, raster) };
    const isLine = length >= least && length >= LEAST_RATIO * chain.thickness;
    if (isLine && isDrawn(chain, raster)) sure.push(chain);
    else if (isSolid(chain)) short.push(chain);
  }
  const lines = sure.filter((chain) => !sure.some((other) => isEcho(chain, other)));
  return { sure: lines.filter((chain) => !isBetween(chain, lines)), short };
}

/** Of a thick stroke only the middle stands out from both sides at once: its edges are looked for here. */
function thicknessOf(chain: Chain, { data, width, height }: GreyRaster): number {
  const step = Math.max(1, Math.floor((chain.to - chain.from) / THICKNESS_SAMPLES));
  const found: number[] = [];
  for (let x = chain.from + (step >> 1); x < chain.to; x += step) {
    const y = Math.floor(yAt(chain, x));
    const value = (row: number): number | undefined =>
      row >= 0 && row < height ? data[row * width + x] : undefined;
    const tone = value(y) ?? 0;
    const reach = (side: number): number => {
      let rows = 0;
      for (; rows < MOST_THICKNESS; rows++) {
        const next = value(y + side * (rows + 1));
        if (next === undefined || Math.abs(next - tone) > Math.abs(chain.contrast) / 2) break;
      }
      return rows;
    };
    found.push(reach(-1) + 1 + reach(1));
  }
  found.sort((a, b) => a - b);
  return found[found.length >> 1] ?? chain.thickness;
}

/** The space between two lines looks like a line of the opposite tone. */
function isBetween(chain: Chain, all: readonly Chain[]): boolean {
  const x = (chain.from + chain.to) / 2;
  const isBeside = (side: number) => (other: Chain) => {
    const distance = side * (yAt(other, x) - chain.at);
    return (
      other.contrast * chain.contrast < 0 &&
      other.thickness <= chain.thickness &&
      distance > 0 &&
      distance <= (chain.thickness + other.thickness) / 2 + BESIDE &&
      other.from <= x &&
      other.to >= x
    );
  };
  return all.some(isBeside(1)) && all.some(isBeside(-1));
}

/** Compression and sharpening draw a faint line of the opposite tone beside a strong one. */
function isEcho(chain: Chain, other: Chain): boolean {
  if (chain.contrast * other.contrast > 0) return false;
  const x = (chain.from + chain.to) / 2;
  return (
    Math.abs(other.contrast) > ECHO_RATIO * Math.abs(chain.contrast) &&
    Math.abs(yAt(other, x) - chain.at) <= ECHO_REACH &&
    other.from <= x &&
    other.to >= x
  );
}

function yAt({ at, slope, from, to }: Chain, x: number): number {
  return at + slope * (x - (from + to) / 2);
}

function isSolid({ from, to, drawn, pieces }: Chain): boolean {
  return drawn >= SOLID * (to - from) && (pieces === 1 || drawn / pieces >= LEAST_LENGTH);
}

/** Solid, or made of dashes of their own rather than of parts of letters. */
function isDrawn(chain: Chain, raster: GreyRaster): boolean {
  const length = chain.to - chain.from;
  if (isSolid(chain)) {
    // The space between two lines of text is a long light stroke too.
    const isLong =
      chain.contrast > 0 && length >= LONG_SHARE * Math.max(raster.width, raster.height);
    return isLong || freePart(chain, raster) >= LEAST_FREE_SOLID;
  }
  const isDashed =
    chain.drawn >= DASHED * length &&
    ((chain.pieces >= LEAST_DASHES && chain.longest <= MOST_UNEVEN * chain.shortest) ||
      chain.shortest >= LEAST_LENGTH);
  return isDashed && freePart(chain, raster) >= LEAST_FREE_DASHED;
}

/** The part of a line along which each side is even: letters and their parts have others beside them. */
function freePart(chain: Chain, raster: GreyRaster): number {
  const { from, to, thickness } = chain;
  const { data, width, height } = raster;
  const near = Math.ceil(thickness / 2) + 2;
  let free = 0;
  let count = 0;
  for (let x = from + 1; x < to - 1; x += 2) {
    const y = Math.floor(yAt(chain, x));
    const value = (row: number): number =>
      data[Math.min(Math.max(row, 0), height - 1) * width + x] as number;
    const isEven = (side: number): boolean =>
      Math.abs(value(y + side * near) - value(y + side * (near + BESIDE))) <= MOST_UNREST;
    // Between two dashes there is nothing to be free.
    if (Math.abs(value(y) - value(y - near)) < Math.abs(chain.contrast) / 3) continue;
    count++;
    if (isEven(-1) && isEven(1)) free++;
  }
  return free / Math.max(1, count);
}

function accept({ sure, short }: Candidates, crossing: Candidates): Chain[] {
  const meets = (x: number, y: number): boolean =>
    crossing.sure.some(
      (other) =>
        Math.abs(yAt(other, y) - x) <= MOST_MISS + other.thickness / 2 &&
        y >= other.from - MOST_MISS &&
        y <= other.to + MOST_MISS,
    );
  const between = short.filter((chain) => {
    const half = (chain.slope * (chain.to - chain.from)) / 2;
    return meets(chain.from, chain.at - half) && meets(chain.to, chain.at + half);
  });
  return [...sure, ...between];
}

function scaled(chains: readonly Chain[], step: number): Ruling[] {
  const rulings = chains.map(({ at, from, to, thickness }) => ({
    at: at * step,
    from: from * step,
    to: to * step,
    thickness: thickness * step,
  }));
  return mergeDouble(rulings, step);
}

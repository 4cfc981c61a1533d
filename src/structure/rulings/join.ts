/** Pieces of one line are put together again: gaps, dashes and double lines. */
import type { Ruling } from "./ruling.ts";
import type { Stroke } from "./strokes.ts";

/** Pieces on one line. */
export interface Chain extends Stroke {
  readonly pieces: number;
  /** Drawn length, without the gaps. */
  readonly drawn: number;
  /** Lengths of the pieces; where there are more than two, without those at the ends. */
  readonly shortest: number;
  readonly longest: number;
}

/** Pixels across by which a piece may miss the line that it continues, beyond half of both thicknesses. */
const MOST_STEP = 1.5;
/** A gap may be so long as a part of the shorter neighbour, at least and at most so many pixels. */
const GAP_RATIO = 1;
const LEAST_GAP = 4;
const MOST_GAP = 40;
/** Height of the drawers in which chains wait for their next piece: pixels. */
const DRAWER = 4;
/** Pixels of overlap by which two pieces may still follow each other. */
const MOST_OVERLAP = 3;

interface Open {
  first: Stroke;
  last: Stroke;
  pieces: number;
  drawn: number;
  shortest: number;
  longest: number;
  /** Sums over the pieces, weighted with their lengths. */
  at: number;
  x: number;
  weight: number;
}

/** Each piece continues the chain that ends nearest before it on its line. */
export function chainStrokes(strokes: readonly Stroke[]): Chain[] {
  const drawers = new Map<number, Open[]>();
  const all: Open[] = [];
  for (const stroke of strokes.toSorted((a, b) => a.from - b.from)) {
    const y = yAt(stroke, stroke.from);
    const drawer = Math.floor(y / DRAWER);
    let best: Open | undefined;
    for (let k = drawer - 1; k <= drawer + 1; k++) {
      for (const open of drawers.get(k) ?? []) {
        if (follows(open.last, stroke) && (!best || open.last.to > best.last.to)) best = open;
      }
    }
    const length = stroke.to - stroke.from;
    const end = Math.floor(yAt(stroke, stroke.to) / DRAWER);
    if (best) {
      const old = Math.floor(yAt(best.last, best.last.to) / DRAWER);
      drawers.set(
        old,
        (drawers.get(old) ?? []).filter((open) => open !== best),
      );
      if (best.pieces > 1) {
        const inner = best.last.to - best.last.from;
        best.shortest = Math.min(best.shortest, inner);
        best.longest = Math.max(best.longest, inner);
      }
      best.last = stroke;
      best.pieces++;
      best.drawn += length;
      best.at += stroke.at * length;
      best.x += ((stroke.from + stroke.to) / 2) * length;
      best.weight += length;
    } else {
      best = {
        first: stroke,
        last: stroke,
        pieces: 1,
        drawn: length,
        shortest: Infinity,
        longest: 0,
        at: stroke.at * length,
        x: ((stroke.from + stroke.to) / 2) * length,
        weight: length,
      };
      all.push(best);
    }
    const list = drawers.get(end);
    if (list) list.push(best);
    else drawers.set(end, [best]);
  }
  return all.map(closed);
}

function follows(last: Stroke, next: Stroke): boolean {
  const gap = next.from - last.to;
  const shorter = Math.min(last.to - last.from, next.to - next.from);
  if (gap < -MOST_OVERLAP || gap > Math.min(MOST_GAP, Math.max(LEAST_GAP, GAP_RATIO * shorter))) {
    return false;
  }
  const middle = (last.to + next.from) / 2;
  const step = Math.abs(yAt(last, middle) - yAt(next, middle));
  return step <= MOST_STEP + Math.abs(last.thickness - next.thickness) / 2;
}

function yAt({ at, slope, from, to }: Stroke, x: number): number {
  return at + slope * (x - (from + to) / 2);
}

function closed(open: Open): Chain {
  const { first, last, pieces, drawn, at, x, weight } = open;
  const [from, to] = [first.from, last.to];
  const slope =
    pieces === 1
      ? first.slope
      : (yAt(last, last.to) - yAt(first, first.from)) / Math.max(1, to - from);
  return {
    from,
    to,
    slope,
    at: at / weight + slope * ((from + to) / 2 - x / weight),
    thickness: Math.max(first.thickness, last.thickness),
    contrast: (first.contrast + last.contrast) / 2,
    pieces,
    drawn,
    shortest: pieces > 2 ? open.shortest : Math.min(first.to - first.from, last.to - last.from),
    longest: pieces > 2 ? open.longest : Math.max(first.to - first.from, last.to - last.from),
  };
}

/** Space between the lines of a double line: in thicknesses of the thicker one, and pixels at least. */
const DOUBLE_RATIO = 2;
const LEAST_DOUBLE = 3;
/** The whole double line is no thicker: pixels. */
const MOST_DOUBLE = 16;
/** Shared length of the two as a part of the shorter one. */
const DOUBLE_SHARE = 0.8;

/** Two lines close beside each other count as one thick line. */
export function mergeDouble(rulings: readonly Ruling[], step: number): Ruling[] {
  const merged: Ruling[] = [];
  for (const ruling of rulings.toSorted((a, b) => a.at - b.at)) {
    const twin = merged.findLastIndex((other) => isDouble(other, ruling, step));
    const other = merged[twin];
    if (!other) {
      merged.push(ruling);
      continue;
    }
    const top = Math.min(other.at - other.thickness / 2, ruling.at - ruling.thickness / 2);
    const bottom = Math.max(other.at + other.thickness / 2, ruling.at + ruling.thickness / 2);
    merged[twin] = {
      at: (top + bottom) / 2,
      from: Math.min(other.from, ruling.from),
      to: Math.max(other.to, ruling.to),
      thickness: bottom - top,
    };
  }
  return merged.sort((a, b) => a.at - b.at || a.from - b.from);
}

function isDouble(a: Ruling, b: Ruling, step: number): boolean {
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from);
  const shorter = Math.min(a.to - a.from, b.to - b.from);
  if (shared < DOUBLE_SHARE * shorter) return false;
  const distance = Math.abs(a.at - b.at);
  if (distance + (a.thickness + b.thickness) / 2 > MOST_DOUBLE * step) return false;
  const space = distance - (a.thickness + b.thickness) / 2;
  // What was merged is thick because of the space in it, which must not grow with each line.
  const thicker = Math.min(Math.max(a.thickness, b.thickness), 3 * step);
  return space <= Math.max(LEAST_DOUBLE * step, DOUBLE_RATIO * thicker);
}

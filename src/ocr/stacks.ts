/** Text turned by a quarter whose letters stand so far apart that each got a box of its own. */
import type { Quad } from "../types.ts";

/** Boxes that may be the letters of one line. */
export interface Stack {
  /** Indices of the boxes, from top to bottom. */
  readonly members: readonly number[];
  /** The whole pile, starting at its top right: the start of text that runs down. */
  readonly quad: Quad;
}

/** Fewer than this are a list of short entries rather than a word. */
const LEAST = 4;

interface Box {
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Finds piles of boxes of like width, one under the other without a gap. A narrow column of a table can
 * look the same: the caller decides by reading it both ways.
 */
export function findStacks(quads: readonly Quad[]): Stack[] {
  const boxes = quads.map(boundsOf).filter(isLetter);
  boxes.sort((a, b) => a.top - b.top);
  const used = new Set<number>();
  const stacks: Stack[] = [];
  for (const first of boxes) {
    if (used.has(first.index)) continue;
    const pile = [first];
    for (const box of boxes) {
      const last = pile[pile.length - 1] as Box;
      if (box.top > last.top && !used.has(box.index) && follows(last, box)) pile.push(box);
    }
    if (pile.length < LEAST) continue;
    for (const box of pile) used.add(box.index);
    stacks.push({ members: pile.map((box) => box.index), quad: around(pile) });
  }
  return stacks;
}

/** A letter lying on its side is at most twice as wide as high, and not a line by itself. */
function isLetter({ left, right, top, bottom }: Box): boolean {
  const ratio = (right - left) / Math.max(1, bottom - top);
  return ratio >= 0.5 && ratio <= 2;
}

function follows(upper: Box, lower: Box): boolean {
  const width = Math.max(upper.right - upper.left, lower.right - lower.left);
  const gap = lower.top - upper.bottom;
  return (
    Math.abs(upper.left - lower.left) <= width / 4 &&
    Math.abs(upper.right - lower.right) <= width / 4 &&
    Math.abs(gap) <= Math.min(upper.bottom - upper.top, lower.bottom - lower.top) / 2
  );
}

function boundsOf(quad: Quad, index: number): Box {
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  return {
    index,
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

function around(pile: readonly Box[]): Quad {
  const left = Math.min(...pile.map((box) => box.left));
  const right = Math.max(...pile.map((box) => box.right));
  const top = Math.min(...pile.map((box) => box.top));
  const bottom = Math.max(...pile.map((box) => box.bottom));
  return [
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
}

/** The rulings that can be of a table: level, and none that is really a stroke of letters. */
import type { Ruling, Rulings } from "../rulings/ruling.ts";
import { levelRulings, type Edges, type Frame } from "./frame.ts";
import { segmentsOf, type PlacedWord } from "./words.ts";

/** Words nearer to each other stand together: heights of the text. */
const WORD_SPACE = 0.3;
/** Part of a ruling that runs through words from which it is made of their letters. */
const MOST_INSIDE = 0.4;
/** Depth in a word, as a part of its height, from which a line runs through rather than along it. */
const DEPTH = 0.25;

/** @param words in the level frame */
export function tableRulings(
  rulings: Rulings,
  words: readonly PlacedWord[],
  frame: Frame,
): Rulings {
  const { horizontal, vertical } = levelRulings(rulings, frame);
  // Strokes may lie between the boxes of two letters that stand together.
  const segments = segmentsOf(words, WORD_SPACE);
  const isOwn = (upright: boolean) => (ruling: Ruling) =>
    insideLength(ruling, segments, upright) <= MOST_INSIDE * (ruling.to - ruling.from);
  return { horizontal: horizontal.filter(isOwn(false)), vertical: vertical.filter(isOwn(true)) };
}

function insideLength(ruling: Ruling, texts: readonly Edges[], upright: boolean): number {
  let inside = 0;
  for (const { left, top, right, bottom } of texts) {
    const depth = DEPTH * (bottom - top);
    const [low, high] = upright ? [left, right] : [top, bottom];
    // A narrow text, such as a digit, is met by any line that touches it.
    const margin = Math.min(depth, (high - low) / 4);
    if (ruling.at <= low + margin || ruling.at >= high - margin) continue;
    const [from, to] = upright ? [top, bottom] : [left, right];
    inside += Math.max(0, Math.min(ruling.to, to) - Math.max(ruling.from, from));
  }
  return inside;
}

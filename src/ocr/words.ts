/** Symbols of a line become its text and its words with their places. */
import type { Line, Quad, Word } from "../types.ts";
import type { CtcSymbol } from "./ctc.ts";
import { pointInQuad } from "./geometry.ts";
import type { Recognition } from "./long-lines.ts";

/** Scripts written without spaces: every character is a word of its own, as search needs it. */
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\u3000-\u303f\uff01-\uff0f]$/u;

/** A run that keeps its left-to-right order inside right-to-left text (PaddleOCR `pred_reverse`). */
const LEFT_TO_RIGHT = /[a-zA-Z0-9:*./%+-](?:[a-zA-Z0-9 :*./%+-]*[a-zA-Z0-9:*./%+-])?|./gsu;

/**
 * @param quad where the recognised crop lay on the page
 * @param rightToLeft whether the network's left-to-right output has to be reversed
 */
export function toLine(
  { symbols, stepWidth }: Recognition,
  polygon: Quad,
  quad: Quad,
  rightToLeft: boolean,
): Line {
  const words: Word[] = [];
  const groups = groupWords(symbols);
  groups.forEach((group, i) => {
    const first = group[0] as CtcSymbol;
    const last = group[group.length - 1] as CtcSymbol;
    // A symbol fires near its middle: half a letter lies outside its steps, but no more than half of
    // the way to the neighbouring word.
    const letter = (center(last) - center(first)) / Math.max(1, group.length - 1);
    const margin = Math.max(letter / 2, 0.5);
    const before = groups[i - 1]?.at(-1);
    const after = groups[i + 1]?.[0];
    const start = Math.max(center(first) - margin, before ? middle(before, first) : 0);
    const end = Math.min(center(last) + margin, after ? middle(last, after) : 1 / stepWidth);
    words.push({
      text: join(group, rightToLeft),
      confidence: mean(group),
      polygon: slice(quad, clamp(start * stepWidth), clamp(end * stepWidth)),
    });
  });
  if (rightToLeft) words.reverse();
  return { text: join(symbols, rightToLeft).trim(), confidence: mean(symbols), polygon, words };
}

function groupWords(symbols: readonly CtcSymbol[]): CtcSymbol[][] {
  const groups: CtcSymbol[][] = [];
  let open: CtcSymbol[] | undefined;
  for (const symbol of symbols) {
    if (symbol.text.trim() === "") {
      open = undefined;
    } else if (open === undefined || UNSPACED.test(symbol.text)) {
      open = [symbol];
      groups.push(open);
      if (UNSPACED.test(symbol.text)) open = undefined;
    } else {
      open.push(symbol);
    }
  }
  return groups;
}

/** The middle of a symbol in time steps; step `t` covers [t, t + 1]. */
function center(symbol: CtcSymbol): number {
  return (symbol.from + symbol.to + 1) / 2;
}

function middle(a: CtcSymbol, b: CtcSymbol): number {
  return (center(a) + center(b)) / 2;
}

/** Mean probability of what is printed: a space is a gap, and a faint one says nothing of the letters. */
function mean(symbols: readonly CtcSymbol[]): number {
  const printed = symbols.filter((s) => s.text.trim() !== "");
  return printed.reduce((sum, s) => sum + s.probability, 0) / Math.max(1, printed.length);
}

function join(symbols: readonly CtcSymbol[], reversed: boolean): string {
  const text = symbols.map((s) => s.text).join("");
  return reversed ? toLogicalOrder(text) : text;
}

/** Right-to-left text as it is stored, from text as it stands on the page from the left. */
function toLogicalOrder(visual: string): string {
  return (visual.match(LEFT_TO_RIGHT) ?? []).reverse().join("");
}

function slice(quad: Quad, from: number, to: number): Quad {
  return [
    pointInQuad(quad, from, 0),
    pointInQuad(quad, to, 0),
    pointInQuad(quad, to, 1),
    pointInQuad(quad, from, 1),
  ];
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}

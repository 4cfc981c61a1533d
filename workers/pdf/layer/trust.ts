/** Which fonts of a page say what they show. */
import type { Glyph } from "./glyph.ts";

/**
 * Characters that nobody writes, as part of all. Icon fonts put some private-use characters on honest pages: bullets
 * and arrows, which stand alone. A font without a map makes nearly all of its characters bad.
 */
const MAX_BAD = 0.2;
/** So many in a row are a word. */
const BAD_WORD = 4;

/**
 * Letters and digits, as part of all, after repeats such as dot leaders. Running text has 0.9 and more, tables and
 * programs 0.7. A subset font whose codes were numbered from "!" on and never mapped reads like `"7+%-`.
 */
const MIN_WORDY = 0.5;
/** Fewer characters of a font are bullets and signs. */
const LEAST_WORDY = 12;

/** Replacement, private use (all planes), control, noncharacters. Tabs and line ends are white space. */
const BAD = /[\uFFFD\uFFFE\uFFFF\p{Co}\p{Cn}]|[^\P{Cc}\s]/gu;

/** What some programs write for a glyph without a character. */
const CID = /\(cid:\d+\)/g;

/** @returns names of the fonts whose text has to be read from its pixels */
export function unreadableFonts(glyphs: readonly Glyph[]): Set<string> {
  const texts = new Map<string, string[]>();
  for (const { font, text } of glyphs) {
    const list = texts.get(font);
    if (list) list.push(text);
    else texts.set(font, [text]);
  }
  const unreadable = new Set<string>();
  for (const [font, list] of texts) {
    if (isGarbage(list.join(""))) unreadable.add(font);
  }
  return unreadable;
}

/**
 * Whether a text has no meaning: impossible characters that follow each other, or hardly a letter. Text that is wrong
 * but consists of letters cannot be told from right one.
 */
export function isGarbage(
  text: string,
  leastWordy: number = LEAST_WORDY,
  badWord: number = BAD_WORD,
): boolean {
  const ink = text.replaceAll(/\s+/g, "");
  const all = count(ink);
  if (all === 0) return false;
  const unmapped = ink.match(CID)?.join("").length ?? 0;
  const bad = (ink.match(BAD)?.length ?? 0) + unmapped;
  if (bad / all > MAX_BAD && (unmapped > 0 || bad >= badWord)) {
    const longest = Math.max(0, ...(ink.match(BAD_RUNS) ?? []).map(count));
    if (unmapped > 0 || longest >= badWord) return true;
  }
  const plain = ink.replaceAll(CID, "").replaceAll(/([^\p{L}\p{N}])\1{2,}/gu, "");
  // Fonts of mathematics hold nothing but signs and brackets; codes that were never mapped come out as ASCII.
  const ascii = plain.match(/[!-'*-/:-@\\^-`~]/g)?.length ?? 0;
  if (ascii < leastWordy) return false;
  // Marks belong to the letters before them; scripts such as Devanagari have as many.
  const wordy = plain.match(/[\p{L}\p{M}\p{N}]/gu)?.length ?? 0;
  return wordy < MIN_WORDY * count(plain);
}

const BAD_RUNS = /(?:[\uFFFD\uFFFE\uFFFF\p{Co}\p{Cn}]|[^\P{Cc}\s])+/gu;

/** Whether a whole page has no meaning: there a few signs are all that tells. */
export function isGarbagePage(text: string): boolean {
  return isGarbage(text, LEAST_PAGE_WORDY, 1);
}

const LEAST_PAGE_WORDY = 3;

/** Code points. */
function count(text: string): number {
  let points = 0;
  for (const _ of text) points++;
  return points;
}

/** Accents that are drawn as characters of their own, over the letters that they belong to. */
import { levelOf, placeOf } from "./glyph.ts";
import type { Glyph } from "./glyph.ts";

/** Spacing accents and the combining marks that they stand for. */
const MARKS: Readonly<Record<string, string>> = {
  "`": "\u0300",
  "´": "\u0301",
  ˊ: "\u0301",
  ˋ: "\u0300",
  "^": "\u0302",
  ˆ: "\u0302",
  "~": "\u0303",
  "˜": "\u0303",
  "¯": "\u0304",
  ˉ: "\u0304",
  "˘": "\u0306",
  "˙": "\u0307",
  "¨": "\u0308",
  "˚": "\u030A",
  "˝": "\u030B",
  ˇ: "\u030C",
  "¸": "\u0327",
  "˛": "\u0328",
};

/** Letters without their dots, which TeX puts accents on. */
const DOTLESS: Readonly<Record<string, string>> = { ı: "i", ȷ: "j" };

/** How far the middle of an accent may lie beside its letter, of the letter's width. */
const MOST_ASIDE = 0.1;
/** And how far above or below its baseline, of the size. */
const MOST_ABOVE = 0.8;

/** @param glyphs in drawing order */
export function joinAccents(glyphs: readonly Glyph[]): Glyph[] {
  const result: Glyph[] = [];
  let pending: { readonly glyph: Glyph; readonly mark: string } | undefined;
  for (const glyph of glyphs) {
    if (pending) {
      if (isOver(pending.glyph, glyph)) {
        result.push(accented(glyph, pending.mark));
        pending = undefined;
        continue;
      }
      result.push(pending.glyph);
      pending = undefined;
    }
    const mark = markOf(glyph.text);
    const last = result.at(-1);
    if (mark === undefined) result.push(glyph);
    else if (last && isOver(glyph, last)) result[result.length - 1] = accented(last, mark);
    else pending = { glyph, mark };
  }
  if (pending) result.push(pending.glyph);
  return result;
}

function markOf(text: string): string | undefined {
  return Object.hasOwn(MARKS, text) ? MARKS[text] : /^\p{Mn}$/u.test(text) ? text : undefined;
}

function accented(letter: Glyph, mark: string): Glyph {
  const base = DOTLESS[letter.text] ?? letter.text;
  return { ...letter, text: (base + mark).normalize("NFC") };
}

function isOver(accent: Glyph, letter: Glyph): boolean {
  if (!/^\p{L}\p{M}*$/u.test(letter.text) || letter.vertical || letter.length <= 0) return false;
  if (letter.along[0] * accent.along[0] + letter.along[1] * accent.along[1] < 0.99) return false;
  // A mark without a width reaches back over the letter before it.
  const middle = placeOf(letter, accent.origin) + accent.length / 2;
  const start = placeOf(letter, letter.origin);
  const slack = (accent.length > 0 ? MOST_ASIDE : 0.5) * letter.length;
  const isBeside = middle < start - slack || middle > start + letter.length + slack;
  const above = Math.abs(levelOf(letter, accent.origin) - levelOf(letter, letter.origin));
  return !isBeside && above < MOST_ABOVE * letter.size;
}

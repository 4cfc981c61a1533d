/** From the order in which characters stand on a page to the order in which they are read. */
import type { Glyph } from "./glyph.ts";

const RTL =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const LTR = /[\p{L}\p{Nd}]/u;

/** Digits of any script run from left to right. */
export function isRtl({ text }: Pick<Glyph, "text">): boolean {
  return RTL.test(text) && !/\p{Nd}/u.test(text);
}

function isLtr(glyph: Pick<Glyph, "text">): boolean {
  return !isRtl(glyph) && LTR.test(glyph.text);
}

/** Whether most letters run from right to left. */
export function readsLeftwards(glyphs: readonly Pick<Glyph, "text">[]): boolean {
  let sum = 0;
  for (const glyph of glyphs) {
    if (isRtl(glyph)) sum++;
    else if (/\p{L}/u.test(glyph.text)) sum--;
  }
  return sum > 0;
}

/** @param glyphs from left to right */
export function logicalOrder<G extends Pick<Glyph, "text">>(glyphs: readonly G[]): G[] {
  if (!glyphs.some(isRtl)) return [...glyphs];
  // Within a line that runs one way, what runs the other way is turned around: numbers and foreign words.
  const leftwards = readsLeftwards(glyphs);
  const list = leftwards ? glyphs.toReversed() : [...glyphs];
  const turns = leftwards ? isLtr : isRtl;
  const stays = leftwards ? isRtl : isLtr;
  for (let from = 0; from < list.length; from++) {
    if (!turns(list[from] as G)) continue;
    let end = from;
    for (let to = from + 1; to < list.length && !stays(list[to] as G); to++) {
      if (turns(list[to] as G)) end = to;
    }
    list.splice(from, end - from + 1, ...list.slice(from, end + 1).reverse());
    from = end;
  }
  return list;
}

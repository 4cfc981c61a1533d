/** `1-5,8,r2-r1`: which pages of a document, as people write it. */
import { GlyphpoolError } from "../errors.ts";

const PART = /^(r?)(\d+)(?:-(r?)(\d+))?$/;

/**
 * The pages that are meant, in the order in which they are named; one that is named twice comes once.
 *
 * @param text numbers and ranges with commas between them; `r1` is the last page. `8-5` counts down. Absent: all
 * @param count pages of the document
 * @throws GlyphpoolError `INVALID_OPTION`, `PAGE_NOT_FOUND`
 */
export function parsePageRange(text: string | undefined, count: number): number[] {
  if (text === undefined) return Array.from({ length: count }, (_, i) => i + 1);
  const pages = new Set<number>();
  for (const part of text.split(",")) {
    const match = PART.exec(part.replaceAll(/\s/g, ""));
    if (!match) throw invalid(text);
    const [, fromEnd, from = "", toEnd, to] = match;
    const first = numberOf(fromEnd, from, count, part);
    const last = to === undefined ? first : numberOf(toEnd, to, count, part);
    const step = last < first ? -1 : 1;
    for (let page = first; page !== last + step; page += step) pages.add(page);
  }
  return [...pages];
}

function numberOf(end: string | undefined, digits: string, count: number, part: string): number {
  const number = Number(digits);
  const page = end ? count + 1 - number : number;
  if (number < 1 || page < 1 || page > count) {
    const pages = count === 1 ? "1 page" : `${count} pages`;
    const message = `pages names ${part.trim()}, but the document has ${pages}.`;
    throw new GlyphpoolError("PAGE_NOT_FOUND", message);
  }
  return page;
}

function invalid(text: string): GlyphpoolError {
  const message = `pages is ${JSON.stringify(text)}; allowed: numbers and ranges such as "1-5,8,r2-r1", where r1 is the last page.`;
  return new GlyphpoolError("INVALID_OPTION", message);
}

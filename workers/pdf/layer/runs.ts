/** Glyphs to runs: pieces of text that are drawn in one go on one baseline. */
import type { Point, Quad } from "../../../src/types.ts";
import type { TextRun } from "../worker-api.ts";
import { isRtl, logicalOrder, readsLeftwards } from "./direction.ts";
import { levelOf, placeOf } from "./glyph.ts";
import type { Glyph } from "./glyph.ts";

/** Gaps, of the size. From WORD on two letters belong to two words; from RUN on a new run begins. */
const WORD_GAP = 0.15;
const RUN_GAP = 1.2;
/** How far a letter may reach back over the one before it. */
const MOST_BACK = 0.5;
/** How far a baseline may rise or fall within a run, of the size. */
const SAME_LEVEL = 0.12;
/** Farther apart are two lines. */
const OTHER_LINE = 0.7;
const SAME_SIZE = 0.02;
const SAME_DIRECTION = 0.999;

/** @param glyphs in drawing order */
export function runsOf(glyphs: readonly Glyph[]): TextRun[] {
  const chains: Glyph[][] = [];
  let chain: Glyph[] = [];
  for (const glyph of glyphs) {
    const last = chain.at(-1);
    if (last && !continues(last, glyph)) {
      chains.push(chain);
      chain = [];
    }
    chain.push(glyph);
  }
  if (chain.length > 0) chains.push(chain);
  return chains.flatMap((each, i): TextRun[] => {
    const [from, to] = [each.at(-1) as Glyph, chains[i + 1]?.[0]];
    const run = finish(each, to !== undefined && beginsLine(from, to));
    // A damaged matrix puts text nowhere.
    return run?.polygon.flat().every(Number.isFinite) ? [run] : [];
  });
}

/** What lies between two glyphs along the text, without the space that all letters get. */
function gapOf(a: Glyph, b: Glyph): number {
  return placeOf(a, b.origin) - placeOf(a, a.origin) - a.length - a.spacing;
}

/** Right-to-left text may be drawn in the order in which it is read. */
function gapBefore(a: Glyph, b: Glyph): number {
  return placeOf(a, a.origin) - placeOf(a, b.origin) - b.length - b.spacing;
}

function continues(a: Glyph, b: Glyph): boolean {
  if (a.vertical !== b.vertical || a.seen !== b.seen) return false;
  if (Math.abs(a.size - b.size) > SAME_SIZE * a.size) return false;
  if (a.along[0] * b.along[0] + a.along[1] * b.along[1] < SAME_DIRECTION) return false;
  if (Math.abs(levelOf(a, a.origin) - levelOf(a, b.origin)) > SAME_LEVEL * a.size) return false;
  const fits = (gap: number): boolean => gap > -MOST_BACK * a.size && gap < RUN_GAP * a.size;
  return fits(gapOf(a, b)) || ((mayRunBack(a) || mayRunBack(b)) && fits(gapBefore(a, b)));
}

/** Right-to-left letters, and the digits among them, may be drawn in the order in which they are read. */
function mayRunBack(glyph: Glyph): boolean {
  return isRtl(glyph) || /[\u0660-\u0669\u06F0-\u06F9]/.test(glyph.text);
}

function beginsLine(a: Glyph, b: Glyph): boolean {
  if (a.along[0] * b.along[0] + a.along[1] * b.along[1] < SAME_DIRECTION) return true;
  if (Math.abs(levelOf(a, a.origin) - levelOf(a, b.origin)) > OTHER_LINE * a.size) return true;
  return gapOf(a, b) < -MOST_BACK * a.size && !isRtl(a) && !isRtl(b);
}

function finish(chain: readonly Glyph[], hasEOL: boolean): TextRun | undefined {
  const first = chain[0] as Glyph;
  const rtl = readsLeftwards(chain);
  const ordered = chain.some(mayRunBack)
    ? chain.toSorted((a, b) => placeOf(first, a.origin) - placeOf(first, b.origin))
    : chain;
  const inked = ordered.filter(({ text }) => text.trim() !== "");
  const [head, tail] = [inked[0], inked.at(-1)];
  if (!head || !tail) return undefined;
  const start = placeOf(first, head.origin);
  const end = Math.max(...inked.map((glyph) => placeOf(first, glyph.origin) + glyph.length));
  const letters = lettersOf(ordered, first, start);
  const logical = logicalOrder(letters);
  const length = end - start;
  let text = "";
  const ends: number[] = [];
  let at = 0;
  for (const letter of logical) {
    // Measured from the side where reading begins; foreign words in between are off by their order only.
    at = rtl ? at + letter.size : letter.end;
    const part = length > 0 ? Math.min(1, Math.max(0, at / length)) : 1;
    const count = Array.from(letter.text).length;
    const from = ends.at(-1) ?? 0;
    for (let i = 1; i <= count; i++) ends.push(from + ((part - from) * i) / count);
    text += letter.text;
  }
  return {
    text,
    polygon: quadOf(first, head, length),
    fontSize: first.size,
    hasEOL,
    dir: first.vertical ? "ttb" : rtl ? "rtl" : "ltr",
    ends,
    ...(first.seen === "hidden" ? { hidden: true } : {}),
  };
}

interface Letter {
  readonly text: string;
  /** Where it ends, from the start of the run. */
  readonly end: number;
  /** Together with the gap before it. */
  readonly size: number;
}

/** With a space wherever a gap is as wide as one. */
function lettersOf(glyphs: readonly Glyph[], first: Glyph, start: number): Letter[] {
  const letters: Letter[] = [];
  let before: Glyph | undefined;
  let last = 0;
  const tracking = trackingOf(glyphs, first);
  const put = (text: string, end: number): void => {
    letters.push({ text, end, size: Math.max(0, end - last) });
    last = Math.max(last, end);
  };
  for (const glyph of glyphs) {
    const from = placeOf(first, glyph.origin) - start;
    const isSpace = glyph.text.trim() === "";
    const wide = before && gapOf(before, glyph) > WORD_GAP * first.size + tracking;
    if (wide && !isSpace && before?.text.trim() !== "") put(" ", from);
    put(isSpace ? " " : clean(glyph.text), from + glyph.length);
    before = glyph;
  }
  return letters;
}

/** Letters that stand alone, at least, for their distance to be a style. */
const LEAST_TRACKED = 4;
/** Between words of such a heading there is so much more. */
const TRACKED_WORD = 0.6;

/** The space that a heading with wide letters has between all of them; 0 for other text. */
function trackingOf(glyphs: readonly Glyph[], { size }: Glyph): number {
  const gaps = glyphs
    .slice(1)
    .flatMap((glyph, i) => {
      const before = glyphs[i] as Glyph;
      return before.text.trim() === "" || glyph.text.trim() === "" ? [] : [gapOf(before, glyph)];
    })
    .toSorted((a, b) => a - b);
  const least = gaps[0] ?? 0;
  if (gaps.length < LEAST_TRACKED - 1 || least <= WORD_GAP * size) return 0;
  return least + TRACKED_WORD * least;
}

/** Ligatures and the forms of Arabic letters as what they stand for; the rest of Unicode stays as it is. */
function clean(text: string): string {
  return text.replaceAll(/[\uFB00-\uFDFF\uFE70-\uFEFC]/g, (letter) => letter.normalize("NFKC"));
}

function quadOf(first: Glyph, { origin }: Glyph, length: number): Quad {
  const { along, up, size, vertical, ascent, descent } = first;
  const [x, y] = origin;
  const at = (ahead: number, above: number): Point => [
    x + along[0] * ahead + up[0] * above,
    y + along[1] * ahead + up[1] * above,
  ];
  // Vertical text hangs from the middle of its upper edge; its first corner is the page's top-left.
  const [high, low] = vertical ? [size / 2, -size / 2] : [ascent * size, descent * size];
  return vertical
    ? [at(0, low), at(0, high), at(length, high), at(length, low)]
    : [at(0, high), at(length, high), at(length, low), at(0, low)];
}

import { endsWithoutSpace, hasRightToLeft, isRightToLeft } from "../script.ts";
import type { DocumentPage, Line, Point, Quad } from "../../types.ts";
import { groupLines } from "../blocks.ts";
import { ADVANCE, UNITS_PER_EM } from "./glyphless-font.ts";
import type { ToPdf } from "./frame.ts";
import { DESCENT, rounded } from "../place.ts";
import type { TextCodes } from "./text-codes.ts";
import { printable } from "../text.ts";
import { wordsOf } from "../words.ts";

/** The characters of a word in the order in which they stand on the page. */

/** Letters and numbers that run from left to right, with what stands between them. */
const LEFT_TO_RIGHT =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}](?:[^\p{L}]*[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}])*|./gsu;

/**
 * From left to right, one piece for each character that a reader can select. PDF readers expect
 * right-to-left text as it stands and turn it back themselves: logical order would come out of them reversed.
 */
function toVisualOrder(word: string): string[] {
  if (!hasRightToLeft(word)) {
    return Array.from(segmenter().segment(word), ({ segment }) => segment);
  }
  // Readers turn code points around, so marks have to stand where that puts them behind their letters.
  return (word.match(LEFT_TO_RIGHT) ?? []).reverse().flatMap((run) => Array.from(run));
}

let made: Intl.Segmenter | undefined;

/** Made once: that takes longer than a page of words. */
function segmenter(): Intl.Segmenter {
  return (made ??= new Intl.Segmenter());
}

/** The invisible text of one page, as PDF operators. */

/** A word whose box is empty gets this size, in PDF units: it is still there to be found. */
const LEAST_SIZE = 0.1;
/**
 * Where no word of a line rises by more from its first to its last letter, in PDF units, its words are laid
 * straight: they are off by half of that at their ends, but poppler takes letters that do not stand on one
 * level for words of their own.
 */
const LEAST_RISE = 4;
/**
 * Least gap between two words with a space between them, in heights. Boxes of words meet in the middle of
 * the gap; poppler takes words that are nearer than a tenth for one, whatever stands between them.
 */
const LEAST_GAP = 0.2;
/** Part of a word's length that it keeps in any case. */
const LEAST_PART = 0.5;
/** Width of the space that ends a line, in heights. */
const LINE_END = 0.25;

/** A stretch of the baseline. */
interface Run {
  /** Where the text starts, on its baseline. */
  readonly start: Point;
  /** Unit vector along the text. */
  readonly along: Point;
  readonly length: number;
  /** From the bottom to the top of the text. */
  readonly height: number;
}

/**
 * One text object for each word, as wide and as high as the word's polygon and turned with it, in reading
 * order; the words of a right-to-left line stand from left to right. A space follows where the text has one
 * and at the end of a line, as wide as the gap.
 *
 * @param font the name of the font among the page's resources
 */
export function invisibleText(
  page: DocumentPage,
  toPdf: ToPdf,
  codes: TextCodes,
  font: string,
): string {
  const objects = groupLines(page.lines)
    .flatMap(({ paragraphs }) => paragraphs.flat())
    .flatMap((line) => lineObjects(line, toPdf, codes, font));
  return objects.length === 0 ? "" : `q\n3 Tr\n${objects.join("\n")}\nQ\n`;
}

function lineObjects(line: Line, toPdf: ToPdf, codes: TextCodes, font: string): string[] {
  const words = wordsOf(line)
    .map((word) => ({ ...word, text: printable(word.text).replace(/\s+/gu, " ").trim() }))
    .filter(({ text }) => text !== "")
    .map((word) => ({ ...word, run: runOf(word.polygon, toPdf) }));
  if (words.every(({ run }) => riseOf(run) <= LEAST_RISE)) {
    for (const word of words) word.run = straight(word.run);
  }
  // As within a word, readers expect what stands on the page, and turn it back themselves.
  const backwards = isRightToLeft(line.text);
  if (backwards) words.sort((a, b) => position(a.run, words) - position(b.run, words));
  words.forEach((word, i) => {
    const next = words[i + 1]?.run;
    if (next && (word.spaceAfter || backwards)) word.run = apart(word.run, next);
  });
  return words.map(({ text, run, spaceAfter }, i) => {
    const parts = [show(toVisualOrder(text), run, codes, font)];
    const next = words[i + 1]?.run;
    const spaced = next ? spaceAfter || backwards : !endsWithoutSpace(text);
    if (spaced) parts.push(show([" "], gap(run, next), codes, font));
    return `BT\n${parts.join("\n")}\nET`;
  });
}

/** Where a word starts, along the direction of its line. */
function position({ start }: Run, words: readonly { readonly run: Run }[]): number {
  const [x, y] = words[0]?.run.along ?? [1, 0];
  return start[0] * x + start[1] * y;
}

function runOf(polygon: Quad, toPdf: ToPdf): Run {
  const [a, b, c, d] = polygon.map(toPdf) as [Point, Point, Point, Point];
  const height = Math.max((distance(a, d) + distance(b, c)) / 2, LEAST_SIZE);
  const start = between(d, a, DESCENT);
  const end = between(c, b, DESCENT);
  const extent = distance(start, end);
  const along: Point =
    extent === 0 ? [1, 0] : [(end[0] - start[0]) / extent, (end[1] - start[1]) / extent];
  return { start, along, length: Math.max(extent, LEAST_SIZE), height };
}

/** How far a word leaves its direction along the page's edges from its first to its last letter. */
function riseOf({ along: [x, y], length }: Run): number {
  return length * Math.min(Math.abs(x), Math.abs(y));
}

/** The run without its rise; its middle stays where it is. */
function straight(run: Run): Run {
  const middle = behind(run, run.length / 2, run.length);
  return behind({ ...middle, along: straightened(run.along) }, -run.length / 2, run.length);
}

/** The nearest one of the four directions along the edges of the page. */
function straightened([x, y]: Point): Point {
  if (Math.abs(x) >= Math.abs(y)) return [x < 0 ? -1 : 1, 0];
  return [0, y < 0 ? -1 : 1];
}

/** The run, ending early enough for a gap before the next one. */
function apart(run: Run, next: Run): Run {
  const free = advance(run, next) - LEAST_GAP * run.height;
  return free >= run.length ? run : { ...run, length: Math.max(free, LEAST_PART * run.length) };
}

/** From the start of a run to that of the next one, along its direction. */
function advance({ start, along }: Run, next: Run): number {
  return (next.start[0] - start[0]) * along[0] + (next.start[1] - start[1]) * along[1];
}

/** The space behind a word, up to the next one. */
function gap(run: Run, next: Run | undefined): Run {
  if (next === undefined) return behind(run, run.length, LINE_END * run.height);
  return behind(run, run.length, advance(run, next) - run.length);
}

function behind(run: Run, from: number, length: number): Run {
  const { start, along } = run;
  const at: Point = [start[0] + along[0] * from, start[1] + along[1] * from];
  return { ...run, start: at, length: Math.max(length, LEAST_SIZE) };
}

/** (PDF 32000-1:2008, 9.3 and 9.4: size, horizontal scale in percent, text matrix, string) */
function show(characters: readonly string[], run: Run, codes: TextCodes, font: string): string {
  const { start, along, length, height } = run;
  const natural = (characters.length * ADVANCE * height) / UNITS_PER_EM;
  const [cos, sin] = along;
  const matrix = [cos, sin, -sin, cos].map((value) => rounded(value, 5));
  const origin = start.map((value) => rounded(value, 3));
  const scale = rounded((100 * length) / natural, 3);
  return [
    `/${font} ${rounded(height, 3)} Tf ${scale} Tz`,
    `${[...matrix, ...origin].join(" ")} Tm`,
    `<${codes.encode(characters)}> Tj`,
  ].join("\n");
}

function between(from: Point, to: Point, part: number): Point {
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Lines of a text layer and lines that were recognised, together. */
import { boundsOf } from "../../core/quad.ts";
import type { Line, Page, Quad, Rect, RgbaImage } from "../../types.ts";

/** Paints over a part of a picture in the mean colour of its edge. */
export function blank({ data, width, height }: RgbaImage, quad: Quad): void {
  const rect = boundsOf(quad);
  const [left, top] = [Math.max(0, Math.floor(rect.x)), Math.max(0, Math.floor(rect.y))];
  const right = Math.min(width, Math.ceil(rect.x + rect.width));
  const bottom = Math.min(height, Math.ceil(rect.y + rect.height));
  if (right <= left || bottom <= top) return;
  // The lightest of the edge: paper, not the ink that reaches over it.
  let colour = [0, 0, 0, 255];
  const look = (x: number, y: number): void => {
    const pixel = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3);
    const sum = (values: ArrayLike<number>): number => values[0]! + values[1]! + values[2]!;
    if (sum(pixel) > sum(colour)) colour = [...pixel, 255];
  };
  for (let x = left; x < right; x++) {
    look(x, top);
    look(x, bottom - 1);
  }
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) data.set(colour, (y * width + x) * 4);
  }
}

/** The lines of a page that was a part of another, in the frame of that one: scaled first, then moved. */
export function movedLines(
  { lines }: Pick<Page, "lines">,
  scale: number,
  x: number,
  y: number,
): Line[] {
  const move = (quad: Quad): Quad =>
    quad.map(([u, v]) => [u * scale + x, v * scale + y]) as unknown as Quad;
  return lines.map((line) => ({
    ...line,
    polygon: move(line.polygon),
    ...(line.words
      ? { words: line.words.map((word) => ({ ...word, polygon: move(word.polygon) })) }
      : {}),
  }));
}

/** A recognised line that lies on known text by more of its area says the same again. */
const SAME_PLACE = 0.5;

export function addRecognised(known: readonly Line[], recognised: readonly Line[]): Line[] {
  const places = known.map(({ polygon }) => boundsOf(polygon));
  const added = recognised.filter(({ polygon }) => {
    const own = boundsOf(polygon);
    const shared = places.reduce((sum, place) => sum + common(own, place), 0);
    return shared <= SAME_PLACE * own.width * own.height;
  });
  return [
    ...known.map((line): Line => ({ ...line, source: "layer" })),
    ...added.map((line): Line => ({ ...line, source: "ocr" })),
  ];
}

function common(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Texts are the same where they share so many pairs of letters, 0–1: bad scans read with many faults. */
const ALIKE = 0.4;
/** Readings with less confidence prove nothing, 0–1. */
const LEAST_CONFIDENCE = 0.6;

/**
 * Whether a line that nobody sees says what was read at its place. Undecided counts as yes: the reader may not know
 * the script.
 */
export function saysTheSame(hidden: Line, read: readonly Line[]): boolean {
  const { y, height } = boundsOf(hidden.polygon);
  const there = read.filter(({ polygon }) => {
    const other = boundsOf(polygon);
    const shared = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
    return shared > Math.min(height, other.height) / 2;
  });
  const found = there.map(({ text }) => text).join(" ");
  const confidence = there.reduce((sum, line) => sum + line.confidence, 0) / (there.length || 1);
  if (there.length > 0 && confidence < LEAST_CONFIDENCE) return true;
  if (scriptOf(hidden.text) !== scriptOf(found) && there.length > 0) return true;
  return likeness(hidden.text, found) >= ALIKE;
}

function scriptOf(text: string): string {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const latin = count(/\p{Script=Latin}/gu);
  return latin * 2 >= count(/\p{L}/gu) ? "latin" : "other";
}

/** Dice's coefficient of pairs of letters and digits. */
function likeness(a: string, b: string): number {
  const [p, q] = [pairs(a), pairs(b)];
  const left = new Map<string, number>();
  for (const pair of q) left.set(pair, (left.get(pair) ?? 0) + 1);
  let shared = 0;
  for (const pair of p) {
    const count = left.get(pair) ?? 0;
    if (count === 0) continue;
    shared++;
    left.set(pair, count - 1);
  }
  return p.length === 0 ? 0 : shared / p.length;
}

function pairs(text: string): string[] {
  const letters = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  return Array.from({ length: Math.max(0, letters.length - 1) }, (_, i) => letters.slice(i, i + 2));
}

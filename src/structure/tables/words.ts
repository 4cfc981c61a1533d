/** The words of a page as boxes, and what of them stands together. */
import type { Line, Quad, Word } from "../../types.ts";
import { edgesAround, median, toFrame, type Edges, type Frame } from "./frame.ts";

/** Scripts that are written without spaces; a word of theirs is a letter, and text is often set wide. */
export const UNSPACED: RegExp =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
/** Space between two letters of such a script that belong together: heights of the line. */
const LETTER = 1;

/** A word in the level frame. Top and bottom are those of its line. */
export interface PlacedWord extends Edges {
  readonly text: string;
  /** Index of its line. */
  readonly line: number;
  /** Where it stands in the text of the line. */
  readonly start: number;
  readonly end: number;
}

/** Words of one line without a wide space between them. */
export interface Segment extends Edges {
  readonly words: readonly PlacedWord[];
}

/** @param lines those that count; others keep their indices */
export function placeWords(
  lines: readonly Line[],
  frame: Frame,
  counts: (box: Edges) => boolean = () => true,
): PlacedWord[] {
  return lines.flatMap((line, index) => {
    const whole = edgesAround(line.polygon.map((point) => toFrame(point, frame)));
    if (line.text.trim() === "" || !counts(whole)) return [];
    return partsOf(line).map(({ text, polygon, start }) => {
      const { left, right } = edgesAround(polygon.map((point) => toFrame(point, frame)));
      const { top, bottom } = whole;
      return { text, left, right, top, bottom, line: index, start, end: start + text.length };
    });
  });
}

interface Part {
  readonly text: string;
  readonly polygon: Quad;
  readonly start: number;
}

function partsOf(line: Line): Part[] {
  const words = line.words?.length ? line.words : splitLine(line);
  let at = 0;
  return words.map(({ text, polygon }) => {
    const found = line.text.indexOf(text, at);
    const start = found < 0 ? at : found;
    at = start + text.length;
    return { text, polygon, start };
  });
}

/** Without places of the words, each takes as much of the line as it has of the letters. */
function splitLine({ text, polygon, confidence }: Line): Word[] {
  const [a, b, c, d] = polygon;
  const mix = (from: readonly [number, number], to: readonly [number, number], part: number) =>
    [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part] as const;
  return Array.from(text.matchAll(/\S+/gu), (match) => {
    const from = match.index / text.length;
    const to = (match.index + match[0].length) / text.length;
    const quad: Quad = [mix(a, b, from), mix(a, b, to), mix(d, c, to), mix(d, c, from)];
    return { text: match[0], confidence, polygon: quad };
  });
}

/** Usual height of a line; 1 where there is none. */
export function usualHeight(words: readonly Edges[]): number {
  return Math.max(1, median(words.map(({ top, bottom }) => bottom - top)));
}

/** The words of each line, by its index. */
export function wordsByLine(words: readonly PlacedWord[]): Map<number, PlacedWord[]> {
  const lines = new Map<number, PlacedWord[]>();
  for (const word of words) {
    const line = lines.get(word.line);
    if (line) line.push(word);
    else lines.set(word.line, [word]);
  }
  return lines;
}

/**
 * Cuts the lines at wide spaces.
 *
 * @param most width of a space that does not cut, in heights of the line
 */
export function segmentsOf(words: readonly PlacedWord[], most: number): Segment[] {
  const segments: Segment[] = [];
  for (const line of wordsByLine(words).values()) {
    let open: PlacedWord[] = [];
    for (const word of line.toSorted((a, b) => a.left - b.left)) {
      const last = open.at(-1);
      const widest =
        isUnspaced(last?.text) && isUnspaced(word.text) ? Math.max(most, LETTER) : most;
      if (last && word.left - last.right > widest * (word.bottom - word.top)) {
        segments.push(segmentOf(open));
        open = [];
      }
      open.push(word);
    }
    if (open.length > 0) segments.push(segmentOf(open));
  }
  return segments;
}

export function segmentOf(words: readonly PlacedWord[]): Segment {
  return {
    left: Math.min(...words.map(({ left }) => left)),
    right: Math.max(...words.map(({ right }) => right)),
    top: Math.min(...words.map(({ top }) => top)),
    bottom: Math.max(...words.map(({ bottom }) => bottom)),
    words,
  };
}

function isUnspaced(text: string | undefined): boolean {
  return text !== undefined && UNSPACED.test(text);
}

/** Shared height, as a part of the lower one, from which two pieces stand in one row. */
const LEAST_SHARED = 0.5;

/** Pieces side by side, from the top; each row from the left. */
export function rowsOf<T extends Edges>(pieces: readonly T[]): T[][] {
  const rows: { top: number; bottom: number; pieces: T[] }[] = [];
  for (const piece of pieces.toSorted((a, b) => a.top + a.bottom - b.top - b.bottom)) {
    const row = rows.findLast(({ top, bottom }) => {
      const shared = Math.min(bottom, piece.bottom) - Math.max(top, piece.top);
      return shared >= LEAST_SHARED * Math.min(bottom - top, piece.bottom - piece.top);
    });
    if (!row) rows.push({ top: piece.top, bottom: piece.bottom, pieces: [piece] });
    else {
      // The mean, so that a row does not grow downwards with each piece that is a little lower.
      const count = row.pieces.push(piece);
      row.top += (piece.top - row.top) / count;
      row.bottom += (piece.bottom - row.bottom) / count;
    }
  }
  return rows
    .sort((a, b) => a.top + a.bottom - b.top - b.bottom)
    .map((row) => row.pieces.sort((a, b) => a.left - b.left));
}

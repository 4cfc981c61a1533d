/** Finds words in what was read, and says where on the page they are. */
import type { Line, Page, Point, Quad } from "../types.ts";

/** A piece of one line. */
export interface Piece {
  /** Index into the page's lines. */
  readonly line: number;
  /** Characters of the line's text, the end excluded. */
  readonly start: number;
  readonly end: number;
}

/** One place where the words were found; it may go on in the next line. */
export interface Match {
  /** Index of the page. */
  readonly page: number;
  readonly pieces: readonly Piece[];
}

interface Unit {
  readonly line: number;
  readonly at: number;
}

/** Every match, in reading order. Case, accents and the width of spaces do not count. */
export function findText(pages: readonly Pick<Page, "lines">[], words: string): Match[] {
  const wanted = fold(words.trim()).replaceAll(/\s+/g, " ");
  if (wanted === "") return [];
  return pages.flatMap(({ lines }, page) => {
    const { text, units } = joined(lines);
    const matches: Match[] = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      matches.push({ page, pieces: piecesOf(units.slice(at, at + wanted.length)) });
    }
    return matches;
  });
}

/** Where a piece stands: its words' places, the first and last cut where the piece begins and ends. */
export function quadsOf(line: Line, { start, end }: Omit<Piece, "line">): Quad[] {
  const words = line.words?.length ? line.words : [line];
  const quads: Quad[] = [];
  let cursor = 0;
  for (const { text, polygon } of words) {
    const from = Math.max(cursor, line.text.indexOf(text, cursor));
    cursor = from + text.length;
    const first = Math.max(start, from) - from;
    const last = Math.min(end, cursor) - from;
    if (first < last) quads.push(cut(polygon, first / text.length, last / text.length));
  }
  return quads;
}

/** Folded characters, each with the place that it is from: folding may change how many there are. */
function joined(lines: readonly Line[]): { text: string; units: (Unit | undefined)[] } {
  let text = "";
  const units: (Unit | undefined)[] = [];
  for (const [line, { text: own }] of lines.entries()) {
    if (line > 0) {
      text += " ";
      units.push(undefined);
    }
    for (let at = 0; at < own.length; at++) {
      const folded = fold(own[at] ?? "").replace(/\s/, " ");
      text += folded;
      for (let copy = 0; copy < folded.length; copy++) units.push({ line, at });
    }
  }
  return { text, units };
}

function piecesOf(units: readonly (Unit | undefined)[]): Piece[] {
  const pieces: Piece[] = [];
  for (const unit of units) {
    if (!unit) continue;
    const last = pieces.at(-1);
    if (last?.line === unit.line) pieces[pieces.length - 1] = { ...last, end: unit.at + 1 };
    else pieces.push({ line: unit.line, start: unit.at, end: unit.at + 1 });
  }
  return pieces;
}

function fold(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/** The part of a quad between two fractions of its width. */
function cut([a, b, c, d]: Quad, from: number, to: number): Quad {
  return [between(a, b, from), between(a, b, to), between(d, c, to), between(d, c, from)];
}

function between([x, y]: Point, [u, v]: Point, part: number): Point {
  return [x + (u - x) * part, y + (v - y) * part];
}

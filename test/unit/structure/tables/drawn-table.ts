/** Pictures and lines of text that the tests of tables draw for themselves. */
import type { Line, Point, Quad, RgbaImage, Word } from "../../../../src/types.ts";
import type { Ruling, Rulings } from "../../../../src/structure/rulings/ruling.ts";

export type Colour = readonly [red: number, green: number, blue: number];

export const WHITE: Colour = [255, 255, 255];
export const BLACK: Colour = [0, 0, 0];

/** A picture to draw on. */
export class Sheet implements RgbaImage {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number, paper: Colour = WHITE) {
    this.data = new Uint8ClampedArray(width * height * 4);
    this.width = width;
    this.height = height;
    this.fill(0, 0, width, height, paper);
  }

  fill(x: number, y: number, width: number, height: number, colour: Colour = BLACK): void {
    const [left, right] = [Math.max(0, x), Math.min(this.width, x + width)];
    const top = Math.max(0, y);
    if (left >= right || top >= this.height) return;
    const start = (top * this.width + left) * 4;
    const end = (top * this.width + right) * 4;
    for (let at = start; at < end; at += 4) this.data.set([...colour, 255], at);
    for (let row = top + 1; row < Math.min(this.height, y + height); row++) {
      this.data.copyWithin((row * this.width + left) * 4, start, end);
    }
  }

  /** A stroke from the left to the right that falls by `slope` pixels for each pixel. */
  drift(x: number, y: number, length: number, slope: number, thickness: number = 2): void {
    for (let i = 0; i < length; i++) this.fill(x + i, Math.round(y + slope * i), 1, thickness);
  }

  /** The same from the top to the bottom. */
  driftDown(x: number, y: number, length: number, slope: number, thickness: number = 2): void {
    for (let i = 0; i < length; i++) this.fill(Math.round(x + slope * i), y + i, thickness, 1);
  }
}

/** Letters are 10 pixels wide and a line is 20 high. */
export const LETTER = 10;
export const LINE = 20;

function quad(x: number, y: number, width: number, height: number): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** Text that begins at (x, y); two spaces in a row are a wide space. */
export function text(content: string, x: number, y: number): Line {
  const words: Word[] = Array.from(content.matchAll(/\S+/gu), (match) => ({
    text: match[0],
    confidence: 1,
    polygon: quad(x + match.index * LETTER, y, match[0].length * LETTER, LINE),
  }));
  return {
    text: content.replace(/ +/gu, " "),
    confidence: 1,
    polygon: quad(x, y, content.length * LETTER, LINE),
    words,
  };
}

/** Each row as one line of text for each entry that is not empty, with the left edges given. */
export function rowsOfText(
  rows: readonly (readonly string[])[],
  lefts: readonly number[],
  top: number,
  step: number = 30,
): Line[] {
  return rows.flatMap((row, i) =>
    row.flatMap((entry, k) => (entry === "" ? [] : [text(entry, lefts[k] ?? 0, top + i * step)])),
  );
}

export function across(at: number, from: number, to: number): Ruling {
  return { at, from, to, thickness: 2 };
}

/** All lines of a grid. */
export function gridRulings(xs: readonly number[], ys: readonly number[]): Rulings {
  const ends = (list: readonly number[]): [number, number] => [list[0] ?? 0, list.at(-1) ?? 0];
  return {
    horizontal: ys.map((y) => across(y, ...ends(xs))),
    vertical: xs.map((x) => across(x, ...ends(ys))),
  };
}

/** Lines after the page was turned clockwise around its origin. */
export function turnLines(lines: readonly Line[], degrees: number): Line[] {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const turn = ([x, y]: Point): Point => [x * cos - y * sin, x * sin + y * cos];
  const turnQuad = ([a, b, c, d]: Quad): Quad => [turn(a), turn(b), turn(c), turn(d)];
  return lines.map((line) => ({
    ...line,
    polygon: turnQuad(line.polygon),
    words: (line.words ?? []).map((word) => ({ ...word, polygon: turnQuad(word.polygon) })),
  }));
}

/** The same of rulings, which are given by their middles. */
export function turnRulings({ horizontal, vertical }: Rulings, degrees: number): Rulings {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const turn = (ruling: Ruling, upright: boolean): Ruling => {
    const along = (ruling.from + ruling.to) / 2;
    const [x, y] = upright ? [ruling.at, along] : [along, ruling.at];
    const [u, v] = [x * cos - y * sin, x * sin + y * cos];
    const middle = upright ? v : u;
    const half = ((ruling.to - ruling.from) / 2) * cos;
    return { ...ruling, at: upright ? u : v, from: middle - half, to: middle + half };
  };
  return {
    horizontal: horizontal.map((ruling) => turn(ruling, false)),
    vertical: vertical.map((ruling) => turn(ruling, true)),
  };
}

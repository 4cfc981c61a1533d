/** Pages that a test writes by hand. */
import type { DocumentPage, Line, Point, Quad, Timings, Word } from "../../../src/types.ts";

const NO_TIME: Timings = { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 };

/** Upright text in a box. */
export function box(x: number, y: number, width: number, height: number): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** The same corners, turned clockwise around a point: degrees. */
export function turned(quad: Quad, degrees: number, [cx, cy]: Point): Quad {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return quad.map(([x, y]) => [
    cx + (x - cx) * cos - (y - cy) * sin,
    cy + (x - cx) * sin + (y - cy) * cos,
  ]) as unknown as Quad;
}

export function word(text: string, polygon: Quad, confidence: number = 0.9): Word {
  return { text, confidence, polygon };
}

/** A line without words, as a text layer has it. */
export function bare(text: string, polygon: Quad, confidence: number = 0.9): Line {
  return { text, confidence, polygon };
}

/**
 * A line whose words are as wide as they are long: `letter` pixels for each code point, and for the space
 * between two words. Text that runs from right to left has its first word at the right.
 */
export function line(
  text: string,
  x: number,
  y: number,
  options: { letter?: number; height?: number; rightToLeft?: boolean; confidence?: number } = {},
): Line {
  const { letter = 10, height = 20, rightToLeft = false, confidence = 0.9 } = options;
  const parts = text.split(" ");
  const width = Array.from(text).length * letter;
  let at = 0;
  const words = parts.map((part) => {
    const own = Array.from(part).length * letter;
    const left = rightToLeft ? x + width - at - own : x + at;
    at += own + letter;
    return word(part, box(left, y, own, height), confidence);
  });
  return { text, confidence, polygon: box(x, y, width, height), words };
}

/** The line as it is after the whole page was turned around a point. */
export function turnedLine(source: Line, degrees: number, center: Point): Line {
  const turn = <T extends Word>(piece: T): T => ({
    ...piece,
    polygon: turned(piece.polygon, degrees, center),
  });
  return { ...turn(source), ...(source.words ? { words: source.words.map(turn) } : {}) };
}

/** What a page may say beside its lines. */
export type PageFields = Partial<Omit<DocumentPage, "lines">>;

export function page(lines: readonly Line[], more: PageFields = {}): DocumentPage {
  return {
    number: 1,
    source: "ocr",
    width: 1000,
    height: 1400,
    rotation: 0,
    text: lines.map(({ text }) => text).join("\n"),
    timings: NO_TIME,
    ...more,
    lines: [...lines],
  };
}

/** Text of many scripts, and text that breaks what is careless with markup. */
export const SCRIPTS = {
  markup: "a<b>&amp;\"c\"'d' ]]> <!--",
  controls: "be\u0000l\u0007l \ud800 \uffff end",
  emoji: "smile 😀 👩‍👩‍👧 end",
  arabic: "مرحبا بالعالم",
  hebrew: "שלום עולם",
  chinese: "中文字",
} as const;

/** A page with all of {@link SCRIPTS}, two columns, a line that is skewed and one that runs upwards. */
export function manifoldPage(more: PageFields = {}): DocumentPage {
  const chinese: Line = {
    text: SCRIPTS.chinese,
    confidence: 0.9,
    polygon: box(100, 500, 60, 20),
    words: Array.from(SCRIPTS.chinese, (text, i) => word(text, box(100 + 20 * i, 500, 20, 20))),
  };
  return page(
    [
      line(SCRIPTS.markup, 100, 100),
      line(SCRIPTS.controls, 100, 150),
      line(SCRIPTS.emoji, 100, 250),
      line(SCRIPTS.arabic, 100, 350, { rightToLeft: true }),
      line(SCRIPTS.hebrew, 100, 430, { rightToLeft: true }),
      chinese,
      line("left column one", 100, 600),
      line("right column one", 500, 600),
      line("left column two", 100, 630),
      line("right column two", 500, 630),
      turnedLine(line("skewed by five degrees", 100, 800), 5, [100, 800]),
      turnedLine(line("runs upwards", 700, 1200), -90, [700, 1200]),
      bare("a line without words", box(100, 1100, 200, 20)),
    ],
    more,
  );
}

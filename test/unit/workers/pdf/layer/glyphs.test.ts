import { describe, expect, it } from "vitest";
import { joinAccents } from "../../../../../workers/pdf/layer/accents.ts";
import { withoutDoubles } from "../../../../../workers/pdf/layer/doubles.ts";
import type { Glyph } from "../../../../../workers/pdf/layer/glyph.ts";
import { runsOf } from "../../../../../workers/pdf/layer/runs.ts";

let shown = 0;

/** Ten-point text from (x, y) on, each letter five points wide. */
function string(text: string, x: number, y: number, more: Partial<Glyph> = {}): Glyph[] {
  shown++;
  return Array.from(text, (letter, i): Glyph => ({
    text: letter,
    origin: [x + i * 5, y],
    along: [1, 0],
    up: [0, -1],
    length: 5,
    spacing: 0,
    size: 10,
    ascent: 0.8,
    descent: -0.2,
    vertical: false,
    font: "f",
    shown,
    time: shown,
    seen: "yes",
    ...more,
  }));
}

const texts = (glyphs: readonly Glyph[]): string[] => runsOf(glyphs).map(({ text }) => text);
const once = (...glyphs: Glyph[][]): string[] => texts(withoutDoubles(glyphs.flat()));

describe("glyphs become runs", () => {
  it("with a space where there is a gap, and the place of each letter", () => {
    const [run] = runsOf([...string("ab", 0, 10), ...string("c", 15, 10)]);
    expect(run).toMatchObject({ text: "ab c", ends: [0.25, 0.5, 0.75, 1], dir: "ltr" });
    expect(run?.polygon).toEqual([
      [0, 2],
      [20, 2],
      [20, 12],
      [0, 12],
    ]);
  });

  it("of one line, size and direction", () => {
    const parts = [string("one", 0, 10), string("two", 100, 10), string("three", 0, 24)];
    expect(runsOf(parts.flat()).map(({ text, hasEOL }) => [text, hasEOL])).toEqual([
      ["one", false],
      ["two", true],
      ["three", false],
    ]);
    expect(texts([...string("text", 0, 10), ...string("2", 20, 6, { size: 6 })])).toEqual([
      "text",
      "2",
    ]);
  });

  it("without the space that all letters get", () => {
    const wide = Array.from("ANNUAL", (letter, i) =>
      string(letter, i * 9, 10, { spacing: 4 }),
    ).flat();
    expect(texts(wide)).toEqual(["ANNUAL"]);
    // The same, placed letter by letter, with a wider gap between words.
    const placed = Array.from("ANNUAL", (letter, i) => string(letter, i * 9, 10)).flat();
    const next = Array.from("REPORT", (letter, i) => string(letter, 60 + i * 9, 10)).flat();
    expect(texts([...placed, ...next])).toEqual(["ANNUAL REPORT"]);
    expect(texts([...string("a", 0, 10), ...string("b", 8, 10)])).toEqual(["a b"]);
  });

  it("in logical order, drawn either way", () => {
    expect(texts(string("םולש", 0, 10))).toEqual(["שלום"]);
    const backwards = Array.from("שלום", (letter, i) => string(letter, 15 - i * 5, 10)).flat();
    expect(texts(backwards)).toEqual(["שלום"]);
    expect(texts(string("45.90 ריחמ", 0, 10))).toEqual(["מחיר 45.90"]);
  });

  it("with ligatures as letters", () => {
    expect(texts(string("oﬃce ﻻ", 0, 10))[0]).toContain("office");
  });
});

describe("text that is drawn twice", () => {
  it("is there once: whole strings and single letters", () => {
    expect(once(string("Total", 0, 10), string("Total", 0.4, 10))).toEqual(["Total"]);
    expect(once(string("Shadow", 0, 10), string("Shadow", 2, 12))).toEqual(["Shadow"]);
    const bold = Array.from("Delivery", (letter, i) => [
      string(letter, i * 5, 10),
      string(letter, i * 5 + 0.4, 10),
    ]);
    expect(once(...bold.flat())).toEqual(["Delivery"]);
  });

  it("but not text that repeats itself", () => {
    expect(once(string("ll", 0, 10), string("0.50", 0, 40), string("0.50", 0, 54))).toEqual([
      "ll",
      "0.50",
      "0.50",
    ]);
    const narrow = [string("l", 0, 10, { length: 2.2 }), string("l", 2.2, 10, { length: 2.2 })];
    expect(once(...narrow)).toEqual(["ll"]);
  });

  it("is the visible one of two", () => {
    const [run] = runsOf(
      withoutDoubles([...string("seen", 0, 10, { seen: "hidden" }), ...string("seen", 0, 10)]),
    );
    expect(run).toMatchObject({ text: "seen" });
    expect(run?.hidden).toBeUndefined();
  });
});

describe("accents of their own", () => {
  it.each([
    [
      "before the letter",
      [...string("caf", 0, 10), ...string("´", 15.5, 10), ...string("e", 15, 10)],
      "café",
    ],
    ["behind the letter", [...string("cafe", 0, 10), ...string("´", 15.5, 10)], "café"],
    [
      "over a dotless i",
      [...string("na", 0, 10), ...string("¨", 10, 10), ...string("ıve", 10, 10)],
      "naïve",
    ],
    [
      "as marks without width",
      [...string("e", 0, 10), ...string("\u0301", 5, 10, { length: 0 })],
      "é",
    ],
    ["beside letters stay", string("x^2 a~b", 0, 10), "x^2 a~b"],
  ])("%s", (_, glyphs, text) => {
    expect(texts(joinAccents(glyphs))).toEqual([text]);
  });
});

import { describe, expect, it } from "vitest";
import { findText, quadsOf } from "../../../src/element/search.ts";
import type { Line } from "../../../src/types.ts";
import { bare, box, line } from "../output/hand-made.ts";

const pageOf = (...lines: Line[]): { lines: Line[] } => ({ lines });

describe("findText", () => {
  const pages = [
    pageOf(line("Harbour Lane Press", 0, 0), line("Crème brûlée, 12.50", 0, 30)),
    pageOf(line("The harbour", 0, 0), line("lane is closed", 0, 30)),
  ];

  it("finds words whatever their case, on every page, in reading order", () => {
    expect(findText(pages, "HARBOUR")).toEqual([
      { page: 0, pieces: [{ line: 0, start: 0, end: 7 }] },
      { page: 1, pieces: [{ line: 0, start: 4, end: 11 }] },
    ]);
  });

  it("goes on in the next line", () => {
    expect(findText(pages, "harbour lane")).toEqual([
      { page: 0, pieces: [{ line: 0, start: 0, end: 12 }] },
      {
        page: 1,
        pieces: [
          { line: 0, start: 4, end: 11 },
          { line: 1, start: 0, end: 4 },
        ],
      },
    ]);
  });

  it.each([
    ["creme brulee", 0, 12],
    ["crème BRÛLÉE", 0, 12],
    ["  brulee,   12 ", 6, 16],
  ])("leaves accents and the width of spaces out of account: %j", (words, start, end) => {
    expect(findText(pages, words)).toEqual([{ page: 0, pieces: [{ line: 1, start, end }] }]);
  });

  it("counts characters of the text where folding makes several of one", () => {
    const [match] = findText([pageOf(bare("eﬃcient work", box(0, 0, 120, 20)))], "cient w");
    expect(match?.pieces).toEqual([{ line: 0, start: 2, end: 9 }]);
  });

  it.each(["", "   ", "nowhere"])("finds nothing for %j", (words) => {
    expect(findText(pages, words)).toEqual([]);
  });
});

describe("quadsOf", () => {
  it("cuts the first and the last word", () => {
    const found = quadsOf(line("one two three", 100, 50, { letter: 10 }), { start: 1, end: 9 });
    expect(found).toEqual([box(110, 50, 20, 20), box(140, 50, 30, 20), box(180, 50, 10, 20)]);
  });

  it("cuts a line without words", () => {
    const found = quadsOf(bare("abcdefghij", box(0, 0, 100, 20)), { start: 2, end: 5 });
    expect(found).toEqual([box(20, 0, 30, 20)]);
  });

  it("keeps repeated words apart", () => {
    const found = quadsOf(line("no no no", 0, 0, { letter: 10 }), { start: 3, end: 5 });
    expect(found).toEqual([box(30, 0, 20, 20)]);
  });
});

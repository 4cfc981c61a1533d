import { expect, test } from "vitest";
import type { BenchLine } from "../../bench/adapters/adapter.ts";
import { alignPage, coverage, editDistance, splitTokens } from "../../bench/align.ts";
import type { TruthBox } from "../../bench/datasets.ts";
import { classifyExtra, classifyMiss, pickExtra, pickMissed } from "../../bench/findings.ts";

/** Ten pixels per character, twenty high. */
function word(text: string, x: number, y = 0, width = text.length * 10): TruthBox {
  return { text, x0: x, y0: y, x1: x + width, y1: y + 20 };
}

function line(text: string, x: number, width: number, y = 0): BenchLine {
  return {
    text,
    polygon: [
      [x, y],
      [x + width, y],
      [x + width, y + 20],
      [x, y + 20],
    ],
  };
}

function misses(truth: TruthBox[], lines: BenchLine[]): string[] {
  const page = alignPage(truth, lines);
  return pickMissed(page).map((token) => `${token.text}: ${classifyMiss(token, page, "p").kind}`);
}

function extras(truth: TruthBox[], lines: BenchLine[]): string[] {
  const page = { name: "p", image: "", truth };
  return pickExtra(alignPage(truth, lines)).map(
    (token) => `${token.text}: ${classifyExtra(token, page).kind}`,
  );
}

test("a token takes its characters' share of the text's box", () => {
  expect(splitTokens("ab 12", { x0: 0, y0: 0, x1: 50, y1: 20 })).toEqual([
    { text: "AB", box: { x0: 0, x1: 20, y0: 0, y1: 20 }, gap: " " },
    { text: "12", box: { x0: 30, x1: 50, y0: 0, y1: 20 }, gap: "" },
  ]);
});

test("half a box under a polygon is covered by half", () => {
  expect(coverage({ x0: 0, y0: 0, x1: 100, y1: 20 }, [line("", 50, 80)])).toBe(0.5);
});

test("edits", () => {
  expect(editDistance("KITTEN", "SITTING")).toBe(3);
  expect(editDistance("", "AB")).toBe(2);
});

test("what is read right is neither missed nor too much", () => {
  const truth = [word("TOTAL", 0), word("12.50", 60)];
  const lines = [line("Total 12.50", 0, 110)];
  expect(misses(truth, lines)).toEqual([]);
  expect(extras(truth, lines)).toEqual([]);
});

test("words without a polygon were not detected", () => {
  expect(misses([word("TOTAL", 0), word("CASH", 0, 50)], [line("Total", 0, 50)])).toEqual([
    "CASH: not detected",
  ]);
});

test("two words in one token lost their space", () => {
  const truth = [word("TAX", 0), word("INVOICE", 40)];
  const lines = [line("TAXINVOICE", 0, 110)];
  expect(misses(truth, lines)).toEqual([
    "TAX: space error: merged, space lost",
    "INVOICE: space error: merged, space lost",
  ]);
  expect(extras(truth, lines)).toEqual(["TAXINVOICE: space error: merged"]);
});

test("a lost decimal point is no lost space", () => {
  expect(misses([word("7.74", 0)], [line("774", 0, 40)])).toEqual([
    "7: space error: merged, punctuation lost",
    "74: space error: merged, punctuation lost",
  ]);
});

test("one word in two tokens was split", () => {
  expect(misses([word("ONLY", 0)], [line("ONL.Y", 0, 40)])).toEqual([
    "ONLY: space error: split by punctuation",
  ]);
  expect(misses([word("FULLS", 0)], [line("FULL S", 0, 50)])).toEqual([
    "FULLS: space error: split by a space",
  ]);
  expect(misses([word("CORPORATION", 0)], [line("CORPO", 0, 50), line("RATION", 50, 60)])).toEqual([
    "CORPORATION: space error: split between two lines",
  ]);
  expect(extras([word("ONLY", 0)], [line("ONL.Y", 0, 40)])).toEqual([
    "ONL: space error: split",
    "Y: space error: split",
  ]);
});

test("misreadings count their edits", () => {
  const truth = [word("CONFIDENTIAL", 0), word("CHANGE", 130)];
  const lines = [line("CONFIDENTLAL CIIANGE", 0, 190)];
  expect(misses(truth, lines)).toEqual([
    "CONFIDENTIAL: misread by one character",
    "CHANGE: misread by more",
  ]);
  expect(extras(truth, lines)).toEqual([
    "CONFIDENTLAL: misread by one character",
    "CIIANGE: misread by more",
  ]);
});

test("a line that ends inside a word cuts it short", () => {
  expect(misses([word("RECIPIENT", 0)], [line("RECIPI", 0, 68)])).toEqual([
    "RECIPIENT: badly cropped: cut short at the line's end",
  ]);
  expect(misses([word("RECIPIENT", 0)], [line("REC", 0, 30)])).toEqual([
    "RECIPIENT: badly cropped: less than 70 % covered",
  ]);
});

test("the same text noted down twice is the truth's fault", () => {
  expect(misses([word("CASH", 0), word("CASH", 1)], [line("CASH", 0, 41)])).toEqual([
    "CASH: ground truth: noted down twice",
  ]);
});

test("output where the truth has nothing", () => {
  expect(extras([word("CASH", 0)], [line("CASH", 0, 40), line("1234", 0, 40, 90)])).toEqual([
    "1234: no truth at this place",
  ]);
  expect(extras([word("", 0, 90, 40)], [line("1234", 0, 40, 90)])).toEqual([
    "1234: ground truth: box without text",
  ]);
  expect(extras([word("☐", 0)], [line("0", 0, 10)])).toEqual([
    "0: truth has only signs at this place",
  ]);
});

test("of a token that occurs twice the one without a reading is missed", () => {
  const truth = [word("1", 0), word("1", 0, 50)];
  const page = alignPage(truth, [line("1", 0, 10, 50)]);
  expect(pickMissed(page).map(({ box }) => box.y0)).toEqual([0]);
});

import { expect, test } from "vitest";
import { aggregate, compareTokens, scorePage, tokenize } from "../../bench/score.ts";

test("tokens are upper-cased runs of letters and numbers", () => {
  expect(tokenize("No.2&4, Jalan Harmoni 3/2")).toEqual([
    "NO",
    "2",
    "4",
    "JALAN",
    "HARMONI",
    "3",
    "2",
  ]);
  expect(tokenize("R&D $1,234.50 -- ☐")).toEqual(["R", "D", "1", "234", "50"]);
  expect(tokenize("")).toEqual([]);
});

test("Han characters are tokens one by one, also inside a run", () => {
  expect(tokenize("合計total12円")).toEqual(["合", "計", "TOTAL12", "円"]);
});

test("letters of other scripts belong to words", () => {
  expect(tokenize("Größe Ёлка_x²")).toEqual(["GRÖSSE", "ЁЛКА", "X²"]);
});

test("a page scores the multiset intersection", () => {
  // truth A×2 B C, output A×3 C D: matched A×2 C
  expect(scorePage(["a b", "A c"], ["a a a", "c d"])).toEqual({
    truth: 4,
    output: 5,
    matched: 3,
    recall: 0.75,
    precision: 0.6,
  });
});

test("order and division into lines do not matter", () => {
  expect(scorePage(["one two", "three"], ["three one", "two"]).recall).toBe(1);
  expect(scorePage(["one two"], ["onetwo"])).toMatchObject({ matched: 0, truth: 2, output: 1 });
});

test("nothing wanted is all found, nothing said is all true", () => {
  expect(scorePage([], ["x"])).toMatchObject({ recall: 1, precision: 0 });
  expect(scorePage(["x"], [])).toMatchObject({ recall: 0, precision: 1 });
});

test("the difference counts what is missing and what is too much", () => {
  const { missed, extra, matched } = compareTokens(["a a b"], ["a c c"]);
  expect(Object.fromEntries(missed)).toEqual({ A: 1, B: 1 });
  expect(Object.fromEntries(extra)).toEqual({ C: 2 });
  expect(matched).toBe(1);
});

test("pages are added up before dividing", () => {
  const pages = [scorePage(["a b c"], ["a"]), scorePage(["d"], ["d", "e", "f"])];
  expect(aggregate(pages)).toEqual({
    truth: 4,
    output: 4,
    matched: 2,
    recall: 0.5,
    precision: 0.5,
  });
});

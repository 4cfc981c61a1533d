import { expect, test } from "vitest";
import { cellTexts, parseTable, serializeTable } from "../../bench/structure/html-table.ts";
import { scoreTable } from "../../bench/structure/teds.ts";

const table = (...rows: string[]): string =>
  `<table>${rows.map((row) => `<tr>${row}</tr>`).join("")}</table>`;

test("the same table scores 1, nothing scores 0", () => {
  const html = table("<td>a</td><td>b</td>", "<td colspan=2>c</td>");
  expect(scoreTable(html, html)).toEqual({ teds: 1, structure: 1 });
  expect(scoreTable("", html)).toEqual({ teds: 0, structure: 0 });
  expect(scoreTable("no table", html)).toEqual({ teds: 0, structure: 0 });
});

test("a wrong letter costs its part of one node", () => {
  // Six elements inside; one cell of four letters has one wrong: 1 - (1/4)/6.
  const truth = table("<td>abcd</td><td>x</td>", "<td>y</td><td>z</td>");
  const predicted = table("<td>abcX</td><td>x</td>", "<td>y</td><td>z</td>");
  expect(scoreTable(predicted, truth)).toEqual({ teds: 1 - 0.25 / 6, structure: 1 });
});

test("a missing row costs its nodes", () => {
  const truth = table("<td>a</td><td>b</td>", "<td>c</td><td>d</td>");
  const predicted = table("<td>a</td><td>b</td>");
  expect(scoreTable(predicted, truth)).toEqual({ teds: 0.5, structure: 0.5 });
});

test("a cell with other spans is another cell, whatever it holds", () => {
  const truth = table("<td colspan=2>a</td>");
  const predicted = table("<td>a</td>");
  expect(scoreTable(predicted, truth)).toEqual({ teds: 0.5, structure: 0.5 });
});

test("sections are nodes for PubTabNet and none for OmniDocBench; a th is a td in both", () => {
  const plain = table("<td>a</td>", "<td>b</td>");
  const sections =
    "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>";
  expect(scoreTable(plain, sections, "omnidocbench")).toEqual({ teds: 1, structure: 1 });
  const score = scoreTable(plain, sections, "pubtabnet");
  expect(score.teds).toBeCloseTo(1 - 2 / 6);
  expect(score.structure).toBeCloseTo(1 - 2 / 6);
});

test("a tbody that only the parser made does not count", () => {
  expect(parseTable(table("<td>a</td>"), "pubtabnet")?.elements).toBe(2);
  expect(
    parseTable("<table><tbody><tr><td>a</td></tr></tbody></table>", "pubtabnet")?.elements,
  ).toBe(3);
});

test("tags inside a cell are symbols for PubTabNet", () => {
  const score = scoreTable(table("<td>ab</td>"), table("<td><b>ab</b></td>"), "pubtabnet");
  // Two of four symbols are tags; three elements inside the truth.
  expect(score).toEqual({ teds: 1 - 0.5 / 3, structure: 1 });
});

test("scripts and width do not matter for OmniDocBench", () => {
  const truth = table("<td>x<sup>2</sup> １２</td>");
  expect(scoreTable(table("<td>x2 12</td>"), truth).teds).toBe(1);
});

test("cells and a form that does not depend on how the table was written", () => {
  const html = "<table border=1>\n<thead><tr>\n <th>a</th><th></th></tr></thead></table>";
  expect(cellTexts(html)).toEqual(["a"]);
  expect(serializeTable(html)).toBe("<table><tr><td>a</td><td></td></tr></table>");
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatOmniDoc, loadOmniDoc, omniDocTotal } from "../../bench/structure/omnidoc-set.ts";
import { ratio, scoreOmniDocPage } from "../../bench/structure/omnidoc-score.ts";
import type { OmniDocPage } from "../../bench/structure/omnidoc-truth.ts";

const TEXTS = [
  "The first paragraph of a page",
  "Another one that says more",
  "Finally a third and last",
  "Nothing but numbers 12345",
];
const TABLE = "<table><tr><td>one</td><td>two</td></tr><tr><td>3</td><td>4</td></tr></table>";

const page: OmniDocPage = {
  page_info: { image_path: "x.jpg", page_attribute: {} },
  layout_dets: [
    ...TEXTS.map((text, i) => ({ anno_id: i, order: i + 1, category_type: "text_block", text })),
    { anno_id: 10, order: null, category_type: "header", text: "Running head" },
    {
      anno_id: 11,
      order: 5,
      category_type: "table",
      html: TABLE,
      attribute: { line: "full_line" },
    },
    { anno_id: 12, order: 6, category_type: "equation_isolated", latex: "$$ a = b + c $$" },
  ],
  extra: { relation: [] },
};
const markdown = (...blocks: string[]): string => blocks.join("\n\n");
const FORMULA = "$$\na = b + c\n$$";

test("a perfect page", () => {
  const score = scoreOmniDocPage(markdown("Running head", ...TEXTS, TABLE, FORMULA), page);
  expect(ratio(score.texts)).toBe(0);
  expect(ratio(score.formulas)).toBe(0);
  expect(score.order).toEqual({ edits: 0, length: 4 });
  expect(score.tables).toEqual([{ teds: 1, structure: 1, lines: "full_line" }]);
});

test("the order counts, the texts are the same", () => {
  const [a, b, c, d] = TEXTS as [string, string, string, string];
  const score = scoreOmniDocPage(markdown(d, b, c, a, TABLE, FORMULA), page);
  expect(ratio(score.texts)).toBe(0);
  expect(score.order).toEqual({ edits: 2, length: 4 });
});

test("a missing text costs its letters and its place", () => {
  const [a, b, c] = TEXTS as [string, string, string];
  const score = scoreOmniDocPage(markdown(a, b, c, TABLE, FORMULA), page);
  const letters = TEXTS.map((text) => text.replaceAll(" ", "").length);
  expect(ratio(score.texts)).toBe(letters[3]! / letters.reduce((x, y) => x + y, 0));
  expect(score.order).toEqual({ edits: 1, length: 4 });
});

test("without tables and formulas they count as missing", () => {
  const score = scoreOmniDocPage(markdown(...TEXTS), page);
  expect(score.tables).toEqual([{ teds: 0, structure: 0, lines: "full_line" }]);
  expect(ratio(score.formulas)).toBe(1);
});

test("a formula that was read as text is compared as text", () => {
  const score = scoreOmniDocPage(markdown(...TEXTS, TABLE, "a=b+c"), page);
  expect(score.formulas).toEqual([]);
  expect(score.texts.at(-1)).toEqual({ truth: "abc", predicted: "abc", edits: 0, length: 3 });
  expect(score.order.length).toBe(4);
});

test("cells of a table too many are texts, and texts too many cost nothing", () => {
  const other = "<table><tr><td>Something else</td></tr></table>";
  const score = scoreOmniDocPage(markdown(...TEXTS, other, TABLE, FORMULA), page);
  expect(score.tables).toEqual([{ teds: 1, structure: 1, lines: "full_line" }]);
  expect(ratio(score.texts)).toBe(0);
});

test("pages are averaged, tables are averaged over tables", () => {
  const good = scoreOmniDocPage(markdown(...TEXTS, TABLE, FORMULA), page);
  const bad = scoreOmniDocPage("", page);
  expect(omniDocTotal([good, bad])).toEqual({
    text: 0.5,
    order: 0.5,
    formula: 0.5,
    teds: 0.5,
    structure: 0.5,
  });
});

test("results have a row per page and one per kind of table", () => {
  const score = scoreOmniDocPage(markdown(...TEXTS, TABLE), page);
  const lines = formatOmniDoc([{ name: "first", score }]).split("\n");
  expect(lines.map((line) => line.split(/\s{2,}/))).toEqual([
    ["page", "text", "order", "texts", "formula", "formulas", "TEDS", "TEDS-S", "tables"],
    ["first", "0.000", "0.000", "4", "1.000", "1", "1.000", "1.000", "1"],
    ["all 1 pages", "0.000", "0.000", "4", "1.000", "1", "1.000", "1.000", "1"],
    [""],
    ["lines", "TEDS", "TEDS-S", "tables"],
    ["full_line", "1.000", "1.000", "1"],
  ]);
});

const shared = process.env["GLYPHPOOL_SHARED"] ?? join(import.meta.dirname, "../../../../shared");
const folder = join(shared, "data/omnidocbench_demo/omnidocbench_demo");

describe.skipIf(!existsSync(folder))("the benchmark's own Markdown (needs ../shared)", () => {
  test("scores as what it is", () => {
    const scores = loadOmniDoc(shared)
      // This page's texts are joined over others that stand between them.
      .filter(({ name }) => !name.startsWith("eastmoney"))
      .map(({ name, page: truth }) =>
        scoreOmniDocPage(readFileSync(join(folder, "mds", `${name}.md`), "utf8"), truth),
      );
    expect(scores).toHaveLength(8);
    const total = omniDocTotal(scores);
    expect(total).toMatchObject({ text: 0, order: 0, teds: 1, structure: 1 });
    expect(total.formula).toBeLessThan(0.01);
  });
});

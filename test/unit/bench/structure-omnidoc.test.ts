import { expect, test } from "vitest";
import { plainMarkdown } from "../../bench/structure/markdown-escapes.ts";
import { cutMarkdown } from "../../bench/structure/omnidoc-markdown.ts";
import { quickMatch } from "../../bench/structure/omnidoc-match.ts";
import {
  normalizeFormula,
  normalizeText,
  splitFormula,
} from "../../bench/structure/omnidoc-normalize.ts";
import { type OmniDocPage, truthParts } from "../../bench/structure/omnidoc-truth.ts";

const kinds = (markdown: string): string[][] =>
  cutMarkdown(markdown).map(({ kind, content }) => [kind, content]);

test("texts keep letters, numbers and underscores", () => {
  expect(normalizeText("# **A b**, c-d: 中文 №5_x")).toBe("Abcd中文5_x");
  // The benchmark takes these pairs for escapes.
  expect(normalizeText("\\tone and/not")).toBe("oneandot");
});

test("inline formulas become Unicode where they need a formula", () => {
  expect(normalizeText("if $\\alpha_1 \\in \\mathbb{R}^{n}$ holds")).toBe("ifα_1ℝnholds");
  expect(normalizeText("\\( \\sin x^2 \\)")).toBe("sinx2");
  expect(normalizeText("costs $5 and $6")).toBe("costs5and6");
});

test("formulas lose delimiters, fonts, spaces and numbers", () => {
  expect(normalizeFormula("$$ \\mathbf{A} = \\left( B \\right) \\tag{1} $$")).toBe("{a}=(b)");
  expect(normalizeFormula("\\[ A = B. \\]")).toBe("a=b");
});

test("formulas below one another are several, matrices are one", () => {
  expect(splitFormula("\\begin{array}{l} a \\\\ b \\\\ \\end{array}")).toEqual([
    "\\[a\\]",
    "\\[b\\]",
  ]);
  const matrix = "\\begin{array}{cc} a & b \\\\ c & d \\end{array}";
  expect(splitFormula(matrix)).toEqual([matrix]);
});

test("Markdown is cut into texts, formulas and tables in the order of the page", () => {
  const markdown = [
    "# Title",
    "![](data:image/png;base64,AAAA)",
    "first line\n  second line",
    "$$\nE = mc^2\n$$",
    "<table><tr><td>a</td></tr></table>",
    "| a | b \\| c |\n| - | :-: |\n| 1 | 2 |",
    "last",
  ].join("\n\n");
  expect(kinds(markdown)).toEqual([
    ["text", "# Title"],
    ["text", "first line\nsecond line"],
    ["formula", "\\[E = mc^2\\]"],
    ["table", "<table><tr><td>a</td></tr></table>"],
    ["table", "<table><tr><td>a</td><td>b | c</td></tr><tr><td>1</td><td>2</td></tr></table>"],
    ["text", "last"],
  ]);
});

test("without an empty line each line is a text", () => {
  expect(kinds("one\ntwo\n")).toEqual([
    ["text", "one"],
    ["text", "two"],
  ]);
});

test("a formula inside a text is a part of its own and stays in the text", () => {
  expect(kinds("if $x_1$ holds\n\nelse")).toEqual([
    ["text", "if $x_1$ holds"],
    ["inline-formula", "\\[x_1\\]"],
    ["text", "else"],
  ]);
});

test("escapes are undone, but not in formulas, and not those that a table needs", () => {
  const markdown = "see \\[1\\] \\*\n\n$$\n\\left\\[x\\right\\]\n$$\n\n| a\\|b |";
  expect(plainMarkdown(markdown)).toBe("see [1] *\n\n$$\n\\left\\[x\\right\\]\n$$\n\n| a\\|b |");
});

test("a row of pipes without a row of dashes is text", () => {
  expect(kinds("| a | b |\n\nx")).toEqual([
    ["text", "| a | b |"],
    ["text", "x"],
  ]);
});

test("annotations: in order, cut texts joined once, masks left out", () => {
  const text = (anno_id: number, order: number, content: string, category_type = "text_block") => ({
    anno_id,
    order,
    text: content,
    category_type,
  });
  const page: OmniDocPage = {
    page_info: { image_path: "x.jpg", page_attribute: {} },
    layout_dets: [
      text(1, 4, "end"),
      text(2, 1, "start "),
      text(3, 2, "middle "),
      text(4, 3, "Title", "title"),
      { anno_id: 5, order: 5, category_type: "table", html: "<table></table>" },
      { anno_id: 6, order: null, category_type: "page_number", text: "7" },
      { anno_id: 7, order: null, category_type: "abandon" },
      { anno_id: 8, order: 6, category_type: "equation_isolated", latex: "$$x$$" },
    ],
    extra: {
      relation: [
        { source_anno_id: 2, target_anno_id: 3, relation_type: "truncated" },
        { source_anno_id: 3, target_anno_id: 1, relation_type: "truncated" },
        { source_anno_id: 5, target_anno_id: 4, relation_type: "parent_son" },
      ],
    },
  };
  expect(truthParts(page)).toEqual([
    { kind: "text", content: "7", order: 0, category: "page_number" },
    { kind: "text", content: "start middle end", order: 1, category: "text_block" },
    { kind: "text", content: "Title", order: 3, category: "title" },
    {
      kind: "table",
      content: "<table></table>",
      order: 5,
      category: "table",
      lines: "unknown",
    },
    { kind: "formula", content: "$$x$$", order: 6, category: "equation_isolated" },
  ]);
});

test("the same texts find each other in any order", () => {
  const truth = ["alphabet", "bananas", "cherries"];
  expect(quickMatch(truth, ["cherries", "alphabet", "bananas"])).toEqual([
    { truth: [0], predicted: [1] },
    { truth: [1], predicted: [2] },
    { truth: [2], predicted: [0] },
  ]);
});

test("a text that was cut in pieces is put together", () => {
  const whole = "thequickbrownfoxjumpsoverthelazydogandrunsaway";
  const matches = quickMatch(
    [whole, "something"],
    ["something", "thequickbrownfox", "jumpsoverthelazy", "dogandrunsaway"],
  );
  expect(matches).toContainEqual({ truth: [0], predicted: [1, 2, 3] });
  expect(matches).toContainEqual({ truth: [1], predicted: [0] });
});

test("texts that were run together are compared as one", () => {
  const truth = ["thefirstparagraphofthepage", "asecondone", "quiteanother"];
  const matches = quickMatch(truth, ["thefirstparagraphofthepageasecondone", "quiteanother"]);
  expect(matches).toContainEqual({ truth: [0, 1], predicted: [0] });
});

test("what is missing stands alone, what is too much is dropped", () => {
  expect(quickMatch(["apple"], [])).toEqual([{ truth: [0], predicted: [] }]);
  expect(quickMatch(["apple"], ["apple", "zzzzzzzz"])).toEqual([{ truth: [0], predicted: [0] }]);
  expect(quickMatch([], ["apple"])).toEqual([]);
});

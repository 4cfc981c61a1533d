import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { createWriter, formatPage } from "../../../src/output/formats.ts";
import { escapeMarkdown } from "../../../src/output/markdown.ts";
import { bare, box, line, manifoldPage, page } from "./hand-made.ts";

const write = (...texts: string[]): string =>
  formatPage(page(texts.map((text, i) => line(text, 100, 100 + 30 * i))), "md");

describe("Markdown", () => {
  it("joins the lines of a paragraph, and parts paragraphs and pages by an empty line", () => {
    const writer = createWriter("md");
    const first = page([
      line("one", 100, 100),
      line("two", 100, 130),
      line("three", 100, 160),
      line("four", 100, 210),
    ]);
    const parts = [first, page([], { number: 2 }), page([line("five", 0, 0)], { number: 3 })];
    const written = writer.head() + parts.map((part) => writer.page(part)).join("") + writer.tail();
    expect(written).toBe("one two three\n\nfour\n\nfive\n");
  });

  it("puts words together that a hyphen divides, and keeps other hyphens", () => {
    expect(write("a divi-", "ded word")).toBe("a divided word\n");
    expect(write("the years 1990-", "1999 and Anna-", "Maria")).toBe(
      "the years 1990- 1999 and Anna- Maria\n",
    );
    expect(write("soft\u00ad", "ly")).toBe("softly\n");
  });

  it("puts no space between lines of Chinese or Japanese", () => {
    expect(write("中文", "字体")).toBe("中文字体\n");
    expect(write("中文", "and")).toBe("中文 and\n");
  });

  it("reads one column after the other", () => {
    const text = formatPage(manifoldPage(), "md");
    expect(text).toContain(
      "left column one left column two\n\nright column one right column two\n",
    );
  });

  it("leaves out lines without text", () => {
    expect(formatPage(page([bare(" ", box(0, 0, 9, 9)), line("a\u0000\tb", 100, 100)]), "md")).toBe(
      "a b\n",
    );
  });
});

describe("escaping", () => {
  it.each([
    ["# not a heading", "\\# not a heading"],
    ["#1 is fine", "#1 is fine"],
    ["- not a list", "\\- not a list"],
    ["-5 °C", "-5 °C"],
    ["---", "\\---"],
    ["===", "\\==="],
    ["+ no list", "\\+ no list"],
    ["* no list", "\\* no list"],
    ["1. no list", "1\\. no list"],
    ["12) no list", "12\\) no list"],
    ["1.5 is a number", "1.5 is a number"],
    ["> no quote", "\\> no quote"],
    ["a_b *c* `d` ~e~", "a\\_b \\*c\\* \\`d\\` \\~e\\~"],
    ["[a](b) ![c](d)", "[a\\](b) ![c\\](d)"],
    ["[a][b] [c]: [d]", "[a\\][b] [c\\]: [d]"],
    ["see [1], [2]", "see [1], [2]"],
    ["[ ] not a box", "\\[ ] not a box"],
    ["<b> &amp; &#65; & AT&T", "\\<b\\> \\&amp; \\&#65; & AT&T"],
    ["a | b $5 c\\d", "a \\| b \\$5 c\\\\d"],
  ])("turns %s into %s", (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });

  it("only ever adds backslashes", () => {
    assert(
      property(string({ unit: "grapheme" }), (text) => {
        expect(escapeMarkdown(text).replace(/\\([\\`*_[\]<>|~$&#+.)=-])/g, "$1")).toBe(text);
      }),
    );
  });
});

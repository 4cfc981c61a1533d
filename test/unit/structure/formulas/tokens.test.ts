import { describe, expect, it } from "vitest";
import { cleanLatex, closeUp } from "../../../../src/structure/formulas/tokens.ts";
import { spellTokens } from "../../../../src/structure/formulas/tokens.ts";

describe("spaces in LaTeX", () => {
  // What `UniMERNetDecode.normalize` of PaddleX 3.7.2 makes of the same.
  it.each([
    ["x ^ { 2 } + 1", "x^{2}+1"],
    ["\\frac { a } { b }", "\\frac{a}{b}"],
    ["\\alpha x + \\beta 2", "\\alpha x+\\beta2"],
    ["a b c", "a b c"],
    ["a\\ b \\\\ c", "a\\ b\\\\ c"],
    ["\\operatorname { s i n } x", "\\operatorname{s i n}x"],
    ["x_ { 1 }  ,  y", "x_{1},y"],
    ["中 x", "中 x"],
  ])("%s becomes %s", (text, expected) => {
    expect(closeUp(text)).toBe(expected);
  });
});

describe("clean-ups", () => {
  it("unwrap Chinese and drop quotation marks", () => {
    expect(cleanLatex('\\text { 速度 } = "v"')).toBe("速度 =v");
    expect(cleanLatex("\\text{if} x")).toBe("\\text{if}x");
  });
});

describe("tokens", () => {
  it("of the byte-level alphabet are bytes", () => {
    // GPT-2 spells a space as Ġ, a newline as Ċ and 式 (E5 BC 8F) as å¼ı.
    const vocabulary = ["", "\\frac", "Ġ{", "x", "}", "Ċ", "å¼", "ı"];
    expect(spellTokens([0, 1, 2, 3, 4, 5, 6, 7], vocabulary, "byte-level")).toBe("\\frac{x} 式");
  });
});

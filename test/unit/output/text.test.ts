import { describe, expect, it } from "vitest";
import { createWriter, formatPage } from "../../../src/output/formats.ts";
import { box, line, page, turnedLine, word } from "./hand-made.ts";

describe("text", () => {
  it("is the page's text, with a form feed between pages", () => {
    const writer = createWriter("text");
    const first = page([line("a b", 0, 0), line("c", 0, 30)]);
    const parts = [first, page([], { number: 2 }), page([line("d", 0, 0)], { number: 3 })];
    const written = writer.head() + parts.map((part) => writer.page(part)).join("") + writer.tail();
    expect(written).toBe("a b\nc\n\f\fd\n");
  });

  it("drops controls, the page break among them, and halves of characters", () => {
    const bad = page([line("a\u0000b\fc\u001b[31m\u0085\ud800", 0, 0)]);
    expect(formatPage(bad, "text")).toBe("abc[31m\ufffd\n");
    expect(formatPage(page([line("😀 שלום", 0, 0)]), "text")).toBe("😀 שלום\n");
  });
});

describe("text with its layout", () => {
  const print = (...lines: Parameters<typeof page>[0]): string[] =>
    formatPage(page(lines), "text", { layout: true }).split("\n").slice(0, -1);

  it("sets columns and indents with spaces, in columns of a letter", () => {
    // Letters are 10 wide: 300 is column 30, 40 is column 4, and the leftmost one is column 0.
    expect(
      print(
        line("left one", 100, 100),
        line("right one", 400, 102),
        line("set in", 140, 130),
        line("right two", 400, 131),
      ),
    ).toEqual([
      "left one                      right one",
      "    set in                    right two",
    ]);
  });

  it("keeps gaps between lines as empty ones, but not more than three", () => {
    // Lines are 30 apart: 60 is one empty line, 900 would be 29.
    const lines = [100, 130, 160, 220, 250, 1150].map((y) => line("text", 100, y));
    expect(print(...lines)).toEqual([
      "text",
      "text",
      "text",
      "",
      "text",
      "text",
      "",
      "",
      "",
      "text",
    ]);
  });

  it("keeps a wide gap inside a line", () => {
    const words = [word("total", box(100, 100, 50, 20)), word("9.99", box(400, 100, 40, 20))];
    const one = { text: "total 9.99", confidence: 1, polygon: box(100, 100, 340, 20), words };
    expect(print(one, line("1234567890", 100, 130))).toEqual([
      "total                         9.99",
      "1234567890",
    ]);
  });

  it("follows a page that is skewed", () => {
    const center = [500, 700] as const;
    const lines = [
      line("left one", 100, 100),
      line("right one", 700, 100),
      line("left two", 100, 130),
      line("right two", 700, 130),
    ];
    const straight = print(...lines);
    expect(print(...lines.map((each) => turnedLine(each, 8, center)))).toEqual(straight);
    expect(straight[1]).toBe(`left two${" ".repeat(52)}right two`);
  });

  it("counts characters of full width twice", () => {
    const chinese = line("中文字体", 100, 100, { letter: 20 });
    expect(print(chinese, line("right", 300, 100), line("1234567890", 100, 130))).toEqual([
      "中文字体            right",
      "1234567890",
    ]);
  });

  it("puts text that runs another way behind the rest", () => {
    const up = turnedLine(line("upwards", 50, 600), -90, [50, 600]);
    expect(print(line("first line", 100, 100), up, line("second line", 100, 130))).toEqual([
      "first line",
      "second line",
      "",
      "upwards",
    ]);
  });

  it("is empty for an empty page", () => {
    expect(formatPage(page([]), "text", { layout: true })).toBe("");
  });
});

import { describe, expect, it } from "vitest";
import {
  captionStart,
  endsSentence,
  firstWordLength,
  isMostlyRightToLeft,
  isPageNumber,
  sectionDepth,
  startsWithBullet,
  startsWithEnumerator,
} from "../../../../src/structure/layout/marks.ts";

describe("list marks", () => {
  it.each(["• one", "- one", "– one", "■ one", "✓one"])("takes %s for a bullet", (text) => {
    expect(startsWithBullet(text)).toBe(true);
  });

  it.each(["-5 degrees", "one - two", "•", "–"])("does not take %s for one", (text) => {
    expect(startsWithBullet(text)).toBe(false);
  });

  it.each([
    "1. one",
    "12) one",
    "(3) one",
    "[4] Author",
    "a) one",
    "(b) one",
    "iv. one",
    "①一",
    "1、一",
    "（2）二",
    "* note",
  ])("takes %s for an item of an enumeration", (text) => {
    expect(startsWithEnumerator(text)).toBe(true);
  });

  it.each(["1.5 mm", "1 one", "2026 was", "A. Smith", "e.g. this", "(see there)", "1.2.3 Heading"])(
    "does not take %s for one",
    (text) => {
      expect(startsWithEnumerator(text)).toBe(false);
    },
  );
});

describe("sectionDepth", () => {
  it.each([
    ["1 Introduction", 1],
    ["2. Method", 1],
    ["2.1 Data", 2],
    ["2.1. Data", 2],
    ["A.3.1 Proofs", 3],
    ["IV. Results", 1],
    ["Chapter 3", 1],
    ["Appendix B", 1],
    ["第一章 总则", 1],
    ["第3节 范围", 2],
    ["一、概述", 1],
    ["（二）方法", 2],
  ])("%s has %d", (text, depth) => {
    expect(sectionDepth(text)).toBe(depth);
  });

  it.each(["Introduction", "2026 was a year", "1.5 mm of rain", "3 men in a boat", "I was there"])(
    "%s has none",
    (text) => {
      expect(sectionDepth(text)).toBeUndefined();
    },
  );
});

describe("captionStart", () => {
  it.each([
    "Figure 1. A thing",
    "Fig. 2: A thing",
    "FIGURE 3 A thing",
    "Table 4 Numbers",
    "Tab. 1: Zahlen",
    "Table S1. More",
    "Figure 1",
    "表 1 数据",
    "图2-1：结构",
    "Рис. 5. Вид",
  ])("is sure of %s", (text) => {
    expect(captionStart(text)).toEqual({ sure: true });
  });

  it.each(["Figure 1 shows that", "Table 2 and 3 show", "图1显示"])("is not sure of %s", (text) => {
    expect(captionStart(text)).toEqual({ sure: false });
  });

  it.each(["A figure of speech", "Table of contents", "table a of", "Figures are", "Tablet 1"])(
    "does not take %s",
    (text) => {
      expect(captionStart(text)).toBeUndefined();
    },
  );
});

describe("isPageNumber", () => {
  it.each([
    "7",
    "- 7 -",
    "— 12 —",
    "123",
    "xiv",
    "Page 3",
    "page 3 of 12",
    "3/12",
    "A-7",
    "57165",
    "第 3 页",
    "第3页 共12页",
    "[4]",
    "S. 4".replace("S.", "p."),
  ])("takes %s", (text) => {
    expect(isPageNumber(text)).toBe(true);
  });

  it.each(["7 apples", "Chapter 3", "12.5", "Page", "", "3 4 5", "1,000", "civil", "2026"])(
    "does not take %s",
    (text) => {
      expect(isPageNumber(text)).toBe(false);
    },
  );
});

it("knows the ends of sentences", () => {
  expect(["It ends.", "Really?”", "到此为止。", "as follows:"].map(endsSentence)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["it goes on", "goes on,", "上半年"].map(endsSentence)).toEqual([false, false, false]);
});

it("measures what could have stood on the row before", () => {
  expect(["word after word", "word", "中文字"].map(firstWordLength)).toEqual([4, 4, 2]);
});

it("counts letters, not lines, to tell where reading starts", () => {
  expect(isMostlyRightToLeft(["مرحبا بالعالم", "PDF 2026"])).toBe(true);
  expect(isMostlyRightToLeft(["שלום", "a page of English text"])).toBe(false);
  expect(isMostlyRightToLeft([])).toBe(false);
});

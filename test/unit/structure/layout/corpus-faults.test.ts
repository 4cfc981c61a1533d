/** What went wrong on printed pages of the corpus, each as small as it can be. */
import { describe, expect, it } from "vitest";
import { findTables } from "../../../../src/structure/tables/find-tables.ts";
import { readTable } from "../../../../src/structure/tables/table.ts";
import { isPageNumber, sectionNumber } from "../../../../src/structure/layout/marks.ts";
import type { Rulings } from "../../../../src/structure/rulings/ruling.ts";
import type { Line } from "../../../../src/types.ts";
import { columns, firstWords, layoutOf, PAGE, paragraph, row, typeOf } from "../drawn-page.ts";

const level = (at: number, from: number, to: number) => ({ at, from, to, thickness: 2 });

describe("columns of text between drawn strokes", () => {
  const lines = columns([60, 280, 500, 720], { width: 176, top: 220, paragraphs: 5 });
  const rulings: Rulings = {
    horizontal: [level(190, 60, 900)],
    vertical: [258, 478, 698].map((at) => level(at, 190, 1200)),
  };

  it("are no table, whether the strokes meet or not", () => {
    expect(findTables(lines, rulings, PAGE)).toEqual([]);
    const apart = { ...rulings, vertical: rulings.vertical.map((r) => ({ ...r, from: 230 })) };
    expect(findTables(lines, apart, PAGE)).toEqual([]);
  });
});

describe("an invoice", () => {
  const cells = (y: number, texts: readonly string[]): Line[] =>
    texts.map((text, i) => row(text, [60, 540, 690, 840][i] as number, y));
  const items = [
    ["Poster of matt paper", "120", "3.45", "414.00"],
    ["Booklet of 32 pages", "250", "2.80", "700.00"],
    ["Business cards", "500", "0.12", "60.00"],
    ["Delivery", "1", "18.50", "18.50"],
  ];
  const body = items.flatMap((texts, i) => cells(400 + 44 * i, texts));
  const rules = [388, 432, 476, 520, 564].map((y) => level(y, 60, 940));
  const totals = [
    row("VAT", 690, 590),
    row("238.50", 840, 590),
    row("Total", 690, 632),
    row("1431.00", 840, 632),
  ];
  const rulings: Rulings = { horizontal: [...rules, level(670, 60, 940)], vertical: [] };

  it("ends its table above a note that stands across the columns", () => {
    const lines = [
      ...body,
      ...totals,
      row("Please pay within 30 days. Thank you for it!", 60, 634),
    ];
    const [table] = findTables(lines, rulings, PAGE);
    expect(table?.box.y).toBeLessThan(400);
    expect((table?.box.y ?? 0) + (table?.box.height ?? 0)).toBeLessThan(590);
  });

  it("has its totals in rows of their own where nothing stands beside them", () => {
    const lines = [...body, ...totals];
    const [region] = findTables(lines, rulings, PAGE);
    const table = region && readTable(region, lines, rulings);
    const rowOf = (text: string) => table?.cells.find((cell) => cell.text === text)?.row;
    expect(rowOf("238.50")).toBeDefined();
    expect(rowOf("1431.00")).toBe((rowOf("238.50") ?? NaN) + 1);
  });

  it("has labels over short lines that are no headings", () => {
    const address = ["Marian Okafor", "27 Willow Street", "Bristol BS1 4QX"];
    const page = [
      row("Billed to", 60, 200),
      ...address.map((text, i) => row(text, 60, 242 + 26 * i)),
      ...paragraph("Text", 60, 420, { width: 800 }),
    ];
    expect(typeOf(layoutOf(page), "Billed")).toBe("text");
  });
});

describe("a letter", () => {
  it("has its date before the salutation, which is no heading", () => {
    const page = [
      row("Clara Lindqvist", 100, 120),
      row("3 May 1984", 800, 230),
      row("Dear Tomas Lindqvist,", 100, 320),
      ...paragraph("Body", 100, 360, { width: 800 }),
      ...paragraph("More", 100, 560, { width: 800 }),
    ];
    const seen = layoutOf(page);
    expect(firstWords(seen)).toEqual(["Clara", "3", "Dear", "Body", "More"]);
    expect(typeOf(seen, "Dear")).toBe("text");
  });

  it("has a title at its upper edge that is no running head", () => {
    const title = row("The Lighthouse Keeper's Log, Part 7", 100, 60, { width: 535, height: 24 });
    const page = [title, ...[140, 300, 460, 620].flatMap((y, i) => paragraph(`P${i}`, 100, y))];
    expect(typeOf(layoutOf(page), "The Lighthouse")).not.toBe("header");
  });
});

it("goes on below a wide picture in a column whose neighbour has ended", () => {
  const left = [...paragraph("A1", 80, 200), ...paragraph("A2", 80, 700)];
  const right = [...paragraph("B1", 540, 205), ...paragraph("B2", 540, 345, { rows: 3 })];
  const page = [row("T1 over both", 80, 120, { width: 840, height: 30 }), ...left, ...right];
  const pictures = [{ x: 80, y: 510, width: 380, height: 160 }];
  expect(firstWords(layoutOf(page, { pictures })).filter((word) => word !== "")).toEqual([
    "T1",
    "A1",
    "A2",
    "B1",
    "B2",
  ]);
});

it("takes dates for no sections, and years and words for no page numbers", () => {
  expect(sectionNumber("14 November 2026")).toBeUndefined();
  expect(sectionNumber("14 Novel methods")).toBeDefined();
  expect(["2026", "civil", "mild"].filter(isPageNumber)).toEqual([]);
  expect(["xiv", "12", "Page 3"].filter(isPageNumber)).toHaveLength(3);
});

import { describe, expect, it } from "vitest";
import { findTables } from "../../../../src/structure/tables/find-tables.ts";
import { readTable } from "../../../../src/structure/tables/table.ts";
import type { Line } from "../../../../src/types.ts";

const COLUMNS = [100, 400, 600, 800];
const STEP = 40;

const entry = (text: string, x: number, y: number): Line => ({
  text,
  confidence: 1,
  polygon: [
    [x, y],
    [x + 11 * text.length, y],
    [x + 11 * text.length, y + 20],
    [x, y + 20],
  ],
});

/** Rows from y = 100 on, and rulings below those that are named. */
function scene(rows: readonly (readonly string[])[], ruledBelow: readonly number[]) {
  const lines = rows.flatMap((texts, r) =>
    texts.flatMap((text, c) => (text ? [entry(text, COLUMNS[c] as number, 100 + STEP * r)] : [])),
  );
  const horizontal = ruledBelow.map((r) => ({
    at: 100 + STEP * r + 30,
    from: 90,
    to: 900,
    thickness: 1,
  }));
  const rulings = { horizontal, vertical: [] };
  const [region, ...others] = findTables(lines, rulings, { width: 1000, height: 1000 });
  expect(others).toEqual([]);
  const table = region && readTable(region, lines, rulings);
  return Array.from({ length: table?.rows ?? 0 }, (_, row) =>
    (table?.cells ?? []).filter((cell) => cell.row === row),
  );
}

const HEAD = ["Description", "Quantity", "Price", "Amount"];
const ITEMS = [
  ["Poster, matt paper", "120", "3.45", "414.00"],
  ["Booklet, stapled", "250", "2.80", "700.00"],
  ["Business cards", "500", "0.12", "60.00"],
  ["Delivery", "1", "18.50", "18.50"],
];

describe("a table whose first rows stand above its rulings", () => {
  it("has them, and only names are its head", () => {
    const rows = scene([HEAD, ...ITEMS], [1, 2, 3, 4]);
    expect(rows.map((row) => row.map(({ text }) => text))).toEqual([HEAD, ...ITEMS]);
    expect(rows.map((row) => row.every(({ header }) => header))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("has a last row below its last ruling", () => {
    const rows = scene([HEAD, ...ITEMS], [0, 1, 2, 3]);
    expect(rows.map((row) => row.map(({ text }) => text))).toEqual([HEAD, ...ITEMS]);
  });

  it("does not have what stands further away, or across its columns", () => {
    const rows = scene(
      [["Thank you for your order of last week, here is"], HEAD, ...ITEMS],
      [1, 2, 3, 4, 5],
    );
    expect(rows).toHaveLength(5);
    const apart = scene([HEAD, [], [], ...ITEMS], [3, 4, 5, 6]);
    expect(apart).toHaveLength(4);
  });
});

import { describe, expect, it } from "vitest";
import { textOrder } from "../../../src/structure/text-order.ts";
import type { Line } from "../../../src/types.ts";
import { columns, PAGE, row } from "./drawn-page.ts";

/** The first word of each line, in its order. */
const read = (lines: readonly Line[], order: "layout" | "rows"): string[] =>
  textOrder({ ...PAGE, lines }, order).map((i) => lines[i]?.text.split(" ")[0] ?? "");

const isNamed = (word: string): boolean => /^[A-Z]\d$/.test(word);

describe("textOrder", () => {
  it("reads columns one after the other, and by rows on request", () => {
    const page = columns([80, 540], { paragraphs: 2 });
    expect(read(page, "layout").filter(isNamed)).toEqual(["A1", "A2", "B1", "B2"]);
    expect(read(page, "rows").filter(isNamed)).toEqual(["A1", "B1", "A2", "B2"]);
  });

  it("keeps an amount beside its label where a page consists of such rows", () => {
    const entries = ["Tea", "Bread and butter", "Cake of the day", "TOTAL", "CASH", "CHANGE"];
    const lines = entries.flatMap((label, i) => [
      row(label, 80, 200 + 60 * i),
      row(`${i + 1}.50`, 700, 202 + 60 * i, { width: 60 }),
    ]);
    const shop = [row("THE TEA ROOM", 300, 60), row("12 Harbour Lane", 290, 90), ...lines];
    expect(read(shop, "layout").slice(2)).toEqual(
      entries.flatMap((label, i) => [label.split(" ")[0], `${i + 1}.50`]),
    );
  });

  it("keeps fields beside their names where these end with colons", () => {
    const fields = ["Name:", "Street:", "Town:", "Country:"];
    const lines = fields.flatMap((name, i) => [
      row(name, 80, 200 + 90 * i),
      row(`value${i}`, 420, 200 + 90 * i),
    ]);
    expect(read(lines, "layout")).toEqual(fields.flatMap((name, i) => [name, `value${i}`]));
  });

  it("has every line once", () => {
    const page = [...columns([60, 380, 700], { width: 280 }), row("7", 500, 1350)];
    for (const order of ["layout", "rows"] as const) {
      expect(textOrder({ ...PAGE, lines: page }, order).toSorted((a, b) => a - b)).toEqual([
        ...page.keys(),
      ]);
    }
    expect(textOrder({ ...PAGE, lines: [] }, "layout")).toEqual([]);
  });
});

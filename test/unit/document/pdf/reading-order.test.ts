import { describe, expect, it } from "vitest";
import { textOrder } from "../../../../src/structure/text-order.ts";
import type { Line } from "../../../../src/types.ts";

function line(text: string, x: number, y: number, width = 200): Line {
  const [r, b] = [x + width, y + 10];
  return {
    text,
    confidence: 1,
    polygon: [
      [x, y],
      [r, y],
      [r, b],
      [x, b],
    ],
  };
}

const read = (lines: readonly Line[], order: "layout" | "rows" = "layout"): string =>
  textOrder({ lines, width: 595, height: 842 }, order)
    .map((i) => lines[i]!.text)
    .join(" ");

describe("the reading order of a text layer", () => {
  it("does not depend on the order of drawing", () => {
    const lines = [
      line("footer", 50, 700),
      line("second", 50, 60),
      line("first", 50, 40),
      line("title", 50, 10),
    ];
    expect(read(lines)).toBe("title first second footer");
  });

  it("reads rows of a table as rows", () => {
    const rows = [0, 1, 2, 3].flatMap((i) => [
      line(`${i}.50`, 300, 50 + 14 * i, 40),
      line(`label${i}`, 50, 51 + 14 * i, 60),
    ]);
    expect(read(rows)).toBe([0, 1, 2, 3].map((i) => `label${i} ${i}.50`).join(" "));
  });

  const column = (name: string, x: number, from: number, count: number): Line[] =>
    Array.from({ length: count }, (_, i) => line(`${name}${i}`, x, from + 14 * i));

  it("reads columns one after the other, between headings over both", () => {
    const lines = [
      line("footer", 50, 400, 450),
      ...column("r", 300, 50, 5),
      ...column("l", 50, 50, 5),
      line("heading", 50, 130, 450),
      ...column("L", 50, 160, 4),
      ...column("R", 300, 160, 4),
      line("title", 50, 10, 450),
    ];
    expect(read(lines)).toBe(
      "title l0 l1 l2 l3 l4 r0 r1 r2 r3 r4 heading L0 L1 L2 L3 R0 R1 R2 R3 footer",
    );
    expect(read(lines, "rows")).toMatch(/^title l0 r0 l1 r1/);
  });

  it("reads right-to-left columns from the right", () => {
    const words = (x: number, name: string): Line[] =>
      column(name, x, 50, 4).map((each) => ({ ...each, text: `שלום${each.text}` }));
    expect(read([...words(50, "l"), ...words(300, "r")])).toMatch(/^שלוםr0 שלוםr1/);
  });

  it("reads a page that lies on its side", () => {
    const turned = ["one", "two", "three"].map((text, i): Line => {
      const x = 300 - 20 * i;
      return {
        text,
        confidence: 1,
        polygon: [
          [x, 50],
          [x, 250],
          [x - 10, 250],
          [x - 10, 50],
        ],
      };
    });
    expect(read(turned.toReversed())).toBe("one two three");
  });
});

import { describe, expect, it } from "vitest";
import { placeLine } from "../../../src/element/text-layer.ts";
import type { Measure } from "../../../src/element/text-layer.ts";
import { bare, box, line, turned } from "../output/hand-made.ts";

/** Letters are half as wide as they are high. */
const measure: Measure = (text, size) => (text.length * size) / 2;

describe("placeLine", () => {
  it("stretches each word to its own width", () => {
    const placed = placeLine(line("ab cdef", 100, 50, { letter: 15, height: 20 }), measure);
    expect(placed.map(({ text, left, top, height }) => ({ text, left, top, height }))).toEqual([
      { text: "ab ", left: 100, top: 50, height: 20 },
      { text: "cdef", left: 145, top: 50, height: 20 },
    ]);
    for (const [i, width] of [30, 60].entries()) {
      const { text, size, stretch } = placed[i] as (typeof placed)[number];
      expect(measure(text.trim(), size) * stretch).toBeCloseTo(width);
    }
  });

  it("turns the text of a line on its side", () => {
    const quad = turned(box(0, 0, 100, 20), 90, [0, 0]);
    const [placed] = placeLine(bare("on its side", quad), measure);
    expect(placed?.angle).toBeCloseTo(Math.PI / 2);
    expect(placed?.height).toBeCloseTo(20);
    expect((placed?.stretch ?? 0) * measure("on its side", placed?.size ?? 0)).toBeCloseTo(100);
  });

  it("puts no space between words that have none in their line", () => {
    const text = {
      text: "日本語",
      confidence: 0.9,
      polygon: box(0, 0, 60, 20),
      words: [
        { text: "日本", confidence: 0.9, polygon: box(0, 0, 40, 20) },
        { text: "語", confidence: 0.9, polygon: box(40, 0, 20, 20) },
      ],
    };
    expect(placeLine(text, measure).map((word) => word.text)).toEqual(["日本", "語"]);
  });

  it("leaves empty words out, and lives with a font that measures nothing", () => {
    expect(placeLine(bare("  ", box(0, 0, 10, 10)), measure)).toEqual([]);
    expect(placeLine(bare("a", box(0, 0, 10, 10)), () => 0)[0]?.stretch).toBe(1);
  });
});

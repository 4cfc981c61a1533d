import { describe, expect, it } from "vitest";
import { closest } from "../../../src/core/closest.ts";

describe("closest", () => {
  const known = ["format", "formulas", "output", "dpi", "min-confidence"];

  it.each([
    ["fromat", "format"],
    ["formt", "format"],
    ["formular", "formulas"],
    ["OUTPUT", "output"],
    ["min-confidense", "min-confidence"],
    ["dpo", "dpi"],
    ["xyz", undefined],
    ["dxy", undefined],
    ["", undefined],
  ])("%j → %j", (word, expected) => {
    expect(closest(word, known)).toBe(expected);
  });

  it("takes the nearest of several", () => {
    expect(closest("formats", ["formulas", "format"])).toBe("format");
  });
});

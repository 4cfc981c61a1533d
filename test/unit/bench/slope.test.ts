import { describe, expect, it } from "vitest";
import { fitSlope } from "../../bench/leak/slope.ts";

describe("fitSlope", () => {
  it("finds an exact line with no doubt", () => {
    const { slope, halfWidth } = fitSlope([0, 1, 2, 3, 4].map((x) => [x, 3 + 2 * x]));
    expect(slope).toBeCloseTo(2, 12);
    expect(halfWidth).toBeCloseTo(0, 6);
  });

  it("gives the interval of a worked example", () => {
    // x = 1 … 6, y = 2, 4, 5, 4, 5, 7: Sxx = 17.5, Sxy = 13.5, Syy = 13.5, slope = 27/35,
    // residual sum = 13.5 − 13.5²/17.5 = 3.0857, s = √(3.0857/4) = 0.87831, error = s/√17.5 = 0.20996,
    // t(0.975, 4) = 2.7764, half width 0.58293.
    const ys = [2, 4, 5, 4, 5, 7];
    const { slope, halfWidth } = fitSlope(ys.map((y, i) => [i + 1, y]));
    expect(slope).toBeCloseTo(27 / 35, 10);
    expect(halfWidth).toBeGreaterThan(0.578);
    expect(halfWidth).toBeLessThan(0.588);
  });

  it("refuses what has no slope", () => {
    expect(() => fitSlope([[0, 1]])).toThrow("at least 5");
    expect(() => fitSlope(Array.from({ length: 5 }, (_, i) => [1, i] as const))).toThrow(
      "values of x",
    );
  });
});

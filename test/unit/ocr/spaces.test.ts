import { describe, expect, it } from "vitest";
import type { CtcSymbol } from "../../../src/ocr/ctc.ts";
import { spaceRuleFor } from "../../../src/ocr/spaces.ts";

const RULE = { probability: 0.1, steps: 3 };

/** Letters at these time steps; a blank is a sure space. */
const symbols = (text: string, steps: readonly number[]): CtcSymbol[] =>
  Array.from(text).map((letter, i) => {
    const at = steps[i] as number;
    return { text: letter, probability: 1, from: at, to: at };
  });

describe("the rule for faint spaces", () => {
  it("stays as it is for narrow print", () => {
    expect(spaceRuleFor(RULE, symbols("donot", [0, 2, 5, 7, 9]))).toEqual(RULE);
  });

  it("wants a gap wider than the pitch of monospaced print", () => {
    // Distances 3, 3, 4, 3, 3, 3: letters 3 apart have no space between them.
    const { steps } = spaceRuleFor(RULE, symbols("printed", [0, 3, 6, 10, 13, 16, 19]));
    expect(steps).toBeGreaterThan(3.5);
    expect(steps).toBeLessThan(6);
    // Capitals are as wide in proportional print.
    expect(spaceRuleFor(RULE, symbols("PRINTED", [0, 3, 6, 10, 13, 16, 19]))).toEqual(RULE);
  });

  it("counts no distance across a sure space, and trusts no short line", () => {
    expect(spaceRuleFor(RULE, symbols("a b c d", [0, 4, 8, 12, 16, 20, 24]))).toEqual(RULE);
    expect(spaceRuleFor(RULE, symbols("abc", [0, 5, 10]))).toEqual(RULE);
  });

  it("stays as it is where most letters are narrow", () => {
    expect(spaceRuleFor(RULE, symbols("william", [0, 4, 6, 8, 10, 12.5, 17]))).toEqual(RULE);
  });
});

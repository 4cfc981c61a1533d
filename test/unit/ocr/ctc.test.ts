import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestClasses,
  type CtcSymbol,
  decodeCtc,
  sliceSteps,
  type SpaceRule,
} from "../../../src/ocr/ctc.ts";

const ALPHABET = ["", "a", "b", " "];

/** Rows of probabilities: blank, a, b, space. */
type Row = readonly [blank: number, a: number, b: number, space: number];
const BLANK: Row = [1, 0, 0, 0];
const A: Row = [0, 1, 0, 0];
const B: Row = [0, 0, 1, 0];
const SPACE: Row = [0, 0, 0, 1];

function decode(rows: readonly Row[], rule?: SpaceRule, steps = rows.length): CtcSymbol[] {
  const all = bestClasses(Float32Array.from(rows.flat()), 4, 3);
  return decodeCtc(sliceSteps(all, 0, steps), ALPHABET, 0, rule);
}

const text = (symbols: readonly CtcSymbol[]): string => symbols.map((s) => s.text).join("");

describe("bestClasses", () => {
  it("keeps of each step what decoding needs", () => {
    const rows = Float32Array.of(0.25, 0.5, 0.125, 0.125, 0.25, 0.125, 0.25, 0.375);
    const best = Float32Array.of(1, 3);
    const probability = Float32Array.of(0.5, 0.375);
    expect(bestClasses(rows, 4)).toEqual({ best, probability });
    const space = Float32Array.of(0.125, 0.25);
    expect(bestClasses(rows, 4, 2)).toEqual({ best, probability, space });
    const last = { best: best.slice(1), probability: probability.slice(1), space: space.slice(1) };
    expect(sliceSteps(bestClasses(rows, 4, 2), 1, 2)).toEqual(last);
  });
});

describe("decodeCtc", () => {
  it("drops blanks and collapses repeats", () => {
    expect(text(decode([BLANK, A, A, A, B, B, BLANK, SPACE, A]))).toBe("ab a");
    expect(decode([BLANK, BLANK])).toEqual([]);
    expect(decode([])).toEqual([]);
  });

  it("keeps a repeat that a blank separates", () => {
    expect(text(decode([A, BLANK, A, A, BLANK, BLANK, A]))).toBe("aaa");
    expect(text(decode([A, B, A]))).toBe("aba");
  });

  it("scores a run by its first step and spans all of it", () => {
    const rows: Row[] = [BLANK, [0.25, 0.5, 0.25, 0], [0, 0.75, 0.25, 0], [0, 1, 0, 0], B];
    expect(decode(rows)).toEqual([
      { text: "a", probability: 0.5, from: 1, to: 3 },
      { text: "b", probability: 1, from: 4, to: 4 },
    ]);
  });

  it("takes the lower class of equally likely ones", () => {
    expect(text(decode([[0, 0.5, 0.5, 0]]))).toBe("a");
    expect(decode([[0.5, 0.5, 0, 0]])).toEqual([]);
  });

  it("reads no further than `steps`", () => {
    expect(text(decode([A, B, A], undefined, 2))).toBe("ab");
    expect(decode([A, B], undefined, 0)).toEqual([]);
  });

  it("takes the blank where the model has it", () => {
    // Class 2 is the blank, class 0 a letter.
    const rows = Float32Array.of(1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0);
    expect(text(decodeCtc(bestClasses(rows, 3), ["x", "y", ""], 2))).toBe("xxy");
  });

  it("inverts any encoding", () => {
    const symbols = array(
      record({
        index: constantFrom(1, 2, 3),
        run: integer({ min: 1, max: 3 }),
        gap: integer({ min: 0, max: 2 }),
      }),
      { maxLength: 12 },
    );
    assert(
      property(symbols, (items) => {
        const rows: Row[] = [];
        const expected: CtcSymbol[] = [];
        items.forEach(({ index, run, gap }, i) => {
          // CTC cannot write a repeat without a blank between.
          const blanks = items[i - 1]?.index === index ? Math.max(1, gap) : gap;
          for (let k = 0; k < blanks; k++) rows.push(BLANK);
          const from = rows.length;
          for (let k = 0; k < run; k++) rows.push([BLANK, A, B, SPACE][index] as Row);
          const to = rows.length - 1;
          expected.push({ text: ALPHABET[index] as string, probability: 1, from, to });
        });
        expect(decode(rows)).toEqual(expected);
      }),
    );
  });
});

describe("faint spaces", () => {
  const RULE: SpaceRule = { probability: 0.0625, steps: 3 };
  const faint = (p: number): Row => [1 - p, 0, 0, p];

  it("count from the rule's distance and probability on", () => {
    // Middles at steps 0 and 3: three apart. 1/16 is exact in binary.
    expect(decode([A, BLANK, faint(0.0625), B], RULE)).toEqual([
      { text: "a", probability: 1, from: 0, to: 0 },
      { text: " ", probability: 0.0625, from: 2, to: 2 },
      { text: "b", probability: 1, from: 3, to: 3 },
    ]);
    expect(text(decode([A, BLANK, faint(0.0624), B], RULE))).toBe("ab");
    expect(text(decode([A, faint(0.4), B], RULE))).toBe("ab");
  });

  it("do not count without a rule, or where the space was not looked at", () => {
    const rows = [A, faint(0.4), BLANK, B];
    expect(text(decode(rows))).toBe("ab");
    const steps = bestClasses(Float32Array.from(rows.flat()), 4);
    expect(text(decodeCtc(steps, ALPHABET, 0, RULE))).toBe("ab");
  });

  it("lie where the space was most likely", () => {
    const rows = [A, faint(0.125), faint(0.375), faint(0.25), B];
    expect(decode(rows, RULE)[1]).toEqual({ text: " ", probability: 0.375, from: 2, to: 2 });
  });

  it("measure the distance between the middles of runs", () => {
    // a in steps 0 … 2 (middle 1), b in step 4: three apart. With b in step 3 only two.
    expect(text(decode([A, A, A, faint(0.25), B], RULE))).toBe("a b");
    expect(text(decode([A, A, A, B, B], RULE))).toBe("ab"); // 1 and 3.5, but no space at all
    expect(text(decode([A, A, [0, 0.75, 0, 0.25], B], RULE))).toBe("ab"); // 1 and 3
  });

  it("are seen on the letters' own steps as well", () => {
    // The space shows on the step of the a, or of the b, and nowhere in the gap.
    expect(text(decode([[0, 0.75, 0, 0.25], BLANK, BLANK, B], RULE))).toBe("a b");
    expect(text(decode([A, BLANK, BLANK, [0, 0, 0.75, 0.25]], RULE))).toBe("a b");
  });

  it("are looked for between letters only", () => {
    // Not before the first letter, not after the last, not beside a space that was chosen.
    const wide = [faint(0.25), faint(0.25), faint(0.25)];
    expect(text(decode([...wide, A, ...wide], RULE))).toBe("a");
    expect(text(decode([A, ...wide, SPACE, ...wide, B], RULE))).toBe("a b");
  });

  it("are found in every gap of a line", () => {
    const gap = [BLANK, faint(0.125), BLANK];
    expect(text(decode([A, ...gap, B, ...gap, A, B], RULE))).toBe("a b ab");
  });
});

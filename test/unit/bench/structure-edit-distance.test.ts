import * as fc from "fast-check";
import { expect, test } from "vitest";
import { assign } from "../../bench/structure/assignment.ts";
import {
  editDistance,
  normalizedDistance,
  sequenceLength,
  windowDistance,
} from "../../bench/structure/edit-distance.ts";

/** The definition, row by row. */
function plainDistance(a: readonly unknown[], b: readonly unknown[]): number {
  let row = b.map((_, j) => j + 1);
  for (const [i, symbol] of a.entries()) {
    const next: number[] = [];
    for (const [j, other] of b.entries()) {
      const diagonal = j === 0 ? i : (row[j - 1] as number);
      const left = j === 0 ? i + 1 : (next[j - 1] as number);
      next.push(Math.min(diagonal + (symbol === other ? 0 : 1), left + 1, (row[j] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? a.length;
}

test("known distances", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("abc", "abc")).toBe(0);
  expect(editDistance([1, 2, 3], [2, 3, 4, 5])).toBe(3);
});

test("code points count, not code units", () => {
  expect(editDistance("𝔸𝔹", "𝔸")).toBe(1);
  expect(sequenceLength("𝔸𝔹")).toBe(2);
  expect(normalizedDistance("𝔸𝔹", "𝔹𝔸")).toBe(1);
});

test("equals the definition, also beyond one block of rows", () => {
  const letters = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 110 });
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      expect(editDistance(a, b)).toBe(plainDistance(a, b));
    }),
    { numRuns: 200 },
  );
});

test("a distance is normalised by the longer one", () => {
  expect(normalizedDistance("", "")).toBe(0);
  expect(normalizedDistance("", "ab")).toBe(1);
  expect(normalizedDistance("abcd", "ab")).toBe(0.5);
});

test("the best window is found wherever it lies", () => {
  expect(windowDistance("needle", "a haystack with a needle in it")).toBe(0);
  expect(windowDistance("needle", "a haystack with a noodle in it")).toBeCloseTo(2 / 6);
  expect(windowDistance("too long", "short")).toBe(1);
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 20 });
  fc.assert(
    fc.property(letters, letters, (needle, text) => {
      const windows = Array.from({ length: Math.max(0, text.length - needle.length + 1) }, (_, i) =>
        plainDistance(Array.from(needle), Array.from(text.slice(i, i + needle.length))),
      );
      const expected = needle === "" ? 1 : Math.min(1, Math.min(...windows) / needle.length);
      expect(windowDistance(needle, text)).toBe(expected);
    }),
  );
});

test("rows and columns are paired at the least cost", () => {
  expect(assign([])).toEqual([]);
  expect(assign([[], []])).toEqual([-1, -1]);
  // The cheapest cell is not part of the cheapest assignment.
  expect(
    assign([
      [1, 2],
      [2, 9],
    ]),
  ).toEqual([1, 0]);
  expect(assign([[5], [1], [3]])).toEqual([-1, 0, -1]);
  expect(assign([[5, 1, 3]])).toEqual([1]);
});

test("no permutation is cheaper", () => {
  const costs = fc.integer({ min: 1, max: 5 }).chain((rows) =>
    fc.integer({ min: rows, max: 6 }).chain((columns) =>
      fc.array(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: columns, maxLength: columns }),
        {
          minLength: rows,
          maxLength: rows,
        },
      ),
    ),
  );
  const cheapest = (matrix: number[][], taken: number[] = []): number => {
    const row = matrix[taken.length];
    if (!row) return 0;
    return Math.min(
      ...row.map((cost, c) =>
        taken.includes(c) ? Infinity : cost + cheapest(matrix, [...taken, c]),
      ),
    );
  };
  fc.assert(
    fc.property(costs, (matrix) => {
      const columns = assign(matrix);
      expect(new Set(columns).size).toBe(matrix.length);
      const sum = columns.reduce((all, c, r) => all + matrix[r]![c]!, 0);
      expect(sum).toBe(cheapest(matrix));
    }),
  );
});

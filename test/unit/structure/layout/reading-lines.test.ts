import { assert, constantFrom, integer, property, shuffledSubarray } from "fast-check";
import { describe, expect, it } from "vitest";
import { readingOrder } from "../../../../src/structure/layout/reading-lines.ts";
import { rotateCorners } from "../../../../src/ocr/geometry.ts";
import type { Quad } from "../../../../src/types.ts";
import { box, turn } from "../../ocr/hand-made.ts";

const degrees = (value: number): number => (value * Math.PI) / 180;
const turned = (quads: readonly Quad[], angle: number): Quad[] =>
  quads.map((quad) => turn(quad, degrees(angle)));

/** Three rows of two columns, 30 apart, 20 high; in reading order. */
const GRID: Quad[] = [0, 30, 60].flatMap((y) => [box(0, y, 500, 20), box(600, y, 500, 20)]);
const ORDER = GRID.map((_, i) => i);

describe("readingOrder", () => {
  it("of no lines is empty, of one line the line", () => {
    expect(readingOrder([])).toEqual([]);
    expect(readingOrder([box(3, 3, 10, 5)])).toEqual([0]);
  });

  it("goes down the rows and along each from the left", () => {
    const quads = [box(300, 0, 200, 20), box(0, 30, 200, 20), box(0, 0, 200, 20)];
    expect(readingOrder(quads)).toEqual([2, 0, 1]);
  });

  it("begins each row at the right for right-to-left scripts", () => {
    expect(readingOrder(GRID, true)).toEqual([1, 0, 3, 2, 5, 4]);
    // The one that ends further right comes first, however far it reaches to the left.
    expect(readingOrder([box(50, 0, 30, 20), box(0, 0, 90, 20)], true)).toEqual([1, 0]);
    expect(readingOrder([box(50, 0, 30, 20), box(0, 0, 90, 20)], false)).toEqual([1, 0]);
    expect(readingOrder([box(0, 0, 30, 20), box(40, 0, 50, 20)], true)).toEqual([1, 0]);
  });

  it("keeps lines one above the other apart, however a third beside them lies", () => {
    // Middles 5, 15 and 10: the one on the right lies halfway between the two on the left.
    expect(readingOrder([box(2, 0, 38, 10), box(0, 10, 40, 10), box(50, 5, 40, 10)])).toEqual([
      0, 2, 1,
    ]);
  });

  it("knows text at exactly 45°", () => {
    const quads = [box(0, 0, 500, 20), box(600, 0, 500, 20), box(0, 30, 500, 20)];
    expect(readingOrder(turned(quads, 45))).toEqual([0, 1, 2]);
  });

  it("takes lines whose middles are within half a line height for one row", () => {
    // Middles 10, 20 and 14 of lines 20 high: all at most 10 from the one before.
    const row = [box(200, 0, 90, 20), box(100, 10, 90, 20), box(0, 4, 90, 20)];
    expect(readingOrder(row)).toEqual([2, 1, 0]);
    // 11 apart: two rows, the right one first as it is higher.
    expect(readingOrder([box(0, 11, 90, 20), box(100, 0, 90, 20)])).toEqual([1, 0]);
  });

  it("measures by the lower of two lines", () => {
    // A heading 60 high beside small print: middles 30 and 36, the small print is 10 high: 6 > 5.
    expect(readingOrder([box(0, 31, 90, 10), box(100, 0, 90, 60)])).toEqual([1, 0]);
    // At 34 the middles are 4 apart.
    expect(readingOrder([box(0, 29, 90, 10), box(100, 0, 90, 60)])).toEqual([0, 1]);
  });

  it("lets a row drift with the curl of the paper", () => {
    // Five lines, each 8 lower than the one to its left: 32 in all, more than a line.
    const curl = [4, 3, 2, 1, 0].map((i) => box(100 * i, 8 * i, 90, 20));
    expect(readingOrder(curl)).toEqual([4, 3, 2, 1, 0]);
  });

  it.each([5, -5, 10])("follows the rows of a page skewed by %i°", (angle) => {
    // sin 5° · 600 = 52: the right column is nearly two rows off.
    expect(readingOrder(turned(GRID, angle))).toEqual(ORDER);
  });

  it.each([90, 180, 270, 93, 176])("reads a page turned by %i° in its own direction", (angle) => {
    expect(readingOrder(turned(GRID, angle))).toEqual(ORDER);
  });

  it("follows most of the text where some lines point elsewhere", () => {
    // A note that runs up the margin, and three stamps that run down: 80 and 3 · 40 long against 3000.
    const margin: Quad = rotateCorners(box(-60, 0, 20, 80), 3);
    expect(readingOrder([...GRID, margin]).filter((i) => i < 6)).toEqual(ORDER);
    const stamps = [0, 1, 2].map((i) => turn(box(2000 + 50 * i, 500, 40, 20), degrees(90)));
    expect(readingOrder([...GRID, ...stamps]).filter((i) => i < 6)).toEqual(ORDER);
  });

  it("leaves a line that was turned upside down in its place", () => {
    const quads = GRID.map((quad, i) => (i === 3 ? rotateCorners(quad, 2) : quad));
    expect(readingOrder(quads)).toEqual(ORDER);
  });

  it("does not depend on the order of detection, and is a permutation", () => {
    const skews = integer({ min: -40, max: 40 });
    const quarters = constantFrom(0, 90, 180, 270);
    const orders = shuffledSubarray(ORDER, { minLength: ORDER.length });
    assert(
      property(orders, skews, quarters, (order, skew, quarter) => {
        const quads = turned(
          order.map((i) => GRID[i] as Quad),
          skew + quarter,
        );
        expect(readingOrder(quads).map((i) => order[i])).toEqual(ORDER);
      }),
    );
  });
});

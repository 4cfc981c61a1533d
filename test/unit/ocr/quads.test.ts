import { describe, expect, it } from "vitest";
import { growQuad, pointInQuad, quadSize, rotateCorners } from "../../../src/ocr/geometry.ts";
import type { Quad } from "../../../src/types.ts";
import { box, expectPoints } from "./hand-made.ts";

describe("quads", () => {
  const trapezium: Quad = [
    [0, 0],
    [10, 0],
    [8, 4],
    [2, 4],
  ];

  it("have a width along the text and a height across it", () => {
    expect(quadSize(box(3, 4, 30, 8))).toEqual({ width: 30, height: 8 });
    // Starting a corner later, the text runs along what was the height.
    expect(quadSize(rotateCorners(box(3, 4, 30, 8), 1))).toEqual({ width: 8, height: 30 });
  });

  it("start `turns` corners later when rotated", () => {
    const [a, b, c, d] = trapezium;
    expect(rotateCorners(trapezium, 0)).toEqual([a, b, c, d]);
    expect(rotateCorners(trapezium, 1)).toEqual([b, c, d, a]);
    expect(rotateCorners(trapezium, 2)).toEqual([c, d, a, b]);
    expect(rotateCorners(trapezium, 3)).toEqual([d, a, b, c]);
    expect(rotateCorners(trapezium, 4)).toEqual([a, b, c, d]);
  });

  it("are interpolated along the top and bottom, then down", () => {
    expect(pointInQuad(trapezium, 0, 0)).toEqual([0, 0]);
    expect(pointInQuad(trapezium, 1, 0)).toEqual([10, 0]);
    expect(pointInQuad(trapezium, 1, 1)).toEqual([8, 4]);
    expect(pointInQuad(trapezium, 0, 1)).toEqual([2, 4]);
    // A quarter along: top (2.5, 0), bottom 2 + 6/4 = (3.5, 4); half of the way between: (3, 2).
    expect(pointInQuad(trapezium, 0.25, 0.5)).toEqual([3, 2]);
    // Outside: a tenth before the start of a box 50 wide is 5 to the left.
    expectPoints([pointInQuad(box(20, 0, 50, 10), -0.1, 1.5)], [[15, 15]]);
  });

  it("grow by pixels along the text and across it", () => {
    expectPoints(growQuad(box(10, 10, 100, 20), 5, 2, 3), box(5, 8, 110, 25));
    // Text that runs down the page: along is now vertical, across horizontal.
    const down = rotateCorners(box(10, 0, 20, 100), 1);
    expectPoints(growQuad(down, 5, 2, 2), rotateCorners(box(8, -5, 24, 110), 1));
    expectPoints(growQuad(box(10, 10, 100, 20), -5, 0, 0), box(15, 10, 90, 20));
  });

  it("without a width or a height stay as they are", () => {
    expect(growQuad(box(5, 5, 0, 10), 3, 3, 3)).toEqual(box(5, 5, 0, 10));
    expect(growQuad(box(5, 5, 10, 0), 3, 3, 3)).toEqual(box(5, 5, 10, 0));
  });
});

import { describe, expect, it } from "vitest";
import { addBorder, findInkRow, isOneLine, isSmall, smallScale } from "../../../src/ocr/small.ts";
import type { Rect, RgbaImage } from "../../../src/types.ts";
import { box, paint, plain } from "./hand-made.ts";

const whole = ({ width, height }: RgbaImage): Rect => ({ x: 0, y: 0, width, height });

describe("addBorder", () => {
  it("puts a part on paper of its own colour", () => {
    const image = plain(100, 60, [200, 210, 220]);
    paint(image, { x: 40, y: 20, width: 20, height: 20 }, 0);
    const part = { x: 10, y: 10, width: 60, height: 40 };
    const framed = addBorder(image, part);
    expect([framed.image.width, framed.image.height]).toEqual([100, 80]);
    expect([framed.left, framed.top]).toEqual([-10, -10]);
    const at = (x: number, y: number): number[] => [
      ...framed.image.data.subarray((y * 100 + x) * 4, (y * 100 + x) * 4 + 4),
    ];
    expect(at(0, 0)).toEqual([200, 210, 220, 255]);
    expect(at(50, 30)).toEqual([0, 0, 0, 255]);
    expect(at(49, 29)).toEqual([200, 210, 220, 255]);
  });
});

describe("findInkRow", () => {
  it.each([
    ["dark on light", 255, 0],
    ["light on dark", 10, 240],
  ] as const)("finds a row of letters: %s", (_, paper, ink) => {
    const image = plain(200, 60, paper);
    paint(image, { x: 20, y: 15, width: 30, height: 30 }, ink);
    paint(image, { x: 62, y: 25, width: 40, height: 20 }, ink);
    expect(findInkRow(image, whole(image))).toEqual({
      box: { x: 20, y: 15, width: 82, height: 30 },
      gap: 12,
    });
  });

  it("takes a dot and its letter for one row, and two lines for two", () => {
    const dotted = plain(60, 60);
    paint(dotted, { x: 20, y: 10, width: 6, height: 6 }, 0);
    paint(dotted, { x: 20, y: 22, width: 6, height: 28 }, 0);
    expect(findInkRow(dotted, whole(dotted))?.box).toEqual({ x: 20, y: 10, width: 6, height: 40 });
    const two = plain(200, 100);
    paint(two, { x: 10, y: 10, width: 90, height: 20 }, 0);
    paint(two, { x: 10, y: 60, width: 90, height: 20 }, 0);
    expect(findInkRow(two, whole(two))).toBeUndefined();
  });

  it("finds none on blank paper, in faint shades, and in a speck on a page", () => {
    const blank = plain(200, 100);
    expect(findInkRow(blank, whole(blank))).toBeUndefined();
    paint(blank, { x: 10, y: 10, width: 90, height: 40 }, 230);
    expect(findInkRow(blank, whole(blank))).toBeUndefined();
    const page = plain(1000, 1400);
    paint(page, { x: 400, y: 600, width: 12, height: 12 }, 0);
    expect(findInkRow(page, whole(page))).toBeUndefined();
  });
});

describe("isOneLine", () => {
  const row = { box: { x: 20, y: 20, width: 200, height: 30 }, gap: 10 };

  it("holds for pieces of one row, not for columns and not for what lies elsewhere", () => {
    expect(isOneLine(row, [])).toBe(true);
    expect(isOneLine(row, [box(20, 18, 40, 34), box(90, 22, 100, 30)])).toBe(true);
    expect(isOneLine({ ...row, gap: 80 }, [box(20, 18, 40, 34), box(140, 22, 80, 30)])).toBe(false);
    expect(isOneLine(row, [box(20, 18, 40, 34), box(20, 60, 40, 30)])).toBe(false);
    // Two lines that are set close.
    expect(isOneLine(row, [box(20, 18, 200, 14), box(20, 34, 180, 15)])).toBe(false);
  });
});

describe("the scale of a small picture", () => {
  it("makes letters about as large as print, within bounds", () => {
    expect([isSmall({ x: 0, y: 0, width: 900, height: 149 })]).toEqual([true]);
    expect(isSmall({ x: 0, y: 0, width: 150, height: 150 })).toBe(false);
    expect([8, 20, 32, 120].map(smallScale)).toEqual([2, 1.6, 1, 0.75]);
    expect(smallScale(undefined)).toBe(1);
  });
});

import { describe, expect, it } from "vitest";
import { boundsOf } from "../../../../src/core/quad.ts";
import { cornersOf, uprightPage } from "../../../../src/structure/page/upright.ts";
import type { Line, Rect } from "../../../../src/types.ts";

/** A picture with one red pixel. */
function picture(width: number, height: number, x: number, y: number) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  data.set([255, 0, 0, 255], (y * width + x) * 4);
  return { data, width, height };
}

function redPixel({ data, width }: { data: ArrayLike<number>; width: number }): number[] {
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 1] === 0) return [(i / 4) % width, Math.floor(i / 4 / width)];
  }
  return [];
}

describe("uprightPage", () => {
  it.each([0, 90, 180, 270, -90, 92, 268])("turns picture and lines together: %d°", (rotation) => {
    const image = picture(7, 4, 5, 1);
    const pixel: Rect = { x: 5, y: 1, width: 1, height: 1 };
    const line: Line = { text: "a", confidence: 1, polygon: cornersOf(pixel) };
    const page = uprightPage(image, [line], rotation);
    const [x, y] = redPixel(page.image);
    expect(boundsOf(page.lines[0]!.polygon)).toEqual({ x, y, width: 1, height: 1 });
    expect(boundsOf(page.back({ x: x!, y: y!, width: 1, height: 1 }))).toEqual(pixel);
  });

  it.each([0, 90, 180, 270])("has only the part that is asked for: %d°", (rotation) => {
    const pixel: Rect = { x: 5, y: 1, width: 1, height: 1 };
    const line: Line = { text: "a", confidence: 1, polygon: cornersOf(pixel) };
    const region = { x: 3.5, y: -2, width: 20, height: 4.2 };
    const page = uprightPage(picture(7, 4, 5, 1), [line], rotation, region);
    expect(page.image.width * page.image.height).toBe(4 * 3);
    const [x, y] = redPixel(page.image) as [number, number];
    expect(boundsOf(page.lines[0]!.polygon)).toEqual({ x, y, width: 1, height: 1 });
    expect(boundsOf(page.back({ x, y, width: 1, height: 1 }))).toEqual(pixel);
  });

  it("starts a rectangle at the top left of its content", () => {
    // To be turned clockwise by a quarter: its left edge is the top of the text.
    const page = uprightPage(picture(10, 20, 0, 0), [], 90);
    expect(page.image).toMatchObject({ width: 20, height: 10 });
    const [first] = page.back({ x: 0, y: 0, width: 20, height: 10 });
    expect(first).toEqual([0, 20]);
  });

  it("tells what is left of the turn", () => {
    expect(uprightPage(picture(2, 2, 0, 0), [], 93).skew).toBe(-3);
    expect(uprightPage(picture(2, 2, 0, 0), [], -2).skew).toBe(2);
  });
});

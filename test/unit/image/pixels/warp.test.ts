import { assert, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { project, rectToQuad, warpQuad } from "../../../../src/image/pixels/warp.ts";
import type { Point, Quad, RgbaImage } from "../../../../src/types.ts";
import { box, expectPoints, table } from "../../ocr/hand-made.ts";

/** Red is the value, green half of it, blue a constant. */
function picture(rows: readonly (readonly number[])[]): RgbaImage {
  const pixels = rows.flatMap((row) => row.flatMap((v) => [v, v >> 1, 9, 255]));
  return { data: Uint8Array.from(pixels), width: rows[0]?.length ?? 0, height: rows.length };
}

/** The red channel in rows. */
function red({ data, width, height }: RgbaImage): number[][] {
  return table(width, height, (x, y) => data[(y * width + x) * 4] as number);
}

const ROWS = [
  [10, 20, 30],
  [40, 50, 60],
];

describe("warpQuad", () => {
  it("of the whole image is the image", () => {
    const image = picture(ROWS);
    const same = warpQuad(image, box(0, 0, 3, 2), 3, 2);
    expect([same.width, same.height]).toEqual([3, 2]);
    expect(Array.from(same.data)).toEqual(Array.from(image.data));
  });

  it("cuts out whole pixels exactly", () => {
    expect(red(warpQuad(picture(ROWS), box(1, 0, 2, 2), 2, 2))).toEqual([
      [20, 30],
      [50, 60],
    ]);
  });

  it("turns by quarters exactly", () => {
    const image = picture(ROWS);
    const [a, b, c, d] = box(0, 0, 3, 2);
    // From the top right downwards: the right column becomes the top row.
    expect(red(warpQuad(image, [b, c, d, a], 2, 3))).toEqual([
      [30, 60],
      [20, 50],
      [10, 40],
    ]);
    expect(red(warpQuad(image, [c, d, a, b], 3, 2))).toEqual([
      [60, 50, 40],
      [30, 20, 10],
    ]);
    expect(red(warpQuad(image, [d, a, b, c], 2, 3))).toEqual([
      [40, 10],
      [50, 20],
      [60, 30],
    ]);
  });

  it("interpolates between pixel centres", () => {
    // Half a pixel to the right: the mean of neighbours.
    expect(red(warpQuad(picture([[0, 100, 50]]), box(0.5, 0, 2, 1), 2, 1))).toEqual([[50, 75]]);
    // Twice as large: at −¼, ¼, ¾, 1¼.
    expect(red(warpQuad(picture([[0, 100]]), box(0, 0, 2, 1), 4, 1))).toEqual([[0, 25, 75, 100]]);
    // Half a pixel right and down: the mean of four, (10 + 20 + 40 + 50) / 4.
    expect(red(warpQuad(picture(ROWS), box(0.5, 0.5, 1, 1), 1, 1))).toEqual([[30]]);
  });

  it("replicates the image's edges", () => {
    const image = picture([[10, 20]]);
    expect(red(warpQuad(image, box(-2, 0, 6, 1), 6, 1))).toEqual([[10, 10, 10, 20, 20, 20]]);
    expect(red(warpQuad(image, box(0, -1, 2, 3), 2, 3))).toEqual([
      [10, 20],
      [10, 20],
      [10, 20],
    ]);
    expect(red(warpQuad(image, box(50, 50, 1, 1), 1, 1))).toEqual([[20]]);
  });

  it("keeps channels apart and is opaque", () => {
    const image = { data: Uint8Array.of(1, 2, 3, 0), width: 1, height: 1 };
    expect(Array.from(warpQuad(image, box(0, 0, 1, 1), 1, 1).data)).toEqual([1, 2, 3, 255]);
  });

  it("samples a trapezium along its perspective", () => {
    // The centre of the rectangle is where the diagonals of the quad cross. Those of (1, 1) (5, 1)
    // (4, 3) (2, 3) are y − 1 = ⅔ (x − 1) and y − 1 = ⅔ (5 − x): x = 3, y = 2⅓. Half a pixel less,
    // in a picture of 10 per column and 60 per row: 10 · 2½ + 60 · 1⅚ = 25 + 110.
    const rows = table(6, 4, (x, y) => 10 * x + 60 * y);
    const quad: Quad = [
      [1, 1],
      [5, 1],
      [4, 3],
      [2, 3],
    ];
    expect(red(warpQuad(picture(rows), quad, 1, 1))).toEqual([[25 + 110]]);
  });

  it("of a quad without area reads the pixels along it", () => {
    // A line down the middle of column 1.
    const quad: Quad = [
      [1.5, 0],
      [1.5, 0],
      [1.5, 2],
      [1.5, 2],
    ];
    expect(red(warpQuad(picture(ROWS), quad, 1, 2))).toEqual([[20], [50]]);
    const point: Quad = [
      [2.5, 1.5],
      [2.5, 1.5],
      [2.5, 1.5],
      [2.5, 1.5],
    ];
    expect(red(warpQuad(picture(ROWS), point, 2, 1))).toEqual([[60, 60]]);
  });
});

describe("rectToQuad", () => {
  it("of a parallelogram is affine", () => {
    // (x, y) → (5 + x + y / 2, 7 + 2y) for a 4 × 2 rectangle.
    const quad: Quad = [
      [5, 7],
      [9, 7],
      [10, 11],
      [6, 11],
    ];
    const m = rectToQuad(4, 2, quad);
    [1, 0.5, 5, 0, 2, 7, 0, 0].forEach((value, i) => expect(m[i]).toBeCloseTo(value, 12));
    expectPoints([project(m, 2, 1)], [[7.5, 9]]);
  });

  it("maps the rectangle's centre to where the diagonals cross", () => {
    // As above without the shift: (0, 0) (4, 0) (3, 2) (1, 2) cross at (2, 4/3).
    const quad: Quad = [
      [0, 0],
      [4, 0],
      [3, 2],
      [1, 2],
    ];
    expectPoints([project(rectToQuad(8, 6, quad), 4, 3)], [[2, 4 / 3]], 9);
  });

  it("maps the four corners to the quad's, and straight lines to straight lines", () => {
    const shift = tuple(integer({ min: -30, max: 30 }), integer({ min: -30, max: 30 }));
    const side = integer({ min: 1, max: 500 });
    assert(
      property(tuple(shift, shift, shift, shift), side, side, (shifts, width, height) => {
        // A square of 100 whose corners move by at most 30 stays convex.
        const quad = box(0, 0, 100, 100).map(([x, y], i): Point => {
          const [dx, dy] = shifts[i] as Point;
          return [x + dx, y + dy];
        }) as unknown as Quad;
        const m = rectToQuad(width, height, quad);
        const corners = box(0, 0, width, height).map(([x, y]) => project(m, x, y));
        expectPoints(corners, quad, 6);
        // The middle of the top side lies on the top side.
        const [a, b] = [quad[0], quad[1]];
        const p = project(m, width / 2, 0);
        const cross = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
        expect(Math.abs(cross)).toBeLessThan(1e-6);
      }),
    );
  });
});

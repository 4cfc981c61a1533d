import { array, assert, double, integer, property, record, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  convexHull,
  distance,
  minAreaRect,
  rectCorners,
  type RotatedRect,
} from "../../../src/ocr/geometry.ts";
import type { Point, Quad } from "../../../src/types.ts";
import { box, expectPoints, turn } from "./hand-made.ts";

const degrees = (value: number): number => (value * Math.PI) / 180;
const byPosition = (points: readonly Point[]): Point[] =>
  [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
const cross = (a: Point, b: Point, p: Point): number =>
  (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
const area = (rect: RotatedRect): number => rect.width * rect.height;

const coordinate = integer({ min: -100, max: 100 });
const clouds = array(tuple(coordinate, coordinate), { minLength: 1, maxLength: 30 });

describe("convexHull", () => {
  it("leaves out inner points, points on an edge and duplicates", () => {
    const corners: Point[] = [
      [0, 0],
      [0, 4],
      [4, 0],
      [4, 4],
    ];
    const rest: Point[] = [
      [2, 0],
      [4, 2],
      [2, 2],
      [1, 3],
      [0, 0],
      [4, 4],
    ];
    expect(byPosition(convexHull([...rest, ...corners]))).toEqual(corners);
  });

  it("of collinear points is their two ends", () => {
    const ends: Point[] = [
      [-1, -2],
      [5, 10],
    ];
    const line: Point[] = [[1, 2], ends[1] as Point, [0, 0], ends[0] as Point, [1, 2]];
    expect(byPosition(convexHull(line))).toEqual(ends);
  });

  it("of fewer than three distinct points is those points", () => {
    const [p, q]: [Point, Point] = [
      [1, 2],
      [3, 1],
    ];
    expect(convexHull([])).toEqual([]);
    expect(convexHull([p])).toEqual([p]);
    expect(byPosition(convexHull([q, p]))).toEqual([p, q]);
    expect(byPosition(convexHull([q, p, q, p, p]))).toEqual([p, q]);
  });

  it("is a convex polygon of input points with every point inside", () => {
    assert(
      property(clouds, (points) => {
        const hull = convexHull(points);
        for (const corner of hull) expect(points).toContainEqual(corner);
        hull.forEach((a, i) => {
          const b = hull[(i + 1) % hull.length] as Point;
          // Integers: the products are exact. A hull edge has every point on one side or on it.
          for (const p of points) expect(cross(a, b, p)).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });

  it("does not change its input", () => {
    const points: Point[] = [
      [3, 0],
      [0, 0],
      [1, 5],
    ];
    convexHull(points);
    expect(points[0]).toEqual([3, 0]);
  });
});

describe("minAreaRect", () => {
  const expectRect = (actual: RotatedRect, expected: RotatedRect): void => {
    expectPoints([actual.center], [expected.center]);
    expect(actual.width).toBeCloseTo(expected.width, 6);
    expect(actual.height).toBeCloseTo(expected.height, 6);
    expect(actual.angle).toBeCloseTo(expected.angle, 6);
  };

  it("of an upright box is the box", () => {
    // x 2 … 12, y 3 … 7: centre (7, 5).
    const expected = { center: [7, 5], width: 10, height: 4, angle: 0 } as const;
    expectRect(minAreaRect(box(2, 3, 10, 4)), expected);
  });

  it.each([
    // The width axis (40) at 30° and at 60° is in [0°, 90°): it stays the width.
    [30, { width: 40, height: 10, angle: degrees(30) }],
    [60, { width: 40, height: 10, angle: degrees(60) }],
    // At 120° it is the other axis, 90° back at 30°, that is in [0°, 90°): the sides swap.
    [120, { width: 10, height: 40, angle: degrees(30) }],
    // −30° ≡ 150° ≡ 60° for the other axis; 90° ≡ 0° for the other axis; a half turn changes nothing.
    [-30, { width: 10, height: 40, angle: degrees(60) }],
    [90, { width: 10, height: 40, angle: 0 }],
    [210, { width: 40, height: 10, angle: degrees(30) }],
  ])("of a 40 × 10 box turned by %i° is that box", (angle, sides) => {
    const corners = turn(box(-20, -5, 40, 10), degrees(angle));
    const points = corners.map(([x, y]): Point => [x + 50, y + 40]);
    expectRect(minAreaRect(points), { center: [50, 40], ...sides });
  });

  it("is exact for a 3-4-5 rectangle", () => {
    // Width axis (6, 8) of length 10, height axis (4, −3) of length 5, first corner the origin:
    // the opposite corner is (10, 5), the centre half of it, the angle atan(8 / 6).
    const points: Point[] = [
      [0, 0],
      [6, 8],
      [10, 5],
      [4, -3],
    ];
    const expected = { center: [5, 2.5], width: 10, height: 5, angle: Math.atan2(8, 6) } as const;
    expectRect(minAreaRect(points), expected);
  });

  it("takes the hull edge whose rectangle is smallest", () => {
    // On the base: 10 × 1 = 10. On a leg (5, 1): 50/√26 × 10/√26 = 19.2.
    const triangle: Point[] = [
      [0, 0],
      [10, 0],
      [5, 1],
    ];
    const expected = { center: [5, 0.5], width: 10, height: 1, angle: 0 } as const;
    expectRect(minAreaRect(triangle), expected);
  });

  it("of one place, however often given, has no size", () => {
    const expected = { center: [3, 4], width: 0, height: 0, angle: 0 } as const;
    expectRect(minAreaRect([[3, 4]]), expected);
    expectRect(minAreaRect(Array.from({ length: 5 }, (): Point => [3, 4])), expected);
  });

  it("of a line has the line's length and direction and no height", () => {
    // (0, 0) to (6, 8): length 10, middle (3, 4).
    const slope = { center: [3, 4], width: 10, height: 0, angle: Math.atan2(8, 6) } as const;
    const points: Point[] = [
      [0, 0],
      [3, 4],
      [6, 8],
    ];
    expectRect(minAreaRect(points), slope);
    // A vertical line is the height axis of an unturned rectangle.
    const upright = { center: [5, 4], width: 0, height: 8, angle: 0 } as const;
    const vertical: Point[] = [
      [5, 8],
      [5, 0],
    ];
    expectRect(minAreaRect(vertical), upright);
  });

  it("of no points is an error", () => {
    expect(() => minAreaRect([])).toThrow(RangeError);
  });

  it("contains every point, has its angle in [0, 90°), and is no larger than the upright box", () => {
    assert(
      property(clouds, (points) => {
        const rect = minAreaRect(points);
        const [cx, cy] = rect.center;
        for (const [x, y] of points) {
          const [[u, v]] = turn([[x - cx, y - cy]] as const, -rect.angle);
          expect(Math.abs(u)).toBeLessThanOrEqual(rect.width / 2 + 1e-9);
          expect(Math.abs(v)).toBeLessThanOrEqual(rect.height / 2 + 1e-9);
        }
        expect(rect.angle).toBeGreaterThanOrEqual(0);
        expect(rect.angle).toBeLessThan(Math.PI / 2);
        const xs = points.map((p) => p[0]);
        const ys = points.map((p) => p[1]);
        const upright = (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
        expect(area(rect)).toBeLessThanOrEqual(upright + 1e-9);
      }),
    );
  });

  it("keeps its area when the points are turned and moved", () => {
    const turns = double({ min: -7, max: 7, noNaN: true });
    assert(
      property(clouds, turns, coordinate, (points, angle, shift) => {
        const moved = turn(points, angle).map(([x, y]): Point => [x + shift, y - shift]);
        expect(area(minAreaRect(moved))).toBeCloseTo(area(minAreaRect(points)), 6);
      }),
    );
  });
});

describe("rectCorners", () => {
  const corners = (angle: number): Quad =>
    rectCorners({ center: [100, 100], width: 40, height: 20, angle: degrees(angle) });
  /** Direction in degrees and length of the side from corner `i` to the next. */
  const side = (quad: Quad, i: 0 | 1): [number, number] => {
    const [a, b] = [quad[i], quad[i + 1] as Point];
    return [(Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI, distance(a, b)];
  };

  it("of an unturned rectangle start at the top left and go clockwise", () => {
    expectPoints(corners(0), box(80, 90, 40, 20));
  });

  it("of one turned by 30° are its corners", () => {
    // Half axes: 20·(cos 30°, sin 30°) = (17.3205, 10) and 10·(−sin 30°, cos 30°) = (−5, 8.6603).
    expectPoints(corners(30), [
      [100 - 17.3205 + 5, 100 - 10 - 8.6603],
      [100 + 17.3205 + 5, 100 + 10 - 8.6603],
      [100 + 17.3205 - 5, 100 + 10 + 8.6603],
      [100 - 17.3205 - 5, 100 - 10 + 8.6603],
    ]);
  });

  it.each([
    // Up to 45° the text runs along the width axis (40); the other side is a quarter turn on.
    [44, 44, 40, 134, 20],
    [45, 45, 40, 135, 20],
    // Past 45° the height axis (20), a quarter turn back, is nearer to the horizontal.
    [46, -44, 20, 46, 40],
    [89, -1, 20, 89, 40],
    [90, 0, 20, 90, 40],
  ])("turned by %i° have a first side of %i°, %i long", (angle, first, width, second, height) => {
    const quad = corners(angle);
    expect(side(quad, 0)[0]).toBeCloseTo(first, 6);
    expect(side(quad, 0)[1]).toBeCloseTo(width, 6);
    expect(side(quad, 1)[0]).toBeCloseTo(second, 6);
    expect(side(quad, 1)[1]).toBeCloseTo(height, 6);
  });

  it("of any rectangle have that rectangle as their min-area rectangle and a first side to the right", () => {
    const sides = integer({ min: 1, max: 200 });
    const angles = integer({ min: 0, max: 899 });
    assert(
      property(
        record({ width: sides, height: sides, tenths: angles }),
        ({ width, height, tenths }) => {
          const angle = degrees(tenths / 10);
          const quad = rectCorners({ center: [7, -3], width, height, angle });
          expect(Math.abs(side(quad, 0)[0])).toBeLessThanOrEqual(45 + 1e-9);
          expect(cross(quad[0], quad[1], quad[2])).toBeGreaterThan(0); // clockwise: y grows downwards
          const again = minAreaRect(quad);
          expectPoints([again.center], [[7, -3]]);
          expect(area(again)).toBeCloseTo(width * height, 6);
        },
      ),
    );
  });
});

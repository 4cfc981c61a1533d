import { assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { boxesFromMap, meanInQuad, type ScoredBox, unclip } from "../../../src/ocr/db-boxes.ts";
import { distance, minAreaRect, rectCorners } from "../../../src/ocr/geometry.ts";
import type { Point, Quad } from "../../../src/types.ts";
import { box, expectPoints, probabilityMap, turn } from "./hand-made.ts";

const PARAMS = {
  threshold: 0.3,
  boxThreshold: 0.6,
  unclipRatio: 1.5,
  maxCandidates: 1000,
  minBoxSide: 3,
};

const degrees = (value: number): number => (value * Math.PI) / 180;
const integers = (min: number, max: number): ReturnType<typeof integer> => integer({ min, max });

describe("boxesFromMap", () => {
  const boxes = (
    parts: Parameters<typeof probabilityMap>[2],
    params: Partial<typeof PARAMS> = {},
  ): ReturnType<typeof boxesFromMap> =>
    boxesFromMap(probabilityMap(80, 60, parts), 80, 60, { ...PARAMS, ...params });

  it("grows the box around the pixel centres by area · ratio / perimeter", () => {
    // 20 × 10 pixels from (10, 8): centres span 19 × 9 around (19.5, 12.5).
    // Offset 19 · 9 · 1.5 / (2 · 28) = 256.5 / 56 = 4.580357, twice that on each axis: + 9.160714.
    const [found, ...more] = boxes([{ x: 10, y: 8, width: 20, height: 10, p: 0.875 }]);
    expect(more).toEqual([]);
    expectPoints([found?.rect.center ?? [0, 0]], [[19.5, 12.5]]);
    expect(found?.rect.width).toBeCloseTo(28.160714, 5);
    expect(found?.rect.height).toBeCloseTo(18.160714, 5);
    expect(found?.rect.angle).toBe(0);
    expect(found?.score).toBe(0.875);
  });

  it("takes pixels above the threshold only", () => {
    const parts = [
      { x: 10, y: 8, width: 20, height: 10, p: 0.875 },
      { x: 30, y: 8, width: 20, height: 10, p: 0.25 },
    ];
    expect(boxes(parts)[0]?.rect.center[0]).toBe(19.5);
    // At 0.2 both halves are text: columns 10 … 49, centre 29.5, mean (0.875 + 0.25) / 2 = 0.5625.
    const [joined] = boxes(parts, { threshold: 0.2, boxThreshold: 0.5 });
    expect(joined?.rect.center[0]).toBe(29.5);
    expect(joined?.score).toBe(0.5625);
  });

  it("drops boxes whose mean is below boxThreshold, and keeps those at it", () => {
    // Halves of 0.5 and 0.75: the mean is 0.625.
    const parts = [
      { x: 10, y: 8, width: 10, height: 10, p: 0.5 },
      { x: 20, y: 8, width: 10, height: 10, p: 0.75 },
    ];
    expect(boxes(parts, { boxThreshold: 0.625 }).map((b) => b.score)).toEqual([0.625]);
    expect(boxes(parts, { boxThreshold: 0.626 })).toEqual([]);
  });

  it("drops boxes whose short side is below minBoxSide", () => {
    // Three rows of pixels span 2, four span 3.
    expect(boxes([{ x: 10, y: 8, width: 20, height: 3 }])).toEqual([]);
    expect(boxes([{ x: 10, y: 8, width: 20, height: 4 }])).toHaveLength(1);
    expect(boxes([{ x: 10, y: 8, width: 3, height: 20 }])).toEqual([]);
  });

  it("drops boxes whose short side after growing is below minBoxSide + 2", () => {
    // 19 × 3: offset 57 · ratio / 44. Ratio 0.75: 0.97159, short side 4.943 < 5.
    // Ratio 0.8: 1.03636, short side 5.073.
    const part = { x: 10, y: 8, width: 20, height: 4 };
    expect(boxes([part], { unclipRatio: 0.75 })).toEqual([]);
    expect(boxes([part], { unclipRatio: 0.8 })[0]?.rect.height).toBeCloseTo(5.0727, 4);
  });

  it("looks at the first maxCandidates regions from the top, kept or not", () => {
    const parts = [
      { x: 40, y: 40, width: 20, height: 10 },
      { x: 10, y: 20, width: 20, height: 10 },
      { x: 70, y: 2, width: 1, height: 1 },
      { x: 40, y: 5, width: 20, height: 10 },
    ];
    const tops = (maxCandidates: number): number[] =>
      boxes(parts, { maxCandidates }).map((b) => b.rect.center[1]);
    // Centres of rows 5 … 14, 20 … 29, 40 … 49; the dot above them is a candidate as well.
    expect(tops(4)).toEqual([9.5, 24.5, 44.5]);
    expect(tops(3)).toEqual([9.5, 24.5]);
    expect(tops(1)).toEqual([]);
  });

  it("finds a drawn rectangle of 60 × 20 turned by 30° to within two pixels", () => {
    const map = new Float32Array(120 * 100);
    for (let y = 0; y < 100; y++) {
      for (let x = 0; x < 120; x++) {
        const [[u, v]] = turn([[x - 60, y - 50]] as const, degrees(-30));
        if (Math.abs(u) <= 30 && Math.abs(v) <= 10) map[y * 120 + x] = 0.75;
      }
    }
    const [found, ...more] = boxesFromMap(map, 120, 100, PARAMS);
    expect(more).toEqual([]);
    // Offset 60 · 20 · 1.5 / 160 = 11.25: 82.5 × 42.5.
    const { center, width, height, angle } = (found as ScoredBox).rect;
    expect(Math.hypot(center[0] - 60, center[1] - 50)).toBeLessThan(1);
    expect(Math.abs(width - 82.5)).toBeLessThan(2);
    expect(Math.abs(height - 42.5)).toBeLessThan(2);
    expect(Math.abs(angle - degrees(30))).toBeLessThan(degrees(2));
    // Every pixel whose centre is inside is 0.75; the box around them may take in a few at its edge.
    expect(found?.score).toBeGreaterThan(0.7);
    expect(found?.score).toBeLessThanOrEqual(0.75);
  });
});

describe("unclip", () => {
  it("keeps centre and angle, and a rectangle without area as it is", () => {
    // 40 · 10 · 2 / 100 = 8 on each side.
    const rect = { center: [3, 4], width: 40, height: 10, angle: 0.5 } as const;
    expect(unclip(rect, 2)).toEqual({ ...rect, width: 56, height: 26 });
    expect(unclip({ ...rect, width: 0, height: 0 }, 2)).toEqual({ ...rect, width: 0, height: 0 });
    expect(unclip({ ...rect, height: 0 }, 2)).toEqual({ ...rect, height: 0 });
  });

  it("is the min-area rectangle of the outline offset with round joins", () => {
    const rects = record({
      width: integers(1, 300),
      height: integers(1, 300),
      tenths: integers(0, 899),
      percent: integers(10, 300),
    });
    assert(
      property(rects, ({ width, height, tenths, percent }) => {
        const ratio = percent / 100;
        const rect = { center: [11, -5], width, height, angle: degrees(tenths / 10) } as const;
        const offset = (width * height * ratio) / (2 * (width + height));
        // Around each corner a quarter of a circle; its ends are the ends of the straight sides.
        const outline: Point[] = [];
        [
          [1, 1],
          [-1, 1],
          [-1, -1],
          [1, -1],
        ].forEach(([sx, sy], quarter) => {
          for (let i = 0; i <= 90; i += 3) {
            const direction = degrees(quarter * 90 + i);
            outline.push([
              ((sx as number) * width) / 2 + offset * Math.cos(direction),
              ((sy as number) * height) / 2 + offset * Math.sin(direction),
            ]);
          }
        });
        const placed = turn(outline, rect.angle).map(([x, y]): Point => [x + 11, y - 5]);
        const grown = unclip(rect, ratio);
        const around = minAreaRect(placed);
        expectPoints([around.center], [grown.center], 6);
        // As a set: at 0° and 45° rounding may name another corner the first.
        for (const corner of rectCorners(around)) {
          const distances = rectCorners(grown).map((c) => distance(c, corner));
          expect(Math.min(...distances)).toBeLessThan(1e-5);
        }
        expect(around.width * around.height).toBeCloseTo(grown.width * grown.height, 4);
      }),
    );
  });
});

describe("meanInQuad", () => {
  /** The value of pixel (x, y) is x + 10y. */
  const digits = Float32Array.from({ length: 50 }, (_, i) => (i % 5) + 10 * Math.floor(i / 5));
  const mean = (quad: Quad): number => meanInQuad(digits, 5, 10, quad);

  it("takes pixels on the edge and inside", () => {
    // Columns 1 and 2 of rows 0 … 2: (1 + 2 + 11 + 12 + 21 + 22) / 6 = 11.5.
    expect(mean(box(1, 0, 1, 2))).toBe(11.5);
    // Between the centres of columns 0 and 3: columns 1 and 2 again.
    expect(mean(box(0.5, -0.5, 2, 3))).toBe(11.5);
  });

  it("takes a diamond's tips", () => {
    const diamond: Quad = [
      [2, 1],
      [3, 2],
      [2, 3],
      [1, 2],
    ];
    // (2,1) (1,2) (2,2) (3,2) (2,3): (12 + 21 + 22 + 23 + 32) / 5 = 22.
    expect(mean(diamond)).toBe(22);
  });

  it("ignores what lies outside the map", () => {
    // Of the whole plane left and above only pixels (0, 0) and (1, 0) remain.
    expect(mean(box(-20, -20, 21, 20))).toBe(0.5);
    expect(mean(box(-20, -20, 5, 5))).toBe(0);
    expect(mean(box(20, 20, 5, 5))).toBe(0);
  });

  it("is 0 where no pixel centre is inside", () => {
    expect(mean(box(1.25, 1.25, 0.5, 0.5))).toBe(0);
  });

  it("agrees with testing every pixel", () => {
    const width = 24;
    const height = 20;
    const map = Float32Array.from({ length: width * height }, (_, i) => ((i * 37) % 64) / 64);
    // Quarter pixels and whole degrees: a centre is either on an edge or clearly off it.
    const rects = record({
      x: integers(-8, 100),
      y: integers(-8, 84),
      width: integers(0, 60),
      height: integers(0, 60),
      angle: integers(0, 89),
    });
    assert(
      property(rects, (r) => {
        const rect = {
          center: [r.x / 4, r.y / 4],
          width: r.width / 2,
          height: r.height / 2,
          angle: degrees(r.angle),
        } as const;
        const inside: number[] = [];
        map.forEach((value, i) => {
          const offset = [(i % width) - r.x / 4, Math.floor(i / width) - r.y / 4] as const;
          const [[u, v]] = turn([offset] as const, -rect.angle);
          const within = Math.abs(u) <= r.width / 4 + 1e-6 && Math.abs(v) <= r.height / 4 + 1e-6;
          if (within) inside.push(value);
        });
        const expected = inside.reduce((a, b) => a + b, 0) / Math.max(1, inside.length);
        expect(meanInQuad(map, width, height, rectCorners(rect))).toBeCloseTo(expected, 9);
      }),
      { numRuns: 150 },
    );
  });
});

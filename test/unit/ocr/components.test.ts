import { array, assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { type Component, findComponents } from "../../../src/ocr/components.ts";
import { convexHull } from "../../../src/ocr/geometry.ts";
import type { Point } from "../../../src/types.ts";

/** `#` is text (1), anything else is not (0). */
function find(rows: readonly string[]): Component[] {
  const width = rows[0]?.length ?? 0;
  const map = Float32Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0));
  return findComponents(map, width, rows.length, 0.5);
}

const pixels = (components: readonly Component[]): number[] => components.map((c) => c.pixels);
const hullOf = (points: readonly Point[]): Point[] =>
  convexHull(points).sort((a, b) => a[0] - b[0] || a[1] - b[1]);

/** The plain way: flood from each pixel not yet seen, row by row. */
function flood(map: readonly boolean[], width: number, height: number): Point[][] {
  const seen = new Set<number>();
  const regions: Point[][] = [];
  map.forEach((text, origin) => {
    if (!text || seen.has(origin)) return;
    seen.add(origin);
    const todo = [origin];
    const region: Point[] = [];
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)];
      region.push([x, y]);
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (map[next] !== true || seen.has(next)) continue;
          seen.add(next);
          todo.push(next);
        }
      }
    }
    regions.push(region);
  });
  return regions;
}

describe("findComponents", () => {
  it("finds nothing where nothing is above the threshold", () => {
    expect(find(["....", "...."])).toEqual([]);
    expect(findComponents(new Float32Array(0), 0, 0, 0.5)).toEqual([]);
  });

  it("takes pixels above the threshold, not at it", () => {
    const map = Float32Array.of(0.5, 0.75, 0.25, 0.5);
    expect(findComponents(map, 4, 1, 0.5)).toEqual([{ pixels: 1, outline: [[1, 0]] }]);
  });

  it("reports both ends of every run", () => {
    expect(find([".###.", "..#..", "##.##"])).toEqual([
      {
        pixels: 3 + 1 + 2 + 2,
        outline: [
          [1, 0],
          [3, 0],
          [2, 1],
          [0, 2],
          [1, 2],
          [3, 2],
          [4, 2],
        ],
      },
    ]);
  });

  it.each([
    ["down to the right", ["#..", ".#.", "..#"]],
    ["down to the left", ["..#", ".#.", "#.."]],
    ["a run beyond a run", ["##..", "..##"]],
    ["a run beyond a run, the other way", ["..##", "##.."]],
  ])("joins pixels that touch at a corner: %s", (_, rows) => {
    expect(find(rows)).toHaveLength(1);
  });

  it("keeps apart what has a pixel between", () => {
    expect(pixels(find(["##.##", "##.##", ".....", "#.#.#"]))).toEqual([4, 4, 1, 1, 1]);
    // The last pixel of one row and the first of the next are neighbours in memory only.
    expect(pixels(find(["...#", "#..."]))).toEqual([1, 1]);
  });

  it.each([
    // Pixels counted row by row.
    ["U", 2 + 2 + 2 + 2, ["#.#", "#.#", "#.#", "##."]],
    ["W", 2 + 3 + 3 + 2, ["#...#", "#.#.#", "#.#.#", ".#.#."]],
    ["comb", 4 + 4 + 3 + 3 + 2, ["#.#.#.#", "#.#.#.#", "#.#..#.", "#..##..", ".##...."]],
    ["spiral", 7 + 1 + 6 + 2 + 7, ["#######", "......#", "#####.#", "#.....#", "#######"]],
  ])("joins arms that only meet further down: %s", (_, count, rows) => {
    expect(pixels(find(rows))).toEqual([count]);
  });

  it("does not report holes; what lies in one is a region of its own", () => {
    const found = find(["#####", "#...#", "#.#.#", "#...#", "#####"]);
    // The ring has 5·5 − 3·3 = 16 pixels.
    expect(pixels(found)).toEqual([16, 1]);
    expect(found[1]?.outline).toEqual([[2, 2]]);
  });

  it("orders regions by their topmost, then leftmost pixel, also when they merge late", () => {
    const found = find(["....#", "#...#", "#.#.#", "#.#.#", "###.#"]);
    // The column on the right has 5 pixels from row 0 on; the U, by rows, 1 + 2 + 2 + 3 = 8 from row 1.
    expect(pixels(found)).toEqual([5, 8]);
    expect(found.map((c) => c.outline[0])).toEqual([
      [4, 0],
      [0, 1],
    ]);
  });

  it("agrees with a flood fill on any map", () => {
    const rowsOf = integer({ min: 1, max: 12 }).chain((width) =>
      array(array(constantFrom(true, false, false), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 12,
      }),
    );
    const dense = integer({ min: 1, max: 12 }).chain((width) =>
      array(array(constantFrom(true, true, false), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 12,
      }),
    );
    for (const maps of [rowsOf, dense]) {
      assert(
        property(maps, (rows) => {
          const width = rows[0]?.length ?? 0;
          const map = rows.flat();
          const expected = flood(map, width, rows.length);
          const found = findComponents(Float32Array.from(map, Number), width, rows.length, 0.5);
          expect(pixels(found)).toEqual(expected.map((region) => region.length));
          expect(found.map((c) => hullOf(c.outline))).toEqual(expected.map(hullOf));
        }),
        { numRuns: 150 },
      );
    }
  });
});

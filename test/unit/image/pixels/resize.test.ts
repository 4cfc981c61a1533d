import { assert, constantFrom, integer, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Normalisation } from "../../../../src/catalog/manifest/manifest.ts";
import { channelOffsets, resizeToPlanes } from "../../../../src/image/pixels/resize.ts";
import type { Rect, RgbaImage } from "../../../../src/types.ts";
import { table } from "../../ocr/hand-made.ts";

/** (x/255 − 0) / (1/255) = x: planes hold the bytes themselves. */
const BYTES: Normalisation = {
  channels: "rgb",
  mean: [0, 0, 0],
  std: [1 / 255, 1 / 255, 1 / 255],
};

/** A grey image from rows of values. */
function grey(rows: readonly (readonly number[])[]): RgbaImage {
  const pixels = rows.flatMap((row) => row.flatMap((v) => [v, v, v, 255]));
  return { data: Uint8Array.from(pixels), width: rows[0]?.length ?? 0, height: rows.length };
}

/** The first plane of the resized image, in rows. */
function resize(image: RgbaImage, width: number, height: number, part?: Rect): number[][] {
  const target = new Float32Array(3 * width * height);
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  resizeToPlanes(image, part ?? whole, width, height, BYTES, target);
  return Array.from({ length: height }, (_, y) =>
    Array.from(target.subarray(y * width, (y + 1) * width)),
  );
}

function expectRows(actual: number[][], expected: readonly (readonly number[])[]): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  actual.flat().forEach((value, i) => {
    expect(value, `value ${i}`).toBeCloseTo(expected.flat()[i] as number, 3);
  });
}

/** The same pixels with rows and columns exchanged. */
const transposed = (rows: readonly (readonly number[])[]): number[][] =>
  (rows[0] ?? []).map((_, x) => rows.map((row) => row[x] as number));

describe("resizeToPlanes", () => {
  it("copies at the same size", () => {
    const rows = [
      [0, 50, 100],
      [150, 200, 255],
    ];
    expectRows(resize(grey(rows), 3, 2), rows);
  });

  it.each([
    // Enlarged: output i lies at (i + ½)·scale − ½ between its two neighbours; edges are replicated.
    // 2 → 4: at −¼, ¼, ¾, 1¼.
    ["2 to 4", [0, 100], [0, 25, 75, 100]],
    // 2 → 3: at −1/6, ½, 7/6.
    ["2 to 3", [0, 100], [0, 50, 100]],
    ["1 to 3", [77], [77, 77, 77]],
    // Shrunk: a triangle that reaches `scale` to both sides.
    // 4 → 2: around ½ weights ¼ ¾ ¾ ¼ of pixels −1 … 2, over 2; pixel −1 is pixel 0:
    // (1·8 + 3·8 + 3·16 + 1·80) / 8 = 20, then (1·16 + 3·80 + 3·160 + 1·160) / 8 = 112.
    ["4 to 2", [8, 16, 80, 160], [20, 112]],
    // 9 → 3: weights 1 2 3 2 1 over 9 around pixels 1, 4 and 7:
    // (0 + 0 + 0 + 2·9 + 1·18) / 9 = 4; (1·9 + 2·18 + 3·27 + 2·36 + 1·45) / 9 = 27;
    // (1·36 + 2·45 + 0 + 0 + 0) / 9 = 14.
    ["9 to 3", [0, 0, 9, 18, 27, 36, 45, 0, 0], [4, 27, 14]],
    // 3 → 2: around ¼ with reach 1½: 1/6, 5/6, 1/2 of pixels −1, 0, 1, over 1½ → ⅔, ⅓; mirrored.
    ["3 to 2", [30, 60, 120], [40, 100]],
    // 3 → 1: around 1 with reach 3: pixels −1 … 3 weigh 1 2 3 2 1, the outer ones replicated.
    ["3 to 1", [90, 0, 9], [(3 * 90 + 3 * 9) / 9]],
  ])("weighs pixels by a triangle across and down: %s", (_, from, to) => {
    expectRows(resize(grey([from]), to.length, 1), [to]);
    expectRows(resize(grey(transposed([from])), 1, to.length), transposed([to]));
  });

  it("works on both axes at once", () => {
    // 2 × 2 → 4 × 4 at (¼, ¼): ¾ (¾·0 + ¼·100) + ¼ (¾·200 + ¼·100) = 18.75 + 43.75 = 62.5.
    // The corners are the source's own; at (¾, ¼): ¾·75 + ¼·125 = 87.5.
    const rows = resize(
      grey([
        [0, 100],
        [200, 100],
      ]),
      4,
      4,
    );
    expectRows([rows[1] as number[]], [[50, 62.5, 87.5, 100]]);
    expectRows([rows[0] as number[]], [[0, 25, 75, 100]]);
    expectRows([rows[3] as number[]], [[200, 175, 125, 100]]);
  });

  it("writes planes in the network's channel order", () => {
    expect(channelOffsets("rgb")).toEqual([0, 1, 2]);
    expect(channelOffsets("bgr")).toEqual([2, 1, 0]);
    const image = { data: Uint8Array.of(10, 20, 30, 255), width: 1, height: 1 };
    const part = { x: 0, y: 0, width: 1, height: 1 };
    const target = new Float32Array(3);
    resizeToPlanes(image, part, 1, 1, BYTES, target);
    target.forEach((value, i) => expect(value).toBeCloseTo([10, 20, 30][i] as number, 4));
    resizeToPlanes(image, part, 1, 1, { ...BYTES, channels: "bgr" }, target);
    target.forEach((value, i) => expect(value).toBeCloseTo([30, 20, 10][i] as number, 4));
  });

  it("normalises each plane with its own mean and deviation", () => {
    // Planes are B, G, R: (51/255 − 0.2) / 0.5 = 0; (102/255 − 0.5) / 0.25 = −0.4;
    // (255/255 − 0.5) / 2 = 0.25.
    const image = { data: Uint8Array.of(255, 102, 51, 255), width: 1, height: 1 };
    const target = new Float32Array(3);
    const by = { channels: "bgr", mean: [0.2, 0.5, 0.5], std: [0.5, 0.25, 2] } as const;
    resizeToPlanes(image, { x: 0, y: 0, width: 1, height: 1 }, 1, 1, by, target);
    target.forEach((value, i) => expect(value).toBeCloseTo([0, -0.4, 0.25][i] as number, 6));
  });

  it("leaves what lies right of and below the image as it is", () => {
    const image = grey([[1, 2]]);
    const target = new Float32Array(3 * 3 * 2).fill(-7);
    resizeToPlanes(image, { x: 0, y: 0, width: 2, height: 1 }, 2, 1, BYTES, target, 3, 2);
    const plane = [1, 2, -7, -7, -7, -7];
    const expected = [...plane, ...plane, ...plane];
    target.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
  });

  it("takes the part only", () => {
    const rows = [
      [0, 1, 2, 3],
      [10, 11, 12, 13],
      [20, 21, 22, 23],
    ];
    const part = { x: 1, y: 1, width: 2, height: 2 };
    expectRows(resize(grey(rows), 2, 2, part), [
      [11, 12],
      [21, 22],
    ]);
    // A single pixel of it to 1 × 1.
    expectRows(resize(grey(rows), 1, 1, { x: 3, y: 2, width: 1, height: 1 }), [[23]]);
  });

  it("agrees with the filter written out plainly, at any scale", () => {
    const side = integer({ min: 1, max: 40 });
    const small = constantFrom(1, 2, 3, 7, 12, 50);
    const noise = uint8Array({ minLength: 64, maxLength: 64 });
    const weights = (from: number, to: number, i: number): number[] => {
      const scale = from / to;
      const reach = Math.max(1, scale);
      const all = new Array<number>(from).fill(0);
      let sum = 0;
      for (let s = -100; s < from + 100; s++) {
        const weight = Math.max(0, 1 - Math.abs(s + 0.5 - (i + 0.5) * scale) / reach);
        const at = Math.min(from - 1, Math.max(0, s));
        all[at] = (all[at] as number) + weight;
        sum += weight;
      }
      return all.map((w) => w / sum);
    };
    assert(
      property(side, side, small, small, noise, (width, height, toWidth, toHeight, bytes) => {
        const rows = table(width, height, (x, y) => bytes[(x * 5 + y * 17) % 64] as number);
        const across = Array.from({ length: toWidth }, (_, i) => weights(width, toWidth, i));
        const down = Array.from({ length: toHeight }, (_, i) => weights(height, toHeight, i));
        const dot = (w: readonly number[], value: (at: number) => number): number =>
          w.reduce((sum, weight, at) => sum + weight * value(at), 0);
        const narrow = rows.map((row) => across.map((w) => dot(w, (x) => row[x] as number)));
        const wanted = table(toWidth, toHeight, (x, y) =>
          dot(down[y] as number[], (at) => narrow[at]?.[x] as number),
        ).flat();
        const actual = resize(grey(rows), toWidth, toHeight).flat();
        const worst = actual.map((v, i) => Math.abs(v - (wanted[i] as number)));
        expect(Math.max(...worst)).toBeLessThan(1e-3);
      }),
      { numRuns: 60 },
    );
  });
});

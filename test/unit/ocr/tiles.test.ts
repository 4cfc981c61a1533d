import { describe, expect, it } from "vitest";
import { detectionParams } from "../../../src/catalog/presets/families.ts";
import { countDetail, coverDetail, findDetail, printHeight } from "../../../src/ocr/detail.ts";
import { detectLines } from "../../../src/ocr/detect.ts";
import { frameOf } from "../../../src/ocr/frame.ts";
import { boundsOf } from "../../../src/core/quad.ts";
import { lookAtTiles } from "../../../src/ocr/tiles.ts";
import type { Answer } from "./hand-made.ts";
import type { Rect, RgbaImage } from "../../../src/types.ts";
import { detector, lease, paint, plain } from "./hand-made.ts";

/** A detector that sees strokes of print where the pixels of its input are dark, if they are large enough. */
const seesInk =
  (sizes: number[][] = []): Answer =>
  ({ data, dims }) => {
    const [, , height, width] = dims as [number, number, number, number];
    sizes.push([width, height]);
    // The first plane; the paper is above 0, black far below.
    const map = Float32Array.from({ length: width * height }, (_, i) =>
      (data[i] as number) < -1 ? 1 : 0,
    );
    return { data: map, dims: [1, 1, height, width] };
  };

const MODEL = detector(detectionParams("v4"));

/** A line of print. */
function print(image: RgbaImage, line: Rect): void {
  paint(image, line, 0);
}

const whole = ({ width, height }: RgbaImage): Rect => ({ x: 0, y: 0, width, height });

describe("lookAtTiles", () => {
  it("gives the same map as one look, seams and all", async () => {
    const image = plain(700, 500);
    for (let y = 20; y < 480; y += 30) print(image, { x: 10 + y, y, width: 640 - y, height: 9 });
    const sizes: number[][] = [];
    const looks: [number, number][] = [];
    const frame = frameOf(image, whole(image), false);
    const tiled = await lookAtTiles(frame, 1, lease(MODEL, seesInk(sizes)), {
      maxPixels: 320 * 320,
      wanted: () => true,
      onLook: (done, total) => looks.push([done, total]),
    });
    expect([tiled.width, tiled.height, tiled.reduced]).toEqual([700, 500, false]);
    // 320 less margins of 64 on both sides: 192 new pixels each, (700 − 128) / 192 → 3 and (500 − 128) / 192 → 2.
    expect(tiled.count).toBe(6);
    expect(looks).toEqual([0, 1, 2, 3, 4, 5].map((done) => [done, 6]));
    expect(new Set(sizes.map(String))).toEqual(new Set(["320,320"]));
    const wrong = tiled.map.findIndex((value, i) => {
      const dark = image.data[4 * i] === 0;
      return value !== (dark ? 255 : 0);
    });
    expect(wrong).toBe(-1);
  });

  it("leaves out tiles in which nothing is wanted", async () => {
    const image = plain(700, 500);
    const frame = frameOf(image, whole(image), false);
    const tiled = await lookAtTiles(frame, 1, lease(MODEL, seesInk()), {
      maxPixels: 320 * 320,
      wanted: ({ x }) => x > 300,
      onLook: () => undefined,
    });
    expect(tiled.count).toBe(2);
  });
});

describe("detail", () => {
  it("is where there are edges, in the frame's own direction", () => {
    const image = plain(160, 96);
    paint(image, { x: 100, y: 40, width: 40, height: 8 }, 0);
    const upright = findDetail(frameOf(image, whole(image), false));
    expect(countDetail(upright, { x: 96, y: 32, width: 48, height: 16 })).toBe(3);
    expect(countDetail(upright, whole(image))).toBe(3);
    // Turned clockwise: what stood at (x, y) lies at (96 − y, x).
    const turned = findDetail(frameOf(image, whole(image), true));
    expect(countDetail(turned, { x: 48, y: 96, width: 16, height: 48 })).toBe(3);
    coverDetail(turned, { x: 48, y: 96, width: 16, height: 48 });
    expect(countDetail(turned, { x: 0, y: 0, width: 96, height: 160 })).toBe(0);
  });

  it("tells how high print is in a box that is too large", () => {
    const image = plain(160, 96);
    for (let x = 20; x < 140; x += 6) paint(image, { x, y: 40, width: 3, height: 11 }, 0);
    const box = { x: 10, y: 20, width: 140, height: 60 };
    expect(printHeight(frameOf(image, whole(image), false), box)).toBe(11);
  });
});

describe("detectLines of a picture with small print", () => {
  /** 96 lines of 7 px at a pitch of 25 on 400 × 2400: shrunk to 160 × 960 a line is 2.8 px high. */
  const lines: Rect[] = Array.from({ length: 95 }, (_, i) => ({
    x: 20,
    y: 15 + 25 * i,
    width: 300,
    height: 7,
  }));
  const image = plain(400, 2400);
  for (const { x, y, width } of lines) {
    for (let at = x; at < x + width; at += 5) paint(image, { x: at, y, width: 4, height: 7 }, 0);
  }

  it("finds every line once in tiles, tells the looks, and stops when it is told to", async () => {
    const looks: number[] = [];
    // Strokes 5 px apart join in the map as they do for a detector.
    const answer: Answer = ({ data, dims }) => {
      const [, , height, width] = dims as [number, number, number, number];
      const dark = (i: number): boolean => (data[i] as number) < 0.5;
      const map = Float32Array.from({ length: width * height }, (_, i) =>
        // At the first look's scale print is a grey that says nothing.
        height / width > 5.9 ? 0 : Number(dark(i) || dark(i - 1) || dark(i + 1)),
      );
      return { data: map, dims: [1, 1, height, width] };
    };
    const found = await detectLines(image, whole(image), lease(MODEL, answer), {
      onLook: (done) => looks.push(done),
    });
    expect(found).toHaveLength(lines.length);
    const centers = found.map(({ quad }) => {
      const { y, height } = boundsOf(quad);
      return Math.round(y + height / 2);
    });
    centers.sort((a, b) => a - b);
    centers.forEach((y, i) => {
      expect(Math.abs(y - (18.5 + 25 * i))).toBeLessThanOrEqual(1);
    });
    expect(looks.length).toBeGreaterThanOrEqual(2);
    const stop = new Error("stop");
    const stopped = detectLines(image, whole(image), lease(MODEL, answer), {
      onLook: () => {
        throw stop;
      },
    });
    await expect(stopped).rejects.toBe(stop);
  });

  it("looks once where nothing is left to find", async () => {
    const sizes: number[][] = [];
    await detectLines(
      plain(400, 2400),
      { x: 0, y: 0, width: 400, height: 2400 },
      lease(MODEL, seesInk(sizes)),
    );
    expect(sizes).toEqual([[160, 960]]);
  });
});

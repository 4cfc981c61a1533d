import { describe, expect, it } from "vitest";
import { findPictures } from "../../../../src/structure/layout/pictures.ts";
import type { Line, Rect, RgbaImage } from "../../../../src/types.ts";
import { bare, box } from "../../output/hand-made.ts";
import { columns, NO_RULINGS, PAGE } from "../drawn-page.ts";

type Colour = readonly [number, number, number];
type Paint = (x: number, y: number) => Colour;

function blank(width: number, height: number, ground: Colour = [255, 255, 255]): RgbaImage {
  const image = { data: new Uint8Array(width * height * 4), width, height };
  fill(image, { x: 0, y: 0, width, height }, ground);
  return image;
}

function fill(image: RgbaImage, { x, y, width, height }: Rect, [r, g, b]: Colour): void {
  const pixels = new Uint32Array(image.data.buffer);
  const pixel = new Uint32Array(new Uint8Array([r, g, b, 255]).buffer)[0] as number;
  for (let v = y; v < y + height; v++)
    pixels.fill(pixel, v * image.width + x, v * image.width + x + width);
}

function paint(image: RgbaImage, { x, y, width, height }: Rect, colour: Paint): void {
  for (let v = y; v < y + height; v++) {
    for (let u = x; u < x + width; u++) {
      const at = (v * image.width + u) * 4;
      [image.data[at], image.data[at + 1], image.data[at + 2]] = colour(u, v);
    }
  }
}

/** A photograph has no two pixels alike. */
const photo: Paint = (x, y) => [(x * 7 + y * 3) % 256, (x * 3 + y * 5) % 256, (x * y) % 256];
const black: Colour = [0, 0, 0];

/** Letters as strokes: every other pixel of a line's box. */
function write(image: RgbaImage, lines: readonly Line[]): void {
  for (const { polygon } of lines) {
    const [[left, top], , [right, bottom]] = polygon;
    for (let x = Math.ceil(left) + 2; x < right - 2; x += 4) {
      fill(
        image,
        { x, y: Math.ceil(top) + 4, width: 2, height: Math.floor(bottom - top) - 8 },
        black,
      );
    }
  }
}

function expectNear(found: Rect | undefined, truth: Rect, slack: number): void {
  for (const key of ["x", "y", "width", "height"] as const) {
    expect(Math.abs((found?.[key] ?? Infinity) - truth[key])).toBeLessThanOrEqual(slack);
  }
}

const TEXT = columns([100, 520], { paragraphs: 2 });

describe("findPictures", () => {
  it("finds none on a page of text", () => {
    const image = blank(PAGE.width, PAGE.height);
    write(image, TEXT);
    expect(findPictures(image, TEXT, NO_RULINGS)).toEqual([]);
  });

  it.each([
    ["white", [255, 255, 255]],
    ["yellowed", [236, 226, 200]],
    ["black", [10, 10, 10]],
  ] as const)("finds a photograph on %s paper", (_, ground) => {
    const image = blank(PAGE.width, PAGE.height, ground);
    const truth = { x: 200, y: 600, width: 400, height: 300 };
    paint(image, truth, photo);
    const found = findPictures(image, TEXT, NO_RULINGS);
    expect(found).toHaveLength(1);
    expectNear(found[0], truth, 10);
  });

  it("takes a chart of thin lines with the numbers at its axes", () => {
    const image = blank(PAGE.width, PAGE.height);
    fill(image, { x: 200, y: 600, width: 2, height: 300 }, black);
    fill(image, { x: 200, y: 898, width: 400, height: 2 }, black);
    for (let x = 0; x < 380; x++) {
      fill(
        image,
        { x: 210 + x, y: Math.round(750 - 120 * Math.sin(x / 40)), width: 3, height: 3 },
        black,
      );
    }
    for (let i = 1; i < 6; i++)
      fill(image, { x: 200, y: 600 + 50 * i, width: 400, height: 1 }, black);
    const labels = [0, 1, 2, 3].map((i) => bare(`${i}0`, box(190 + 120 * i, 905, 24, 18)));
    const [found, ...more] = findPictures(image, [...TEXT, ...labels], NO_RULINGS);
    expect(more).toEqual([]);
    expectNear(found, { x: 190, y: 600, width: 410, height: 323 }, 12);
  });

  it("does not take a coloured panel with text for a picture, but the picture in it", () => {
    const image = blank(PAGE.width, PAGE.height);
    fill(image, { x: 60, y: 150, width: 880, height: 900 }, [200, 220, 250]);
    write(image, TEXT);
    expect(findPictures(image, TEXT, NO_RULINGS)).toEqual([]);
    const truth = { x: 300, y: 700, width: 300, height: 240 };
    paint(image, truth, photo);
    const found = findPictures(image, TEXT, NO_RULINGS);
    expect(found).toHaveLength(1);
    expectNear(found[0], truth, 10);
  });

  it("does not take a frame around the page or a stroke for a picture", () => {
    const image = blank(PAGE.width, PAGE.height);
    write(image, TEXT);
    for (const x of [40, 955]) fill(image, { x, y: 40, width: 4, height: 1320 }, black);
    for (const y of [40, 1356]) fill(image, { x: 40, y, width: 919, height: 4 }, black);
    fill(image, { x: 100, y: 180, width: 800, height: 2 }, black);
    expect(findPictures(image, TEXT, NO_RULINGS)).toEqual([]);
  });

  it("finds pictures where there is no text", () => {
    const image = blank(PAGE.width, PAGE.height);
    const truths = [
      { x: 100, y: 100, width: 300, height: 200 },
      { x: 500, y: 700, width: 300, height: 400 },
    ];
    for (const truth of truths) paint(image, truth, photo);
    const found = findPictures(image, [], NO_RULINGS);
    expect(found).toHaveLength(2);
    for (const [i, truth] of truths.entries()) expectNear(found[i], truth, 25);
  });

  it("keeps apart what stands apart and inside the page", () => {
    const image = blank(400, 300);
    const lines = [bare("some words", box(20, 270, 100, 10))];
    paint(image, { x: 0, y: 0, width: 180, height: 250 }, photo);
    paint(image, { x: 220, y: 0, width: 180, height: 250 }, photo);
    const found = findPictures(image, lines, NO_RULINGS);
    expect(found).toHaveLength(2);
    for (const { x, y, width, height } of found) {
      expect(x >= 0 && y >= 0 && x + width <= 400 && y + height <= 300).toBe(true);
    }
  });
});

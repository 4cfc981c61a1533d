import { describe, expect, it } from "vitest";
import {
  PIX2TEXT_PICTURE,
  formulaNetParams,
} from "../../../../src/catalog/presets/structure-families.ts";
import { preparePicture } from "../../../../src/structure/formulas/picture.ts";
import type { PreparedPicture } from "../../../../src/structure/formulas/picture.ts";
import type { Rect, RgbaImage } from "../../../../src/types.ts";
import { drawFormula } from "../../../fixtures/handwriting.ts";

type Colour = readonly [number, number, number];

/** A page of one colour with a rectangle of another. */
function page(width: number, height: number, part: Rect, ink: Colour, paper: Colour): RgbaImage {
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside =
      x >= part.x && x < part.x + part.width && y >= part.y && y < part.y + part.height;
    data.set(inside ? ink : paper, i * 4);
  }
  return { data, width, height };
}

const whole = ({ width, height }: RgbaImage): Rect => ({ x: 0, y: 0, width, height });

/** The rectangle of values that pass. */
function extent(
  { pixels: { data, dims } }: PreparedPicture,
  passes: (value: number) => boolean,
): number[] {
  const width = dims.at(-1) as number;
  const hits = [...data.keys()].filter((i) => passes(data[i] as number));
  const xs = hits.map((i) => i % width);
  const ys = hits.map((i) => Math.floor(i / width));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

const RED: Colour = [200, 30, 90];
const WHITE: Colour = [255, 255, 255];

describe("a centred picture (UniMERNetImgDecode, UniMERNetTestTransform, LatexImageFormat)", () => {
  const { picture } = formulaNetParams(384, 100);
  const small = { ...picture, width: 64, height: 64 };

  // What PaddleX 3.7.2 makes of the same pictures: where it lands, and the values of paper and of (200, 30, 90).
  it.each([
    [60, 30, { x: 10, y: 8, width: 40, height: 14 }, [0, 20, 64, 43], -4.563_291],
    [31, 80, { x: 3, y: 5, width: 23, height: 73 }, [22, 0, 42, 64], -4.563_291],
    [40, 40, { x: 5, y: 5, width: 30, height: 30 }, [0, 0, 64, 64], -3.044_304],
  ])("of %i × %i pixels lies at the middle of black", (width, height, part, expected, corner) => {
    const image = page(width, height, part, RED, WHITE);
    const prepared = preparePicture(image, whole(image), small) as PreparedPicture;
    expect(prepared.pixels.dims).toEqual([1, 1, 64, 64]);
    expect(extent(prepared, (value) => value > -4)).toEqual(expected);
    const { data } = prepared.pixels;
    expect(data[32 * 64 + 32]).toBeCloseTo(-3.044_303_6, 4);
    expect(data[0]).toBeCloseTo(corner, 4);
  });

  it("cuts off the margin only, not what is lighter inside", () => {
    const image = drawFormula("1+2=3", { margin: 40 });
    const tight = drawFormula("1+2=3", { margin: 8 });
    const [a, b] = [image, tight].map((each) => preparePicture(each, whole(each), picture));
    const far = a?.pixels.data.reduce(
      (sum, value, i) => sum + Math.abs(value - (b?.pixels.data[i] ?? 0)),
      0,
    );
    expect((far ?? 1) / (384 * 384)).toBeLessThan(0.02);
  });

  it("of nothing but paper is paper", () => {
    const image = page(20, 10, { x: 0, y: 0, width: 0, height: 0 }, RED, WHITE);
    const prepared = preparePicture(image, whole(image), small) as PreparedPicture;
    expect(extent(prepared, (value) => value > 0)).toEqual([0, 16, 64, 48]);
    expect(prepared.pixels.data[32 * 64 + 32]).toBeCloseTo((1 - 0.7931) / 0.1738, 5);
  });
});

describe("a stretched picture", () => {
  it("has the colours of the box, whatever its shape", () => {
    const image = page(50, 20, { x: 10, y: 5, width: 30, height: 10 }, RED, WHITE);
    const box = { x: 10, y: 5, width: 30, height: 10 };
    const { pixels } = preparePicture(image, box, PIX2TEXT_PICTURE) as PreparedPicture;
    expect(pixels.dims).toEqual([1, 3, 384, 384]);
    const size = 384 * 384;
    for (const [c, byte] of RED.entries()) {
      const plane = pixels.data.subarray(c * size, (c + 1) * size);
      expect(Math.min(...plane.subarray(0, 384))).toBeCloseTo((byte / 255 - 0.5) / 0.5, 5);
      expect(plane[size - 1]).toBeCloseTo((byte / 255 - 0.5) / 0.5, 5);
    }
  });
});

describe("a picture of ink", () => {
  const picture = {
    fit: "ink",
    width: 512,
    height: 128,
    widthStep: 64,
    inkHeight: 96,
    margin: 8,
  } as const;
  const prepare = (image: RgbaImage): PreparedPicture =>
    preparePicture(image, whole(image), picture) as PreparedPicture;

  it("is white on black at the top left, and the mask covers the rest", () => {
    const image = page(100, 60, { x: 20, y: 10, width: 40, height: 20 }, [40, 40, 40], WHITE);
    const { pixels, mask } = prepare(image);
    // 20 rows become 80, 40 columns 160, and a margin of 8 around.
    expect(pixels.dims).toEqual([1, 1, 128, 192]);
    expect(mask?.dims).toEqual([1, 128, 192]);
    expect(extent({ pixels }, (value) => value > 0.99)).toEqual([8, 8, 168, 88]);
    expect(extent({ pixels: mask ?? pixels }, (value) => value === 0)).toEqual([0, 0, 176, 96]);
  });

  it("is the same from a blackboard", () => {
    const dark = prepare(drawFormula("x^2+1", { ink: 20, paper: 240 }));
    const light = prepare(drawFormula("x^2+1", { ink: 240, paper: 20 }));
    const far = dark.pixels.data.map((value, i) => Math.abs(value - (light.pixels.data[i] ?? 9)));
    expect(light.pixels.dims).toEqual(dark.pixels.dims);
    // Which half of an edge counts as ink differs, so that the two are cut a pixel apart.
    expect(far.reduce((sum, value) => sum + value) / far.length).toBeLessThan(0.03);
  });

  it("that is too wide becomes lower", () => {
    const { pixels } = prepare(drawFormula("1+2+3+5+7+1+2+3+5+7"));
    expect(pixels.dims).toEqual([1, 1, 128, 512]);
    const [left, , right, bottom] = extent({ pixels }, (value) => value > 0.2);
    expect([left, right]).toEqual([8, 504]);
    expect(bottom).toBeLessThan(60);
  });
});

describe("a box", () => {
  it("beyond the image is cut, and outside of it is nothing", () => {
    const image = page(20, 20, { x: 0, y: 0, width: 20, height: 20 }, RED, RED);
    const over = { x: 15, y: 15, width: 50, height: 50 };
    expect(preparePicture(image, over, PIX2TEXT_PICTURE)?.pixels.data[0]).toBeCloseTo(
      (200 / 255 - 0.5) / 0.5,
      5,
    );
    const out = { x: 20, y: 0, width: 5, height: 5 };
    expect(preparePicture(image, out, PIX2TEXT_PICTURE)).toBeUndefined();
  });
});

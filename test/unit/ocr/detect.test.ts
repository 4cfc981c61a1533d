import { assert, boolean, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { detectionParams } from "../../../src/catalog/presets/families.ts";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { detectionSize, detectLines } from "../../../src/ocr/detect.ts";
import { detector, expectPoints, lease, paint, plain, probabilityMap } from "./hand-made.ts";

describe("detectionSize", () => {
  it.each([
    // The long side is at most 960, both are rounded to 32.
    // 1920 × 1080 / 2 = 960 × 540; 540 / 32 = 16.9 → 17 · 32.
    ["v4", 1920, 1080, 960, 544],
    ["v4", 1080, 1920, 544, 960],
    // Small enough: 500 / 32 = 15.6 → 16, 300 / 32 = 9.4 → 9.
    ["v4", 500, 300, 512, 288],
    ["v4", 1, 1, 32, 32],
    // · 960 / 3000 = 0.32: 960 × 3.2, at least 32.
    ["v4", 3000, 10, 960, 32],
    // The short side is at least 736: · 1.472 is 1472 × 736 = 46 · 32 × 23 · 32.
    ["v6", 1000, 500, 1472, 736],
    // Large enough: 1600 = 50 · 32, 1200 / 32 = 37.5 → 38 (to even, as the reference, too).
    ["v6", 1600, 1200, 1600, 1216],
    // The long side is at most 4000: · 2/3 is 4000 × 1600.
    ["v6", 6000, 2400, 4000, 1600],
    ["v6", 2400, 6000, 1600, 4000],
    ["v6", 1, 1, 736, 736],
    // The short side would need · 73.6; the long side allows · 4/3: 4000 × 13.3, at least 32.
    ["v6", 3000, 10, 4000, 32],
    ["v6", 10, 3000, 32, 4000],
    // v5 reads a page at its own size.
    ["v5", 1920, 1088, 1920, 1088],
  ] as const)("%s: %i × %i is read at %i × %i", (family, width, height, toWidth, toHeight) => {
    // The reference's own rule, which knows no budget of pixels.
    const { maxPixels: _, ...reference } = detectionParams(family);
    expect(detectionSize(width, height, reference)).toEqual({ width: toWidth, height: toHeight });
  });

  it("keeps a page within its budget of pixels and its shape", () => {
    const params = { ...detectionParams("v6"), maxPixels: 1_000_000 };
    // The cap alone: 4000 × 2000 = 8 MP. · √(1/8) = 1414 × 707; 44.2 → 44 · 32, 22.1 → 22 · 32.
    expect(detectionSize(8000, 4000, params)).toEqual({ width: 1408, height: 704 });
    // 754 × 1000 is within it: 23.6 → 24 · 32, 31.25 → 31 · 32.
    expect(detectionSize(754, 1000, params)).toEqual({ width: 768, height: 992 });
  });

  it("is a multiple of 32 from 32 up to the cap, for any image", () => {
    const side = integer({ min: 1, max: 20_000 });
    assert(
      property(side, side, boolean(), (width, height, v6) => {
        const size = detectionSize(width, height, detectionParams(v6 ? "v6" : "v4"));
        for (const s of [size.width, size.height]) {
          expect(s % 32).toBe(0);
          expect(s).toBeGreaterThanOrEqual(32);
          expect(s).toBeLessThanOrEqual(v6 ? 4000 : 960);
        }
      }),
    );
  });
});

describe("detectLines", () => {
  const whole = (image: { width: number; height: number }): Parameters<typeof detectLines>[1] => ({
    x: 0,
    y: 0,
    width: image.width,
    height: image.height,
  });
  const output = ({ dims }: Tensor, parts: Parameters<typeof probabilityMap>[2]): Tensor => {
    const [, , height, width] = dims as [number, number, number, number];
    return { data: probabilityMap(width, height, parts), dims: [1, 1, height, width] };
  };
  const detect = (
    image: Parameters<typeof detectLines>[0],
    part: Parameters<typeof detectLines>[1],
    params: Parameters<typeof detector>[0],
    parts: Parameters<typeof probabilityMap>[2],
  ): ReturnType<typeof detectLines> =>
    detectLines(
      image,
      part,
      lease(detector(params), (input) => output(input, parts)),
    );

  it("places map pixels at their centres on the page", async () => {
    // As in the box test: 20 × 10 pixels from (10, 20) grow to 28.160714 × 18.160714 around
    // (19.5, 24.5). On the page everything is half a pixel further: around (20, 25).
    const image = plain(64, 64);
    const drawn = { x: 10, y: 20, width: 20, height: 10, p: 0.875 };
    const found = await detect(image, whole(image), { unclipRatio: 1.5 }, [drawn]);
    expect(found.map((d) => d.score)).toEqual([0.875]);
    const [left, right] = [20 - 14.080357, 20 + 14.080357];
    const [top, bottom] = [25 - 9.080357, 25 + 9.080357];
    expectPoints(found[0]?.quad ?? [], [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ]);
  });

  it("keeps within the pixels that the caller allows, and within the model's own bound", async () => {
    const sizes: number[] = [];
    const model = (own?: number): ReturnType<typeof lease> =>
      lease(detector(own === undefined ? {} : { maxPixels: own }), (input) => {
        const [, , height, width] = input.dims as [number, number, number, number];
        sizes.push(height * width);
        return { data: new Float32Array(height * width), dims: [1, 1, height, width] };
      });
    const image = plain(128, 128);
    for (const [own, asked] of [
      [undefined, 4096],
      [4096, 16_384],
      [4096, 1024],
    ] as const) {
      await detectLines(image, whole(image), model(own) as Parameters<typeof detectLines>[2], {
        maxPixels: asked,
      });
    }
    expect(sizes).toEqual([4096, 4096, 1024]);
  });

  it("scales from the network's size to the part and adds the part's place", async () => {
    // A part of 128 × 64 at (100, 50), read at 64 × 32: a map pixel is 2 × 2 page pixels.
    // Columns 10 … 29 have centres 10.5 … 29.5, on the page 100 + 21 … 100 + 59; rows 5 … 24:
    // 50 + 11 … 50 + 49.
    const part = { x: 100, y: 50, width: 128, height: 64 };
    const drawn = { x: 10, y: 5, width: 20, height: 20 };
    const found = await detect(plain(300, 200), part, { limitSide: 64 }, [drawn]);
    expectPoints(found[0]?.quad ?? [], [
      [121, 61],
      [159, 61],
      [159, 99],
      [121, 99],
    ]);
  });

  it("scales the axes apart where rounding changed the proportions", async () => {
    // To a multiple of 64, 80 × 48 becomes 64 × 64. Pixels 16 … 47 have centres 16.5 … 47.5:
    // · 80/64 is 20.625 … 59.375 across, · 48/64 is 12.375 … 35.625 down.
    const image = plain(80, 48);
    const drawn = { x: 16, y: 16, width: 32, height: 32 };
    const found = await detect(image, whole(image), { multiple: 64 }, [drawn]);
    expectPoints(found[0]?.quad ?? [], [
      [20.625, 12.375],
      [59.375, 12.375],
      [59.375, 35.625],
      [20.625, 35.625],
    ]);
  });

  it("keeps the corners inside the part", async () => {
    // 32 × 10 pixels from (0, 0), 31 × 9, grown by 31 · 9 · 2 / 80 = 6.975 and cut at the left and top.
    // Right: 31.5 + 6.975, bottom: 9.5 + 6.975.
    const part = { x: 5, y: 7, width: 64, height: 32 };
    const drawn = { x: 0, y: 0, width: 32, height: 10 };
    const found = await detect(plain(100, 100), part, { unclipRatio: 2 }, [drawn]);
    expectPoints(found[0]?.quad ?? [], [
      [5, 7],
      [5 + 38.475, 7],
      [5 + 38.475, 7 + 16.475],
      [5, 7 + 16.475],
    ]);
  });

  it("feeds the part in the model's channel order, normalised", async () => {
    const image = plain(96, 64, 0);
    paint(image, { x: 32, y: 0, width: 64, height: 64 }, [255, 102, 51]);
    let seen: Tensor | undefined;
    const model = lease(detector(), (input) => {
      seen = input;
      return output(input, []);
    });
    expect(await detectLines(image, { x: 32, y: 0, width: 64, height: 64 }, model)).toEqual([]);
    expect(seen?.dims).toEqual([1, 3, 64, 64]);
    // Blue first: (51/255 − 0.485) / 0.229, (102/255 − 0.456) / 0.224, (1 − 0.406) / 0.225.
    const at = (plane: number): number => seen?.data[plane * 64 * 64 + 32 * 64 + 32] as number;
    expect(at(0)).toBeCloseTo(-1.244541, 5);
    expect(at(1)).toBeCloseTo(-0.25, 5);
    expect(at(2)).toBeCloseTo(2.64, 5);
  });

  it("rejects a network whose output is not a map of its input's size", async () => {
    const image = plain(64, 64);
    const small = lease(detector(), () => ({ data: new Float32Array(16), dims: [1, 1, 4, 4] }));
    await expect(detectLines(image, whole(image), small)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("[1, 1, 4, 4]") as string,
    });
    const other = lease(detector(), () => undefined);
    await expect(detectLines(image, whole(image), other)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });

  it("shows the network the part turned by a quarter, and finds its places on the page", async () => {
    // A part of 64 × 32 at (32, 0), turned clockwise: 32 × 64, at the network's own scale.
    const image = plain(128, 32);
    paint(image, { x: 42, y: 3, width: 1, height: 1 }, 0);
    let black = -1;
    const model = lease(detector(), ({ data, dims }) => {
      expect(dims).toEqual([1, 3, 64, 32]);
      black = data.indexOf(Math.min(...data));
      const map = probabilityMap(32, 64, [{ x: 4, y: 8, width: 16, height: 40 }]);
      return { data: map, dims: [1, 1, 64, 32] };
    });
    const part = { x: 32, y: 0, width: 64, height: 32 };
    const found = await detectLines(image, part, model, { turned: true });
    // (10, 3) of the part lies in column 32 − 1 − 3 and row 10.
    expect(black).toBe(10 * 32 + 28);
    // Columns 4.5 … 19.5 from the right edge, which is the part's bottom; rows 8.5 … 47.5.
    expect(found).toHaveLength(1);
    expectPoints(
      [...(found[0]?.quad ?? [])].sort(([ax, ay], [bx, by]) => ax - bx || ay - by),
      [
        [40.5, 12.5],
        [40.5, 27.5],
        [79.5, 12.5],
        [79.5, 27.5],
      ],
    );
  });
});

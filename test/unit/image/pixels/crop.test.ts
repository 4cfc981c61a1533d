import { describe, expect, it } from "vitest";
import { cropImage } from "../../../../src/image/pixels/crop.ts";
import type { RgbaImage } from "../../../../src/types.ts";

/** Each pixel holds its own place. */
const IMAGE: RgbaImage = {
  data: Uint8Array.from({ length: 10 * 6 * 4 }, (_, i) => (i % 4 === 3 ? 255 : i >> 2)),
  width: 10,
  height: 6,
};

describe("cropImage", () => {
  it("copies whole pixels around the box", () => {
    const picture = cropImage(IMAGE, { x: 2.4, y: 1.5, width: 3.2, height: 2.5 });
    expect(picture).toMatchObject({ width: 4, height: 3 });
    expect(picture?.data.filter((_, i) => i % 4 === 0)).toEqual(
      Uint8Array.of(12, 13, 14, 15, 22, 23, 24, 25, 32, 33, 34, 35),
    );
    picture?.data.fill(0);
    expect(IMAGE.data[12 * 4]).toBe(12);
  });

  it("is cut at the image's edges, and nothing beyond them", () => {
    expect(cropImage(IMAGE, { x: -3, y: 4, width: 5, height: 9 })).toMatchObject({
      width: 2,
      height: 2,
    });
    expect(cropImage(IMAGE, { x: 10, y: 0, width: 5, height: 5 })).toBeUndefined();
  });
});

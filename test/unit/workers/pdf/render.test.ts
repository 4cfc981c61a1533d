import { describe, expect, it } from "vitest";
import { pixelSize } from "../../../../workers/pdf/render.ts";

describe("the size of a page in pixels", () => {
  it("is what was asked for, where that is allowed", () => {
    expect(pixelSize(612, 792, 200, 1e8)).toEqual({ width: 1700, height: 2200, scale: 200 / 72 });
    expect(pixelSize(595.28, 841.89, 144, 1e8)).toMatchObject({ width: 1190, height: 1683 });
  });

  it.each([
    [14_400, 14_400, 600, 1e8],
    [14_400, 1, 600, 1e8],
    [1, 14_400, 9600, 1e6],
    [612, 792, 200, 1],
    [0.001, 1e7, 72, 1e6],
  ])("never exceeds the limits: %d × %d at %d dpi", (width, height, dpi, maxPixels) => {
    const size = pixelSize(width, height, dpi, maxPixels);
    expect(size.width * size.height).toBeLessThanOrEqual(maxPixels);
    expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(16_384);
    expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
  });

  it("does not exist for pages without an area", () => {
    expect(() => pixelSize(0, 10, 72, 1e6)).toThrow(/damaged/);
    expect(() => pixelSize(Number.NaN, 10, 72, 1e6)).toThrow(/damaged/);
  });
});

import { describe, expect, it } from "vitest";
import { bicubicToPlanes } from "../../../../src/image/pixels/bicubic.ts";
import type { RgbaImage } from "../../../../src/types.ts";

const WIDTH = 13;
const HEIGHT = 9;
/** Red, green and blue wrap around at different places, so that the cubic overshoots. */
const PATTERN: RgbaImage = {
  data: Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % WIDTH, Math.floor((i >> 2) / WIDTH)];
    return i % 4 === 3 ? 255 : (x * 37 + y * 91 + (i % 4) * 50) % 256;
  }),
  width: WIDTH,
  height: HEIGHT,
};

/** `cv2.resize(pattern, (7, 5), interpolation=cv2.INTER_CUBIC)[:, :, 0]` of OpenCV 4. */
const REDUCED = [
  40, 135, 188, 151, 58, 150, 154, 191, 0, 88, 177, 210, 15, 120, 121, 205, 0, 74, 141, 238, 7, 73,
  85, 196, 22, 94, 102, 214, 212, 105, 58, 153, 83, 145, 79,
];
/** The first two rows of the same to 20 × 12. */
const ENLARGED = [
  0, 8, 37, 57, 84, 108, 128, 163, 199, 252, 163, 0, 0, 45, 67, 91, 117, 137, 177, 205, 45, 60, 94,
  135, 170, 192, 233, 170, 67, 93, 92, 52, 64, 107, 148, 176, 206, 235, 149, 59,
];

function resize(
  width: number,
  height: number,
  channels: "rgb" | "bgr" = "rgb",
): { planes: Float32Array; size: number } {
  const size = width * height;
  const planes = new Float32Array(3 * size);
  const normalisation = { channels, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  bicubicToPlanes(PATTERN, width, height, normalisation, planes);
  return { planes: planes.map((value) => Math.round(value * 255)), size };
}

describe("bicubic resampling", () => {
  it.each([
    [7, 5, REDUCED],
    [20, 12, ENLARGED],
  ])("to %i × %i is that of OpenCV", (width, height, expected) => {
    const { planes } = resize(width, height);
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - (planes[i] ?? 0))));
    // OpenCV computes bytes with weights of 11 bits.
    expect(worst).toBeLessThanOrEqual(1);
  });

  it("puts the channels in the order of the network", () => {
    const { planes, size } = resize(7, 5);
    const swapped = resize(7, 5, "bgr").planes;
    expect(swapped.subarray(0, size)).toEqual(planes.subarray(2 * size));
    expect(swapped.subarray(size, 2 * size)).toEqual(planes.subarray(size, 2 * size));
  });

  it("normalises what it has", () => {
    const planes = new Float32Array(3 * WIDTH * HEIGHT);
    const normalisation = { channels: "rgb", mean: [0.5, 0, 0], std: [0.25, 1, 1] } as const;
    bicubicToPlanes(PATTERN, WIDTH, HEIGHT, normalisation, planes);
    expect(planes[3]).toBeCloseTo((111 / 255 - 0.5) / 0.25, 5);
  });
});

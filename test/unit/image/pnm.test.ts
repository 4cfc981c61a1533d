import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../src/image/decode.ts";
import { expectCode, LIMITS, pngOnly, rgb, text } from "./helpers.ts";

const decode = (bytes: Uint8Array): ReturnType<typeof decodeImage> =>
  decodeImage(bytes, LIMITS, pngOnly);

const bytesOf = (head: string, ...samples: number[]): Uint8Array =>
  Uint8Array.from([...text(head), ...samples]);

const grey = (value: number): number[] => [value, value, value];

describe("PBM, PGM and PPM", () => {
  it.each([
    ["P1", text("P1 # bits\n3 2\n1 0 1\n010"), [0, 255, 0, 255, 0, 255].map(grey)],
    ["P2", text("P2\n2 1\n# most\n15\n0 15\n"), [0, 255].map(grey)],
    [
      "P3",
      text("P3 1 2 255 1 2 3  4 5 6"),
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      "P4",
      bytesOf("P4\n9 2\n", 0x80, 0x80, 0x7f, 0),
      [0, ...new Array<number>(7).fill(255), 0, 255, ...new Array<number>(7).fill(0), 255].map(
        grey,
      ),
    ],
    ["P5", bytesOf("P5 2 1 255\n", 7, 200), [7, 200].map(grey)],
    ["P5, 16 bits", bytesOf("P5 2 1 65535\n", 0, 0, 255, 255), [0, 255].map(grey)],
    [
      "P6",
      bytesOf("P6\n1 2\n255\n", 1, 2, 3, 4, 5, 6),
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
  ])("%s", async (_, bytes, pixels) => {
    expect(rgb(await decode(bytes))).toEqual(pixels);
  });

  it.each([
    ["cut pixels", bytesOf("P6\n2 2\n255\n", 1, 2, 3)],
    ["cut text", text("P2 2 2 255 1 2 3")],
    ["no size", text("P5\n# nothing\n")],
    ["a largest value of 0", text("P2 1 1 0 0")],
  ])("refuses %s", async (_, bytes) => {
    await expectCode(() => decode(bytes), "IMAGE_CORRUPT");
  });

  it("is bounded before a pixel is decoded", async () => {
    await expectCode(() => decode(text("P1 90000 90000 1")), "IMAGE_TOO_LARGE");
  });
});

import { inflateSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePng } from "../../../../src/image/png/decode.ts";
import { encodePng } from "../../../../src/image/png/write.ts";
import type { RgbaImage } from "../../../../src/types.ts";

/** Opaque pixels with one value of `next` in each channel. */
function picture(
  width: number,
  height: number,
  next: (pixel: number, channel: number) => number,
): RgbaImage {
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : next(i >> 2, i % 4),
  );
  return { data, width, height };
}

/** Bits, colour type and the filters of the rows. */
function formatOf(png: Uint8Array, { width, height }: RgbaImage): number[] {
  const view = new DataView(png.buffer, png.byteOffset);
  const [bits, colourType] = [view.getUint8(24), view.getUint8(25)];
  const rows = inflateSync(png.subarray(41, 41 + view.getUint32(33)));
  const stride = ((width * bits * (colourType === 2 ? 3 : 1) + 7) >> 3) + 1;
  expect(rows).toHaveLength(stride * height);
  const filters = Array.from({ length: height }, (_, y) => rows[y * stride] as number);
  return [bits, colourType, ...new Set(filters)];
}

describe("encodePng", () => {
  it("keeps every pixel, whatever the picture", async () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 12 }),
      kind: fc.constantFrom("colour", "grey", "two"),
      seed: fc.infiniteStream(fc.nat(255)),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ width, height, kind, seed }) => {
        const greys = Array.from({ length: width * height }, () => seed.next().value);
        const image = picture(width, height, (pixel, channel) => {
          const grey = greys[pixel] as number;
          if (kind === "two") return grey < 128 ? 0 : 255;
          return kind === "grey" ? grey : (grey * (channel + 1)) & 255;
        });
        expect(await decodePng(await encodePng(image))).toEqual(image);
      }),
    );
  });

  it("is as small as the colours allow", async () => {
    const text = picture(33, 5, (pixel) => (pixel % 3 === 0 ? 0 : 255));
    expect(formatOf(await encodePng(text), text)).toEqual([1, 0, 0]);
    const across = picture(33, 5, (pixel) => (((pixel * 7919) >> 12) % 9) * 9 + (pixel % 33) * 5);
    expect(formatOf(await encodePng(across), across)).toContain(1);
    const down = picture(33, 5, (pixel) => ((pixel % 33) * 7919) % 250);
    expect(formatOf(await encodePng(down), down)).toContain(2);
    const colour = picture(33, 5, (pixel, channel) => pixel + channel);
    expect(formatOf(await encodePng(colour), colour).slice(0, 2)).toEqual([8, 2]);
  });

  it("goes in strips through a picture of several megabytes, and stops between them", async () => {
    const image = picture(1500, 1500, (pixel, channel) => (pixel * 31 + channel) & 255);
    const png = await encodePng(image);
    const { data } = await decodePng(png);
    expect(Buffer.from(data).equals(Buffer.from(image.data))).toBe(true);
    const abort = new AbortController();
    const encoding = encodePng(image, abort.signal);
    abort.abort();
    await expect(encoding).rejects.toMatchObject({ code: "ABORTED" });
  });
});

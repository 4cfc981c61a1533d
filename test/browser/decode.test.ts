import { describe, expect, it } from "vitest";
import { decodeImage } from "../../src/image/decode.ts";
import { browserDecoder, pixelsFromBitmap } from "../../src/image/decode-browser.ts";
import type { RgbaImage } from "../../src/types.ts";
import { encodePng } from "../fixtures/encode-png.ts";
import { expectPicture, HALF, OPAQUE } from "../fixtures/picture.ts";

const limits = { maxBytes: 1e6, maxPixels: 1e6, maxSide: 5000 };

async function fixture(name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`../fixtures/images/${name}`, import.meta.url));
  return new Uint8Array(await response.arrayBuffer());
}

function decode(bytes: Uint8Array): Promise<RgbaImage> {
  return decodeImage(bytes, limits, browserDecoder);
}

describe("the browser decoder", () => {
  it.each(OPAQUE)("decodes %s", async (name) => expectPicture(await decode(await fixture(name))));

  it.each(HALF)("blends %s on white", async (name) =>
    expectPicture(await decode(await fixture(name)), 127),
  );

  it("does not turn WebP", async () => {
    const { width, height } = await decode(await fixture("orientation-6.webp"));
    expect([width, height]).toEqual([16, 24]);
  });

  it("reads black text on nothing as black on white", async () => {
    const pixel = (x: number): number[] => [0, 0, 0, x === 1 ? 255 : 0];
    const { data } = await decode(
      encodePng({ width: 2, height: 1, bits: 8, colourType: 6, pixel }),
    );
    expect([...data]).toEqual([255, 255, 255, 255, 0, 0, 0, 255]);
  });

  it("keeps the high byte of 16 bits, give or take rounding", async () => {
    const pixel = (x: number): number[] => [x * 20000];
    const { data } = await decode(
      encodePng({ width: 3, height: 1, bits: 16, colourType: 0, pixel }),
    );
    for (const x of [0, 1, 2]) {
      expect(Math.abs((data[x * 4] ?? 0) - (x * 20000) / 257)).toBeLessThanOrEqual(1);
    }
  });

  it("accepts shared memory", async () => {
    const bytes = await fixture("orientation-6.jpg");
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expectPicture(await decode(shared));
  });

  it("calls cut files damaged", async () => {
    for (const name of OPAQUE) {
      const bytes = await fixture(name);
      if (name === "still.gif") continue; // needs no trailer
      await expect(decode(bytes.slice(0, bytes.length - 30))).rejects.toMatchObject({
        code: "IMAGE_CORRUPT",
      });
    }
  });

  it("leaves a bitmap open for its owner", async () => {
    const bytes = (await fixture("lossless.webp")).slice();
    const bitmap = await createImageBitmap(new Blob([bytes]));
    expectPicture(pixelsFromBitmap(bitmap));
    expect(bitmap.width).toBe(24);
    bitmap.close();
  });
});

import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../../src/image/decode.ts";
import type { RgbaImage } from "../../../../src/types.ts";
import { storedZlib } from "../../../fixtures/encode-png.ts";
import { encodeTiff } from "../../../fixtures/encode-tiff.ts";
import { expectCode, fixture, grey, LIMITS, outcome, pngOnly, rgb } from "../helpers.ts";

const decode = (bytes: Uint8Array): Promise<RgbaImage> => decodeImage(bytes, LIMITS, pngOnly);
const RGB = { 258: [8, 8, 8], 262: [2], 277: [3] };
const GREY = { 258: [8], 262: [1], 277: [1] };

/** Bits as a string, packed into bytes. */
function bits(text: string): number[] {
  const padded = text.replaceAll(" ", "");
  return Array.from({ length: Math.ceil(padded.length / 8) }, (_, i) =>
    Number.parseInt(padded.slice(i * 8, i * 8 + 8).padEnd(8, "0"), 2),
  );
}

describe("TIFF", () => {
  it("decodes strips of RGB", async () => {
    const tags = { 256: [2], 257: [2], 278: [1], ...RGB };
    const image = await decode(
      encodeTiff({
        tags,
        strips: [
          [1, 2, 3, 4, 5, 6],
          [7, 8, 9, 10, 11, 12],
        ],
      }),
    );
    expect(rgb(image)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
      [10, 11, 12],
    ]);
  });

  it("decodes planes that lie apart", async () => {
    const tags = { 256: [2], 257: [1], 278: [1], 284: [2], ...RGB };
    const image = await decode(
      encodeTiff({
        tags,
        strips: [
          [1, 4],
          [2, 5],
          [3, 6],
        ],
      }),
    );
    expect(rgb(image)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("decodes tiles that reach over the edge", async () => {
    const tags = { 256: [3], 257: [3], 322: [2], 323: [2], ...GREY };
    const strips = [
      [1, 2, 4, 5],
      [3, 0, 6, 0],
      [7, 8, 0, 0],
      [9, 0, 0, 0],
    ];
    expect(grey(await decode(encodeTiff({ tags, strips, tiled: true })))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
  });

  it.each([true, false])(
    "keeps the high byte of 16 bits, little endian %s",
    async (littleEndian) => {
      const tags = { 256: [2], 257: [1], 258: [16], 262: [1] };
      const strip = littleEndian ? [0, 17, 255, 34] : [17, 0, 34, 255];
      expect(grey(await decode(encodeTiff({ littleEndian, tags, strips: [strip] })))).toEqual([
        [17, 34],
      ]);
    },
  );

  it("sums differences per channel", async () => {
    const tags = { 256: [3], 257: [1], 317: [2], ...RGB };
    const image = await decode(encodeTiff({ tags, strips: [[10, 20, 250, 1, 2, 10, 1, 2, 3]] }));
    expect(rgb(image)).toEqual([
      [10, 20, 250],
      [11, 22, 4],
      [12, 24, 7],
    ]);
  });

  it("inflates, also with a pad byte behind the stream", async () => {
    const raw = Array.from({ length: 300 * 300 }, (_, i) => i % 251);
    const tags = { 256: [300], 257: [300], 259: [8], ...GREY };
    const image = await decode(encodeTiff({ tags, strips: [[...storedZlib(raw), 0]] }));
    expect(grey(image).flat()).toEqual(raw);
  });

  it("unpacks PackBits and LZW", async () => {
    const tags = { 256: [6], 257: [1], ...GREY };
    const packed = encodeTiff({ tags: { ...tags, 259: [32773] }, strips: [[1, 7, 8, 253, 9]] });
    expect(grey(await decode(packed))).toEqual([[7, 8, 9, 9, 9, 9]]);
    // Clear, 7, then 258 = "7 7" before it is complete, then 259 = "7 7 7" likewise, end.
    const codes = [256, 7, 258, 259, 257].map((code) => code.toString(2).padStart(9, "0")).join("");
    const lzw = encodeTiff({ tags: { ...tags, 259: [5] }, strips: [bits(codes)] });
    expect(grey(await decode(lzw))).toEqual([[7, 7, 7, 7, 7, 7]]);
  });

  it("reads fax rows", async () => {
    const tags = { 256: [8], 257: [2], 258: [1], 262: [0] };
    // One-dimensional: 2 white (0111), 3 black (10), 3 white (1000); then all white (10011).
    const rows = [
      [255, 255, 0, 0, 0, 255, 255, 255],
      [255, 255, 255, 255, 255, 255, 255, 255],
    ];
    const rle = {
      tags: { ...tags, 259: [2] },
      strips: [[...bits("0111 10 1000"), ...bits("10011")]],
    };
    expect(grey(await decode(encodeTiff(rle)))).toEqual(rows);
    const eol = "000000000001";
    const g3 = {
      tags: { ...tags, 259: [3] },
      strips: [bits(`${eol} 0111 10 1000 ${eol} 10011 ${eol.repeat(6)}`)],
    };
    expect(grey(await decode(encodeTiff(g3)))).toEqual(rows);
    // Group 4: horizontal 2 white 3 black, vertical 0 to the edge; then pass over the black, vertical 0.
    const g4 = { tags: { ...tags, 259: [4] }, strips: [bits(`001 0111 10 1 0001 1 ${eol}${eol}`)] };
    expect(grey(await decode(encodeTiff(g4)))).toEqual(rows);
    const reversed = bits(`001 0111 10 1 0001 1 ${eol}${eol}`).map((byte) =>
      Number.parseInt(Array.from(byte.toString(2).padStart(8, "0")).toReversed().join(""), 2),
    );
    const lsb = { tags: { ...tags, 259: [4], 266: [2] }, strips: [reversed] };
    expect(grey(await decode(encodeTiff(lsb)))).toEqual(rows);
  });

  it("decodes palettes, CMYK and alpha", async () => {
    const colourMap = [0x1100, 0x2200, 0x3300, 0x4400, 0x5500, 0x6600, 0x7700, 0x8800];
    const map = [...colourMap, 0, 0, 0, 0];
    const indexed = { 256: [4], 257: [1], 258: [2], 262: [3], 320: map };
    const image = await decode(encodeTiff({ tags: indexed, strips: [[0b00011011]] }));
    expect(rgb(image)).toEqual([
      [0x11, 0x55, 0],
      [0x22, 0x66, 0],
      [0x33, 0x77, 0],
      [0x44, 0x88, 0],
    ]);
    const cmyk = { 256: [1], 257: [1], 258: [8, 8, 8, 8], 262: [5], 277: [4] };
    expect(rgb(await decode(encodeTiff({ tags: cmyk, strips: [[0, 255, 128, 0]] })))).toEqual([
      [255, 0, 127],
    ]);
    const rgba = { 256: [1], 257: [1], 258: [8, 8, 8, 8], 262: [2], 277: [4], 338: [2] };
    expect(rgb(await decode(encodeTiff({ tags: rgba, strips: [[0, 0, 0, 0]] })))).toEqual([
      [255, 255, 255],
    ]);
    const premultiplied = { ...rgba, 338: [1] };
    // 100 of 200 at alpha 128 is 199 straight; on white (199·128 + 255·127)/255 = 226.9
    expect(
      rgb(await decode(encodeTiff({ tags: premultiplied, strips: [[100, 0, 0, 128]] }))),
    ).toEqual([[227, 127, 127]]);
  });

  it("reads files of another writer", async () => {
    const image = await decode(fixture("lzw.tif"));
    expect([rgb(image)[0], rgb(image)[23], rgb(image)[15 * 24]]).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
    expect(grey(await decode(fixture("group4.tif")))[15]?.slice(12)).toEqual(
      Array.from({ length: 12 }, () => 255),
    );
  });

  it("ends with a typed error on hostile numbers", async () => {
    const tags = { 256: [8], 257: [8], 258: [1], 262: [0] };
    const noise = Array.from({ length: 5000 }, (_, i) => (i * 197 + 31) % 256);
    for (const compression of [2, 3, 4, 5, 8, 32773, 7, 6, 99]) {
      const bytes = encodeTiff({ tags: { ...tags, 259: [compression] }, strips: [noise] });
      const result = await outcome(() => decode(bytes));
      expect(result).toMatchObject({ brand: "glyphpool.error" });
    }
    await expectCode(
      () => decode(encodeTiff({ tags: { ...tags, 277: [60000] }, strips: [[0]] })),
      "IMAGE_CORRUPT",
    );
    const tiles = { ...tags, 322: [4_000_000_000], 323: [4_000_000_000] };
    await expectCode(
      () => decode(encodeTiff({ tags: tiles, strips: [[0]], tiled: true })),
      "IMAGE_CORRUPT",
    );
    await expectCode(
      () => decode(encodeTiff({ tags: { ...tags, 258: [64] }, strips: [[0]] })),
      "UNSUPPORTED_FORMAT",
    );
  });
});

import { describe, expect, it } from "vitest";
import { readImageHeader } from "../../../../src/image/headers/header.ts";
import { checkImageLimits } from "../../../../src/image/decode.ts";
import { encodeBmp } from "../../../fixtures/encode-bmp.ts";
import { encodeGif } from "../../../fixtures/encode-gif.ts";
import { encodePng, ihdr, PNG_SIGNATURE } from "../../../fixtures/encode-png.ts";
import { encodeTiff } from "../../../fixtures/encode-tiff.ts";
import { expectCode, fixture, LIMITS, outcome, text } from "../helpers.ts";

const EXIF_6 = [
  0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
];

describe("readImageHeader", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("gives the upright size of a JPEG of orientation %i", (n) => {
    expect(readImageHeader(fixture(`orientation-${n}.jpg`))).toEqual({
      format: "jpeg",
      width: 24,
      height: 16,
      orientation: n,
    });
  });

  it.each([2, 3, 4, 5, 6, 7, 8])("reads irot and imir of an AVIF as orientation %i", (n) => {
    const header = readImageHeader(fixture(`orientation-${n}.avif`));
    expect(header).toEqual({ format: "avif", width: 24, height: 16, orientation: n });
  });

  it.each([
    ["lossy.webp", 24, 16],
    ["lossless.webp", 24, 16],
    ["alpha-lossy.webp", 24, 16],
    ["orientation-6.webp", 16, 24], // browsers do not turn WebP, so neither do we
  ])("reads %s", (name, width, height) => {
    expect(readImageHeader(fixture(name))).toEqual({
      format: "webp",
      width,
      height,
      orientation: 1,
    });
  });

  it("applies eXIf of a PNG", () => {
    const pixel = (): number[] => [0];
    const source = { width: 3, height: 5, bits: 8, colourType: 0, pixel };
    const bytes = encodePng({ ...source, chunks: [["eXIf", EXIF_6]] });
    expect(readImageHeader(bytes)).toMatchObject({ width: 5, height: 3, orientation: 6 });
    expect(readImageHeader(encodePng(source))).toMatchObject({
      width: 3,
      height: 5,
      orientation: 1,
    });
  });

  describe("tells the pixels per inch", () => {
    const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
    const png = (x: number, y: number, unit: number): Uint8Array =>
      encodePng({
        width: 1,
        height: 1,
        bits: 8,
        colourType: 0,
        pixel: () => [0],
        chunks: [["pHYs", [...u32(x), ...u32(y), unit]]],
      });
    const jpeg = (unit: number, x: number, y: number): Uint8Array => {
      const bytes = fixture("gray.jpg").slice();
      bytes.set([unit, x >> 8, x & 255, y >> 8, y & 255], 13);
      return bytes;
    };
    const tiff = (x: number[], y: number[], unit?: number): Uint8Array =>
      encodeTiff({
        tags: {
          256: [1],
          257: [1],
          258: [8],
          262: [1],
          282: x,
          283: y,
          ...(unit === undefined ? {} : { 296: [unit] }),
        },
        strips: [[0]],
      });

    it.each([
      ["pHYs", png(11_811, 11_811, 1), 300],
      ["JFIF, in inches", jpeg(1, 600, 600), 600],
      ["JFIF, in centimetres", jpeg(2, 118, 118), 299.7],
      ["TIFF, in inches", tiff([200, 1], [200, 1]), 200],
      ["TIFF, in centimetres", tiff([11_811, 100], [11_811, 100], 3), 300],
      ["axes that were rounded", tiff([300_507, 1000], [300_482, 1000], 2), 300.5],
    ])("of %s", (_name, bytes, dpi) => {
      expect(readImageHeader(bytes).dpi).toBe(dpi);
    });

    it.each([
      ["a ratio without a unit", png(11_811, 11_811, 0)],
      ["no unit in JFIF", jpeg(0, 300, 300)],
      ["no unit in TIFF", tiff([300, 1], [300, 1], 1)],
      ["the 72 of programs that do not know", jpeg(1, 72, 72)],
      ["the oblong pixels of a fax", tiff([204, 1], [98, 1])],
      ["a division by zero", tiff([300, 0], [300, 0])],
      ["no scanner's number", jpeg(1, 30_000, 30_000)],
    ])("but not by %s", (_name, bytes) => {
      expect(readImageHeader(bytes)).not.toHaveProperty("dpi");
    });

    it("and does without where the number lies outside of the TIFF", () => {
      const bytes = tiff([300, 1], [300, 1]);
      const view = new DataView(bytes.buffer);
      const directory = view.getUint32(4, true);
      for (let i = 0; i < view.getUint16(directory, true); i++) {
        const entry = directory + 2 + i * 12;
        if (view.getUint16(entry, true) === 282) view.setUint32(entry + 8, 1e6, true);
      }
      const header = readImageHeader(bytes);
      expect(header).toMatchObject({ width: 1, height: 1 });
      expect(header).not.toHaveProperty("dpi");
    });
  });

  it("reads BMP with rows from the top and with an OS/2 header", () => {
    const rows = [[0], [0]];
    const palette = [0, 0, 0, 0, 255, 255, 255, 0];
    const top = encodeBmp({ width: 2, height: -2, bits: 1, rows, palette });
    expect(readImageHeader(top)).toMatchObject({ format: "bmp", width: 2, height: 2 });
    const os2 = encodeBmp({
      width: 2,
      height: 2,
      bits: 1,
      rows,
      palette: [0, 0, 0, 9, 9, 9],
      os2: true,
    });
    expect(readImageHeader(os2)).toMatchObject({ format: "bmp", width: 2, height: 2 });
  });

  it("grows a GIF's screen to its frame, as browsers do", () => {
    const palette = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3];
    const bytes = encodeGif({
      width: 3,
      height: 2,
      screen: [0, 0],
      palette,
      indices: [0, 0, 0, 0, 0, 0],
    });
    expect(readImageHeader(bytes)).toMatchObject({ format: "gif", width: 3, height: 2 });
  });

  it.each([true, false])("reads TIFF, little endian %s", (littleEndian) => {
    const tags = { 256: [7], 257: [9], 274: [8] };
    expect(readImageHeader(encodeTiff({ littleEndian, tags, strips: [[0]] }))).toEqual({
      format: "tiff",
      width: 9,
      height: 7,
      orientation: 8,
      pages: 1,
    });
  });

  it("survives a TIFF whose directories form a ring", () => {
    const bytes = encodeTiff({ tags: { 256: [7], 257: [9] }, strips: [[0]] });
    const view = new DataView(bytes.buffer);
    const start = view.getUint32(4, true);
    view.setUint32(start + 2 + view.getUint16(start, true) * 12, start, true);
    expect(readImageHeader(bytes).pages).toBe(1);
  });

  it("takes views into larger buffers", () => {
    const bytes = fixture("orientation-6.jpg");
    const padded = new Uint8Array(bytes.length + 20);
    padded.set(bytes, 7);
    const header = readImageHeader(padded.subarray(7, 7 + bytes.length));
    expect(header).toMatchObject({ width: 24, height: 16, orientation: 6 });
  });

  it("names what is wrong with bytes that are no image", async () => {
    await expectCode(() => readImageHeader(new Uint8Array(0)), "INVALID_INPUT");
    await expectCode(
      () => readImageHeader(text("plain text, saved as .png")),
      "UNSUPPORTED_FORMAT",
    );
    await expectCode(
      () => readImageHeader(text("BMW is a company, not a bitmap")),
      "UNSUPPORTED_FORMAT",
    );
    await expectCode(
      () => readImageHeader(text("\0\0\0\x18ftypheic\0\0\0\0")),
      "UNSUPPORTED_FORMAT",
    );
    const cases: readonly (readonly [bytes: string, name: RegExp])[] = [
      ["\0\0\0\x18ftypheic\0\0\0\0", /HEIC.*JPEG, PNG or AVIF/],
      ["\0\0\0\x0cJXL \r\n\x87\n", /JPEG XL.*Convert it to PNG/],
      ["\0\0\0\x0cjP  \r\n\x87\n", /JPEG 2000.*Convert it to PNG/],
      ["8BPS\0\x01", /Photoshop/],
      ['<svg xmlns="http://www.w3.org/2000/svg">', /SVG/],
    ];
    for (const [bytes, name] of cases) {
      const foreign = await expectCode(() => readImageHeader(text(bytes)), "UNSUPPORTED_FORMAT");
      expect(foreign.message).toMatch(name);
    }
    const pdf = await expectCode(() => readImageHeader(text("%PDF-1.7 ...")), "UNSUPPORTED_FORMAT");
    expect(pdf.message).toContain("PDF");
  });

  it.each([
    "orientation-1.jpg",
    "orientation-6.png",
    "lossy.webp",
    "plain.avif",
    "still.gif",
    "lzw.tif",
  ])("is typed for every cut of the first bytes of %s", async (name) => {
    const bytes = fixture(name);
    for (let length = 1; length < Math.min(bytes.length, 400); length++) {
      const result = await outcome(() => readImageHeader(bytes.subarray(0, length)));
      expect(result).toMatchObject({ brand: "glyphpool.error" });
    }
  });
});

describe("checkImageLimits", () => {
  it("refuses a bomb by its header, naming size and limit", async () => {
    const bomb = Uint8Array.from([...PNG_SIGNATURE, ...ihdr(60000, 60000, 8, 6)]);
    expect(bomb.length).toBeLessThan(100);
    const header = readImageHeader(bomb);
    const limits = { maxBytes: 1e6, maxPixels: 1e8, maxSide: 100_000 };
    const error = await expectCode(
      () => checkImageLimits(header, bomb.length, limits),
      "IMAGE_TOO_LARGE",
    );
    expect(error.message).toContain("60000 × 60000");
    expect(error.message).toContain("100000000");
  });

  it("checks sides and bytes, and lets the limit itself pass", async () => {
    const size = { width: 10, height: 5 };
    const limits = { maxBytes: 100, maxPixels: 50, maxSide: 10 };
    checkImageLimits(size, 100, limits);
    await expectCode(() => checkImageLimits(size, 101, limits), "IMAGE_TOO_LARGE");
    await expectCode(() => checkImageLimits(size, 1, { ...LIMITS, maxSide: 9 }), "IMAGE_TOO_LARGE");
    await expectCode(
      () => checkImageLimits(size, 1, { ...LIMITS, maxPixels: 49 }),
      "IMAGE_TOO_LARGE",
    );
  });
});

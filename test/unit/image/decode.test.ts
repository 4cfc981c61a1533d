import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../src/image/decode.ts";
import { toOrientation } from "../../../src/image/headers/exif.ts";
import { applyOrientation } from "../../../src/image/pixels/orient.ts";
import type { PlatformDecoder } from "../../../src/image/platform-decoder.ts";
import type { RgbaImage } from "../../../src/types.ts";
import { encodeBmp } from "../../fixtures/encode-bmp.ts";
import { encodeGif } from "../../fixtures/encode-gif.ts";
import { encodePng, ihdr, pngChunk, PNG_SIGNATURE, storedZlib } from "../../fixtures/encode-png.ts";
import { expectCode, fixture, grey, LIMITS, pngOnly, rgb, text } from "./helpers.ts";

const decode = (bytes: Uint8Array): Promise<RgbaImage> => decodeImage(bytes, LIMITS, pngOnly);

describe("applyOrientation", () => {
  // Stored: 1 2 3 over 4 5 6.
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((v) => [v, v, v, 255]));
  it.each([
    [
      1,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      2,
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
    ],
    [
      3,
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      4,
      [
        [4, 5, 6],
        [1, 2, 3],
      ],
    ],
    [
      5,
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      6,
      [
        [4, 1],
        [5, 2],
        [6, 3],
      ],
    ],
    [
      7,
      [
        [6, 3],
        [5, 2],
        [4, 1],
      ],
    ],
    [
      8,
      [
        [3, 6],
        [2, 5],
        [1, 4],
      ],
    ],
  ])("turns orientation %i", (value, rows) => {
    expect(grey(applyOrientation({ data, width: 3, height: 2 }, toOrientation(value)))).toEqual(
      rows,
    );
  });
});

describe("PNG", () => {
  const at = (x: number, y: number, most: number): number => (x * 7 + y * 3) % (most + 1);
  const depths = [
    [0, 1],
    [0, 2],
    [0, 4],
    [0, 8],
    [0, 16],
    [2, 8],
    [2, 16],
    [4, 8],
    [4, 16],
    [6, 8],
    [6, 16],
  ] as const;
  it.each(
    depths.flatMap(
      ([type, bits]) =>
        [
          [type, bits, false],
          [type, bits, true],
        ] as const,
    ),
  )("decodes colour type %i at %i bits, interlaced %s", async (colourType, bits, interlaced) => {
    const most = 2 ** bits - 1;
    const colours = colourType === 2 || colourType === 6 ? 3 : 1;
    const pixel = (x: number, y: number): number[] => {
      const samples = Array.from({ length: colours }, (_, c) => at(x + c, y, most));
      return colourType >= 4 ? [...samples, most] : samples;
    };
    const image = await decode(
      encodePng({ width: 11, height: 9, bits, colourType, interlaced, pixel }),
    );
    const expected: number[][] = [];
    for (let y = 0; y < 9; y++) {
      for (let x = 0; x < 11; x++) {
        const samples = pixel(x, y).slice(0, colours);
        const bytes = samples.map((v) => (bits === 16 ? v >> 8 : Math.round((v * 255) / most)));
        expected.push(colours === 3 ? bytes : [bytes[0] ?? 0, bytes[0] ?? 0, bytes[0] ?? 0]);
      }
    }
    expect(rgb(image)).toEqual(expected);
  });

  it("blends alpha on white", async () => {
    const pixel = (x: number): number[] => [0, 100, 200, [0, 128, 255][x] ?? 0];
    const image = await decode(encodePng({ width: 3, height: 1, bits: 8, colourType: 6, pixel }));
    // 0·128/255 + 127 = 127; (100·128 + 255·127)/255 = 177.2; (200·128 + 255·127)/255 = 227.4
    expect(rgb(image)).toEqual([
      [255, 255, 255],
      [127, 177, 227],
      [0, 100, 200],
    ]);
    expect(image.data[7]).toBe(255);
  });

  it("inverts see-through images in which nothing is dark", async () => {
    const pixel = (x: number): number[] => [240, 250, 255, [0, 128, 255][x] ?? 0];
    const image = await decode(encodePng({ width: 3, height: 1, bits: 8, colourType: 6, pixel }));
    // (15·128 + 255·127)/255 = 134.5, (5·128 + 255·127)/255 = 129.5
    expect(rgb(image)).toEqual([
      [255, 255, 255],
      [135, 130, 127],
      [15, 5, 0],
    ]);
  });

  it("honours the see-through colour of palettes, grey and RGB", async () => {
    const palette: [string, number[]][] = [
      ["PLTE", [9, 9, 9, 8, 8, 8]],
      ["tRNS", [0]],
    ];
    const indexed = { width: 2, height: 1, bits: 1, colourType: 3, chunks: palette };
    expect(grey(await decode(encodePng({ ...indexed, pixel: (x) => [x] })))).toEqual([[255, 8]]);
    const key: [string, number[]][] = [["tRNS", [0, 3]]];
    const single = { width: 2, height: 1, bits: 4, colourType: 0, chunks: key };
    expect(grey(await decode(encodePng({ ...single, pixel: (x) => [x + 3] })))).toEqual([
      [255, 68],
    ]);
    const rgbKey: [string, number[]][] = [["tRNS", [0, 1, 0, 2, 0, 3]]];
    const three = { width: 2, height: 1, bits: 8, colourType: 2, chunks: rgbKey };
    expect(grey(await decode(encodePng({ ...three, pixel: (x) => [1, 2, 3 + x] })))).toEqual([
      [255, 1],
    ]);
  });

  it("undoes all five filters", async () => {
    const rows = [
      [0, 10, 20, 30],
      [1, 1, 2, 3],
      [2, 1, 1, 1],
      [3, 10, 10, 10],
      [4, 5, 5, 5],
    ].flat();
    const parts = [ihdr(3, 5, 8, 0), pngChunk("IDAT", storedZlib(rows)), pngChunk("IEND", [])];
    const image = await decode(Uint8Array.from([...PNG_SIGNATURE, ...parts.flat()]));
    // Average: 10+(0+2)/2, 10+(11+4)/2, 10+(17+7)/2. Paeth: up 11; then up 17 (nearest to 16+17−11); then 22.
    expect(grey(image)).toEqual([
      [10, 20, 30],
      [1, 3, 6],
      [2, 4, 7],
      [11, 17, 22],
      [16, 22, 27],
    ]);
  });

  it("turns by eXIf exactly once", async () => {
    const image = await decode(fixture("orientation-6.png"));
    expect([image.width, image.height]).toEqual([24, 16]);
    expect(rgb(image)[0]).toEqual([255, 0, 0]);
    expect(rgb(image)[23]).toEqual([0, 255, 0]);
  });

  it("refuses damage", async () => {
    const sound = encodePng({ width: 4, height: 4, bits: 8, colourType: 0, pixel: () => [7] });
    const flipped = sound.slice();
    flipped[60] = 99;
    await expectCode(() => decode(flipped), "IMAGE_CORRUPT");
    const short = [
      ihdr(3, 5, 8, 0),
      pngChunk("IDAT", storedZlib([0, 1, 2, 3])),
      pngChunk("IEND", []),
    ];
    await expectCode(
      () => decode(Uint8Array.from([...PNG_SIGNATURE, ...short.flat()])),
      "IMAGE_CORRUPT",
    );
  });
});

describe("BMP", () => {
  it("decodes 24 bits from the bottom and from the top", async () => {
    const rows = [
      [1, 2, 3, 4, 5, 6],
      [7, 8, 9, 10, 11, 12],
    ];
    const up = await decode(encodeBmp({ width: 2, height: 2, bits: 24, rows }));
    expect(rgb(up)).toEqual([
      [9, 8, 7],
      [12, 11, 10],
      [3, 2, 1],
      [6, 5, 4],
    ]);
    const down = await decode(encodeBmp({ width: 2, height: -2, bits: 24, rows }));
    expect(rgb(down)).toEqual([
      [3, 2, 1],
      [6, 5, 4],
      [9, 8, 7],
      [12, 11, 10],
    ]);
  });

  it.each([
    [1, [0b01000000]],
    [4, [0x01]],
    [8, [0, 1]],
  ])("decodes %i bits with a palette", async (bits, row) => {
    const palette = [10, 20, 30, 0, 40, 50, 60, 0];
    const image = await decode(encodeBmp({ width: 2, height: 1, bits, rows: [row], palette }));
    expect(rgb(image)).toEqual([
      [30, 20, 10],
      [60, 50, 40],
    ]);
  });

  it("decodes 16 bits plain and with masks", async () => {
    const plain = await decode(encodeBmp({ width: 1, height: 1, bits: 16, rows: [[0xff, 0x03]] }));
    expect(rgb(plain)).toEqual([[0, 255, 255]]);
    const masks = [0xf800, 0x7e0, 0x1f];
    const source = { width: 1, height: 1, bits: 16, rows: [[0x00, 0xf8]], compression: 3, masks };
    expect(rgb(await decode(encodeBmp(source)))).toEqual([[255, 0, 0]]);
  });

  it("ignores the unused byte of plain 32 bits", async () => {
    const image = await decode(encodeBmp({ width: 1, height: 1, bits: 32, rows: [[1, 2, 3, 0]] }));
    expect(rgb(image)).toEqual([[3, 2, 1]]);
  });

  it.each([
    // Three of colour 1; end of row; a literal run of 3, padded; a jump of one right, one up; end.
    [1, 8, [3, 1, 0, 0, 0, 3, 1, 0, 1, 0, 0, 1]],
    // The same in half bytes: 1 1 1 of a pair, literals 1 0 1.
    [2, 4, [3, 0x11, 0, 0, 0, 3, 0x10, 0x10, 0, 1]],
  ])("decodes run lengths %i at %i bits", async (compression, bits, runs) => {
    const palette = [0, 0, 0, 0, 10, 20, 30, 0, ...new Array<number>((1 << bits) * 4 - 8).fill(0)];
    const head = encodeBmp({ width: 3, height: 2, bits, rows: [], palette, compression });
    const image = await decode(Uint8Array.from([...head, ...runs]));
    const [ink, none] = [
      [30, 20, 10],
      [0, 0, 0],
    ];
    // Rows from the bottom: the second one of the file is the first of the picture.
    expect(rgb(image)).toEqual([ink, none, ink, ink, ink, ink]);
  });

  it("refuses run lengths at other depths and short data", async () => {
    const source = { width: 2, height: 1, bits: 8, rows: [[0, 0]], palette: [0, 0, 0, 0] };
    await expectCode(() => decode(encodeBmp({ ...source, compression: 2 })), "UNSUPPORTED_FORMAT");
    await expectCode(() => decode(encodeBmp({ ...source, compression: 4 })), "UNSUPPORTED_FORMAT");
    const whole = encodeBmp({
      width: 2,
      height: 2,
      bits: 24,
      rows: [
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3, 4, 5, 6],
      ],
    });
    await expectCode(() => decode(whole.subarray(0, -4)), "IMAGE_CORRUPT");
  });
});

describe("GIF", () => {
  const palette = [10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0];
  it("places the frame on its screen and blends the rest on white", async () => {
    const source = { width: 2, height: 2, screen: [3, 2] as [number, number], left: 1, palette };
    const image = await decode(encodeGif({ ...source, indices: [0, 1, 2, 3], transparent: 3 }));
    expect(grey(image)).toEqual([
      [255, 10, 20],
      [255, 30, 255],
    ]);
  });

  it("orders interlaced rows", async () => {
    // File order of nine rows: 0 8 4 2 6 1 3 5 7.
    const indices = [0, 1, 2, 3, 0, 1, 2, 3, 0];
    const image = await decode(
      encodeGif({ width: 1, height: 9, palette, indices, interlaced: true }),
    );
    expect(grey(image).flat()).toEqual([10, 20, 40, 30, 30, 40, 10, 10, 20]);
  });

  it("does without a trailer, but not without pixels", async () => {
    const source = { width: 4, height: 4, palette, indices: Array.from({ length: 16 }, () => 1) };
    const open = encodeGif({ ...source, trailer: false });
    expect(grey(await decode(open))[3]).toEqual([20, 20, 20, 20]);
    await expectCode(() => decode(open.subarray(0, -2)), "IMAGE_CORRUPT");
    await expectCode(() => decode(encodeGif({ ...source, indices: [1, 1] })), "IMAGE_CORRUPT");
  });
});

describe("decodeImage", () => {
  const names = [
    "orientation-1.jpg",
    "progressive.jpg",
    "orientation-6.png",
    "lossy.webp",
    "plain.avif",
  ];
  it.each([...names, "still.gif", "lzw.tif", "group4.tif"])(
    "calls every cut of %s damaged",
    async (name) => {
      const bytes = fixture(name);
      const grows: PlatformDecoder = {
        // Stands for decoders that fill what is missing with grey.
        decode: (_, { width, height }) =>
          Promise.resolve({
            data: new Uint8Array(width * height * 4),
            width,
            height,
            upright: true,
          }),
      };
      for (let length = 20; length < bytes.length - 20; length += 7) {
        await expectCode(
          () => decodeImage(bytes.subarray(0, length), LIMITS, grows),
          "IMAGE_CORRUPT",
        );
      }
    },
  );

  it("accepts junk behind the end", async () => {
    const sound = encodePng({ width: 2, height: 1, bits: 8, colourType: 0, pixel: () => [7] });
    expect(grey(await decode(Uint8Array.from([...sound, 1, 2, 3])))).toEqual([[7, 7]]);
  });

  it("wraps whatever a decoder throws", async () => {
    const thrown = { status: 1 };
    const broken: PlatformDecoder = {
      decode: () => {
        throw thrown;
      },
    };
    const error = await expectCode(
      () => decodeImage(fixture("gray.jpg"), LIMITS, broken),
      "IMAGE_CORRUPT",
    );
    expect(error.cause).toBe(thrown);
  });

  it("refuses pixels of another size than the header's", async () => {
    const wrong: PlatformDecoder = {
      decode: () =>
        Promise.resolve({ data: new Uint8Array(4), width: 1, height: 1, upright: true }),
    };
    await expectCode(() => decodeImage(fixture("gray.jpg"), LIMITS, wrong), "IMAGE_CORRUPT");
  });

  it("asks no decoder for what is too large, empty, foreign or aborted", async () => {
    const never: PlatformDecoder = { decode: () => expect.fail("decoded") };
    const bomb = Uint8Array.from([...PNG_SIGNATURE, ...ihdr(60000, 60000, 8, 6)]);
    const start = performance.now();
    await expectCode(() => decodeImage(bomb, LIMITS, never), "IMAGE_TOO_LARGE");
    await expectCode(() => decodeImage(new Uint8Array(0), LIMITS, never), "INVALID_INPUT");
    await expectCode(() => decodeImage(text("hello, world"), LIMITS, never), "UNSUPPORTED_FORMAT");
    const signal = AbortSignal.abort();
    await expectCode(() => decodeImage(fixture("gray.jpg"), LIMITS, never, signal), "ABORTED");
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

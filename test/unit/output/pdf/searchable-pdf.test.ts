import { deflateSync } from "node:zlib";
import { PDFDict, PDFDocument, PDFName, PDFRawStream } from "@cantoo/pdf-lib";
import { describe, expect, it } from "vitest";
import { searchablePdf } from "../../../../src/output/pdf/open-searchable-pdf.ts";
import type { PdfBackground } from "../../../../src/output/pdf/searchable-pdf.ts";
import type { DocumentPage, Line, Point } from "../../../../src/types.ts";
import { textPdf, writePdf } from "../../document/pdf-writer.ts";
import { box, line, manifoldPage, page, SCRIPTS, turnedLine, word } from "../hand-made.ts";
import {
  contentStreams,
  hasMuPdf,
  hasPoppler,
  muPdfText,
  pdfJsText,
  pdfToText,
  popplerWords,
  textObjects,
} from "./read-pdf.ts";

const bigEndian = (value: number): number[] => [value >>> 24, value >>> 16, value >>> 8, value];

/** A picture whose pixels are all the same; only its header matters here. */
function png(
  width: number,
  height: number,
  colour: 0 | 2 | 3 | 6,
  more: Uint8Array[] = [],
): Uint8Array {
  const samples = { 0: 1, 2: 3, 3: 1, 6: 4 }[colour];
  const chunk = (name: string, data: Uint8Array): Buffer =>
    // The checksum stays 0: neither we nor a PDF look at it.
    Buffer.concat([Buffer.from(bigEndian(data.length)), Buffer.from(name), data, Buffer.alloc(4)]);
  const header = Buffer.from([...bigEndian(width), ...bigEndian(height), 8, colour, 0, 0, 0]);
  const rows = deflateSync(Buffer.alloc((width * samples + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const extra = more.map((data) => chunk("PLTE", data));
  const parts = [
    signature,
    chunk("IHDR", header),
    ...extra,
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** The segments that a PDF needs of a JPEG, with an EXIF orientation. */
function jpeg(
  width: number,
  height: number,
  orientation: number,
  components: 1 | 3 | 4 = 3,
): Uint8Array {
  const short = (value: number): number[] => [value >> 8, value & 0xff];
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    ...short(orientation),
    0,
    0,
  ];
  const exif = [...Buffer.from("Exif")];
  const adobe = [...Buffer.from("Adobe")];
  const app1 = [0xff, 0xd8, 0xff, 0xe1, ...short(tiff.length + 8), ...exif, 0, 0, ...tiff];
  const app14 = [0xff, 0xee, 0, 14, ...adobe, 0, 100, 0, 0, 0, 0, 2];
  // The marker of the frame after a byte of filling.
  const size = [...short(8 + 3 * components), 8, ...short(height), ...short(width), components];
  const frame = [0xff, 0xff, 0xc0, ...size, ...Array<number>(3 * components).fill(0)];
  return Uint8Array.of(...app1, ...(components === 4 ? app14 : []), ...frame, 0xff, 0xd9);
}

function picture({ width, height }: DocumentPage): PdfBackground {
  return { kind: "image", type: "image/png", bytes: png(width, height, 0), width, height };
}

async function overImage(...pages: DocumentPage[]): Promise<Uint8Array> {
  const pdf = await searchablePdf();
  for (const each of pages) await pdf.add(each, picture(each));
  return await pdf.save();
}

/** A source of one page whose own text is a comment in its content stream. */
async function source(
  boxes: { media: readonly number[]; crop?: readonly number[] },
  rotate: number = 0,
  pages: number = 1,
): Promise<Uint8Array> {
  const doc = await PDFDocument.create();
  for (let i = 0; i < pages; i++) {
    const { node } = doc.addPage();
    node.set(PDFName.of("MediaBox"), doc.context.obj([...boxes.media]));
    if (boxes.crop) node.set(PDFName.of("CropBox"), doc.context.obj([...boxes.crop]));
    node.set(PDFName.of("Rotate"), doc.context.obj(rotate));
    // A page that leaves the graphics state scaled must not scale our text.
    const stream = doc.context.stream(`% page ${i + 1}\n9 0 0 9 50 50 cm\n`);
    node.set(PDFName.of("Contents"), doc.context.register(stream));
  }
  return await doc.save();
}

function expectCorners(corners: readonly Point[] | undefined, expected: readonly Point[]): void {
  const values = (corners ?? []).flat();
  expect(values).toHaveLength(2 * expected.length);
  for (const [i, value] of expected.flat().entries()) expect(values[i]).toBeCloseTo(value, 1);
}

/** All words of a page, in the order of its lines. */
function wordsOf({ lines }: DocumentPage): { text: string; polygon: readonly Point[] }[] {
  return lines.flatMap((each: Line) => each.words ?? [each]);
}

describe("a searchable PDF over images", () => {
  // At 72 dpi a pixel is a point; only y runs the other way.
  const skewed = turnedLine(line("skewed text here", 100, 800), 5, [100, 800]);
  const up = turnedLine(line("runs upwards", 700, 1200), -90, [700, 1200]);
  const over = turnedLine(line("upside down", 400, 1000), 180, [400, 1000]);
  const plain = page([line("two words", 100, 100), skewed, up, over], { dpi: 72 });

  it("lays each word on its polygon, however it is turned, in reading order", async () => {
    const objects = await textObjects(await overImage(plain));
    const words = wordsOf(plain);
    expect(objects.map(({ text }) => text)).toEqual(words.map(({ text }) => text));
    for (const [i, { polygon }] of words.entries()) {
      expectCorners(
        objects[i]?.corners,
        polygon.map(([x, y]) => [x, 1400 - y]),
      );
    }
  });

  it("writes text that cannot be seen, a space behind each word, and one object for each", async () => {
    const [text = "", image = ""] = await contentStreams(
      await overImage(page([line("ab c", 100, 100)], { dpi: 72 })),
    );
    // "ab" is 20 wide and 20 high: two letters of half an em are as wide as the em, so 100 %. Its baseline
    // is a fifth above the lower edge: 1400 - 120 + 4. The space is 10 wide, as is one letter: 100 %.
    expect(text).toBe(`q
3 Tr
BT
/Glyphpool0 20 Tf 100 Tz
1 0 0 1 100 1284 Tm
<00010002> Tj
/Glyphpool0 20 Tf 100 Tz
1 0 0 1 120 1284 Tm
<0003> Tj
ET
BT
/Glyphpool0 20 Tf 100 Tz
1 0 0 1 130 1284 Tm
<0004> Tj
/Glyphpool0 20 Tf 50 Tz
1 0 0 1 140 1284 Tm
<0003> Tj
ET
Q
`);
    expect(image).toBe("q\n1000 0 0 1400 0 0 cm\n/Picture Do\nQ\n");
  });

  it("lays the words of a line straight where none rises by more than two points", async () => {
    // Over 60 pixels, 1.5° are 60 sin 1.5° = 1.57: each end is off by half of it.
    const mild = turnedLine(line("skewed", 100, 800), 1.5, [100, 800]);
    const [object] = await textObjects(await overImage(page([mild], { dpi: 72 })));
    const [[x, y] = [0, 0], [right, top] = [0, 0]] = object?.corners ?? [];
    // The middle of the baseline, 16 pixels down, stays where it is: 100 + 30 cos 1.5° - 16 sin 1.5°,
    // 800 + 30 sin 1.5° + 16 cos 1.5°, that is 129.6 and 816.8 from the top.
    expect([x, right].map((each) => each.toFixed(1))).toEqual(["99.6", "159.6"]);
    expect([y, top].map((each) => each.toFixed(1))).toEqual(["599.2", "599.2"]);
  });

  it("scales a word to its width", async () => {
    const wide = word("ab", box(100, 100, 70, 20));
    const [text = ""] = await contentStreams(
      await overImage(page([{ ...line("ab", 100, 100), words: [wide] }], { dpi: 72 })),
    );
    // 70 instead of 2 × 10.
    expect(text).toContain("/Glyphpool0 20 Tf 350 Tz\n");
  });

  it("makes pages as large as their resolution says, 150 dpi where it is not known", async () => {
    const bytes = await overImage(page([], { dpi: 300 }), page([], { number: 2 }));
    const sizes = (await PDFDocument.load(bytes)).getPages().map((each) => each.getSize());
    expect(sizes).toEqual([
      { width: 240, height: 336 },
      { width: 480, height: 672 },
    ]);
    const vast = await overImage(page([], { dpi: 1, width: 100, height: 400 }));
    // 7200 × 28800 units would be too long: halved.
    expect((await PDFDocument.load(vast)).getPage(0).getSize()).toEqual({
      width: 3600,
      height: 14_400,
    });
  });

  it("gives every script back to pdf.js", async () => {
    const text = await pdfJsText(await overImage(manifoldPage({ dpi: 72 })));
    for (const expected of [
      SCRIPTS.markup,
      "bell",
      SCRIPTS.emoji,
      SCRIPTS.arabic,
      SCRIPTS.hebrew,
      SCRIPTS.chinese,
      "skewed by five degrees",
      "runs upwards",
      "a line without words",
    ]) {
      expect(text).toContain(expected);
    }
    // The columns one after the other.
    expect(text).toMatch(/left column one\s+left column two\s+right column one\s+right column two/);
    const order = ["smile", "مرحبا", "بالعالم", "שלום", "עולם", "中文字", "left", "skewed", "runs"];
    const places = order.map((each) => text.indexOf(each));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("keeps numbers and Latin letters inside right-to-left words in their order", async () => {
    const mixed = page([line("(2024) שלום2b", 100, 100, { rightToLeft: true })], { dpi: 72 });
    const [mix, number] = await textObjects(await overImage(mixed));
    expect(number?.text).toBe("(2024)");
    expect(mix?.text).toBe("2bםולש");
  });

  it("skips words that hold nothing, and pages that could not be read", async () => {
    const empty = page([line("\u0000 a", 100, 100)], { dpi: 72 });
    const bytes = await overImage(empty, page([], { number: 2 }));
    expect((await textObjects(bytes)).map(({ text }) => text)).toEqual(["a"]);
    expect(await contentStreams(bytes, 1)).toHaveLength(1);
  });

  it("has title and language", async () => {
    const pdf = await searchablePdf({ title: "Über alles", language: "de" });
    await pdf.add(page([]), picture(page([])));
    const doc = await PDFDocument.load(await pdf.save(), { updateMetadata: false });
    expect([doc.getTitle(), doc.getLanguage(), doc.getProducer()]).toEqual([
      "Über alles",
      "de",
      "glyphpool 0.1.0",
    ]);
  });

  describe.skipIf(!hasPoppler)("as poppler reads it (skipped without pdftotext)", () => {
    it("has every word in its box, within two points", async () => {
      // Each letter of the longer word rises by a quarter of a point, which poppler would tear apart.
      const mild = turnedLine(line("skewed text", 100, 800), 1.5, [100, 800]);
      const upright = page([line("two words", 100, 100), line("and more", 100, 130), mild, up], {
        dpi: 72,
      });
      const found = popplerWords(await overImage(upright), "-raw");
      const words = wordsOf(upright);
      expect(found.map(({ text }) => text)).toEqual(words.map(({ text }) => text));
      for (const [i, { polygon }] of words.entries()) {
        const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
        const bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
        const off = bounds.map((bound, at) => Math.abs(bound - (found[i]?.box[at] ?? Number.NaN)));
        expect(Math.max(...off), words[i]?.text).toBeLessThan(2);
      }
    });

    it.skipIf(!hasMuPdf)("has its text in MuPDF, too (skipped without mutool)", async () => {
      const text = muPdfText(await overImage(manifoldPage()));
      const latin = wordsOf(manifoldPage()).filter((each) => /^[\w.,:-]+$/.test(each.text));
      expect(latin.filter((each) => !text.includes(each.text))).toEqual([]);
      expect(latin.length).toBeGreaterThan(3);
    });

    it("has the text of every script", async () => {
      // It puts marks around right-to-left text, which say what everyone sees.
      const text = pdfToText(await overImage(manifoldPage({ dpi: 72 }))).replace(
        /[\u202a-\u202e]/g,
        "",
      );
      for (const expected of [
        SCRIPTS.markup.slice(0, -1), // a hyphen at the end of a line joins it with the next one
        SCRIPTS.emoji,
        SCRIPTS.arabic,
        SCRIPTS.hebrew,
        SCRIPTS.chinese,
      ]) {
        expect(text).toContain(expected);
      }
    });
  });
});

describe("pictures in a PDF", () => {
  async function imageOf(background: PdfBackground, of: DocumentPage) {
    const pdf = await searchablePdf();
    await pdf.add(of, background);
    const bytes = await pdf.save();
    const doc = await PDFDocument.load(bytes);
    const objects = doc.getPage(0).node.Resources()?.lookup(PDFName.of("XObject"), PDFDict);
    const image = objects?.lookup(PDFName.of("Picture")) as PDFRawStream;
    const streams = await contentStreams(bytes);
    const entry = (name: string): string => String(image.dict.get(PDFName.of(name)));
    return { contents: image.getContents(), entry, matrix: streams.at(-1)?.split("\n")[1] };
  }

  // A page of 20 × 10 points.
  const small = page([], { width: 20, height: 10, dpi: 72 });

  it.each([
    [1, "20 0 0 10 0 0 cm"],
    [2, "-20 0 0 10 20 0 cm"],
    [3, "-20 0 0 -10 20 10 cm"],
    [4, "20 0 0 -10 0 10 cm"],
    [5, "0 -10 -20 0 20 10 cm"],
    [6, "0 -10 20 0 0 10 cm"],
    [7, "0 10 20 0 0 0 cm"],
    [8, "0 10 -20 0 20 0 cm"],
  ])(
    "are JPEG bytes as they are, drawn upright by EXIF orientation %d",
    async (orientation, matrix) => {
      const bytes = orientation >= 5 ? jpeg(10, 20, orientation) : jpeg(20, 10, orientation);
      const image = await imageOf(
        { kind: "image", type: "image/jpeg", bytes, width: 20, height: 10 },
        small,
      );
      expect(image.contents).toEqual(bytes);
      expect(image.entry("Filter")).toBe("/DCTDecode");
      expect(image.entry("ColorSpace")).toBe("/DeviceRGB");
      expect(image.entry("Width")).toBe(orientation >= 5 ? "10" : "20");
      expect(image.matrix).toBe(matrix);
    },
  );

  it("are inverted where Adobe wrote them in CMYK", async () => {
    const bytes = jpeg(20, 10, 1, 4);
    const image = await imageOf(
      { kind: "image", type: "image/jpeg", bytes, width: 20, height: 10 },
      small,
    );
    expect(image.entry("ColorSpace")).toBe("/DeviceCMYK");
    expect(image.entry("Decode")).toBe("[ 1 0 1 0 1 0 1 0 ]");
  });

  it.each([
    [0, [], "/DeviceGray", 1],
    [2, [], "/DeviceRGB", 3],
    [3, [Uint8Array.of(0, 0, 0, 255, 128, 0)], "[ /Indexed /DeviceRGB 1 <000000ff8000> ]", 1],
  ] as const)(
    "are the compressed rows of a PNG of colour type %d",
    async (colour, more, space, samples) => {
      const bytes = png(20, 10, colour, [...more]);
      const image = await imageOf(
        { kind: "image", type: "image/png", bytes, width: 20, height: 10 },
        small,
      );
      expect(image.entry("ColorSpace")).toBe(space);
      expect(image.entry("DecodeParms").replace(/\s+/g, " ")).toBe(
        `<< /Predictor 15 /Colors ${samples} /BitsPerComponent 8 /Columns 20 >>`,
      );
      expect(
        Buffer.from(image.contents).equals(deflateSync(Buffer.alloc((20 * samples + 1) * 10))),
      ).toBe(true);
    },
  );

  it("have a mask where a PNG has alpha", async () => {
    const bytes = png(20, 10, 6);
    const image = await imageOf(
      { kind: "image", type: "image/png", bytes, width: 20, height: 10 },
      small,
    );
    expect(image.entry("SMask")).toMatch(/^\d+ 0 R$/);
  });

  it.each([
    ["of another size", png(10, 20, 0), "image/png", "10 × 20 pixels, not 20 × 10"],
    ["of another kind", png(20, 10, 0), "image/jpeg", "not a readable image/jpeg"],
    ["cut off", jpeg(20, 10, 1).slice(0, 20), "image/jpeg", "not a readable image/jpeg"],
    ["empty", new Uint8Array(), "image/png", "not a readable image/png"],
  ] as const)("are refused when they are %s", async (_, bytes, type, message) => {
    const pdf = await searchablePdf();
    const adding = pdf.add(small, { kind: "image", type, bytes, width: 20, height: 10 });
    await expect(adding).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(adding).rejects.toThrow(message);
  });
});

describe("a searchable PDF over a source", () => {
  // The page is 300 × 400; what is seen of it begins at (120, 230) and is 260 × 330.
  const boxes = { media: [100, 200, 400, 600], crop: [120, 230, 380, 560] };
  // A word 40 wide and 10 high, 30 from the left and 50 from the top of what is seen.
  const lines = [
    {
      ...line("word", 30, 50),
      polygon: box(30, 50, 40, 10),
      words: [word("word", box(30, 50, 40, 10))],
    },
  ];

  it.each([
    // Upright: x = 120 + 30, y = 560 - 50.
    [
      0,
      260,
      330,
      [
        [150, 510],
        [190, 510],
        [190, 500],
        [150, 500],
      ],
    ],
    // Turned clockwise: rightwards on the screen is upwards on the page. x = 120 + 50, y = 230 + 30.
    [
      90,
      330,
      260,
      [
        [170, 260],
        [170, 300],
        [180, 300],
        [180, 260],
      ],
    ],
    // Upside down: x = 380 - 30, y = 230 + 50.
    [
      180,
      260,
      330,
      [
        [350, 280],
        [310, 280],
        [310, 290],
        [350, 290],
      ],
    ],
    // Turned back: rightwards on the screen is downwards on the page. x = 380 - 50, y = 560 - 30.
    [
      270,
      330,
      260,
      [
        [330, 530],
        [330, 490],
        [320, 490],
        [320, 530],
      ],
    ],
    [
      -90,
      330,
      260,
      [
        [330, 530],
        [330, 490],
        [320, 490],
        [320, 530],
      ],
    ],
  ] as const)(
    "lays words on a page that is turned by %d°, inside its crop box",
    async (rotate, width, height, corners) => {
      const pdf = await searchablePdf({ source: await source(boxes, rotate) });
      await pdf.add(page(lines, { width, height }), { kind: "source", index: 0 });
      const bytes = await pdf.save();
      const [object] = await textObjects(bytes);
      expectCorners(object?.corners, corners);
      if (!hasPoppler) return;
      // Poppler counts from the corner of what is seen, too.
      const [found] = popplerWords(bytes, "-cropbox");
      expect(found?.text).toBe("word");
      for (const [i, bound] of [30, 50, 70, 60].entries())
        expect(found?.box[i]).toBeCloseTo(bound, 1);
    },
  );

  it("goes by pixels of any size, and by the media box where there is no crop box", async () => {
    const pdf = await searchablePdf({ source: await source({ media: [400, 600, 100, 200] }) });
    const large = [{ ...line("word", 0, 0), words: [word("word", box(60, 100, 80, 20))] }];
    await pdf.add(page(large, { width: 600, height: 800 }), { kind: "source", index: 0 });
    const [object] = await textObjects(await pdf.save());
    // Half a point for each pixel: x = 100 + 30, y = 600 - 50.
    expectCorners(object?.corners, [
      [130, 550],
      [170, 550],
      [170, 540],
      [130, 540],
    ]);
  });

  it("keeps all pages and what they show, and puts the text before it", async () => {
    const pdf = await searchablePdf({ source: await source(boxes, 0, 3) });
    await pdf.add(page(lines, { number: 2, width: 260, height: 330 }), {
      kind: "source",
      index: 1,
    });
    await pdf.add(
      page(lines, { width: 260, height: 330 }),
      picture(page([], { width: 260, height: 330 })),
    );
    const bytes = await pdf.save();
    expect((await PDFDocument.load(bytes)).getPageCount()).toBe(4);
    expect(await contentStreams(bytes, 0)).toEqual(["% page 1\n9 0 0 9 50 50 cm\n"]);
    const [layer, own] = await contentStreams(bytes, 1);
    expect(layer).toMatch(/^q\n3 Tr\nBT\n[^]*ET\nQ\n$/);
    expect(own).toBe("% page 2\n9 0 0 9 50 50 cm\n");
    expect(await textObjects(bytes, 3)).toHaveLength(1);
  });

  it("replaces a layer of its own, also in a file that it wrote before", async () => {
    const size = { width: 260, height: 330 };
    const first = await searchablePdf({ source: await source(boxes) });
    await first.add(page([line("old", 30, 50)], size), { kind: "source", index: 0 });
    await first.add(page([line("newer", 30, 50)], size), { kind: "source", index: 0 });
    const second = await searchablePdf({ source: await first.save() });
    await second.add(page([line("newest", 30, 50)], size), { kind: "source", index: 0 });
    const bytes = await second.save();
    expect((await textObjects(bytes)).map(({ text }) => text)).toEqual(["newest"]);
    expect(await contentStreams(bytes)).toHaveLength(2);
    expect((await pdfJsText(bytes)).trim()).toBe("newest");
  });

  it("adds to a page of mixed source what was recognised only", async () => {
    const pdf = await searchablePdf({ source: await source(boxes) });
    const both = [line("own", 30, 50), line("scanned", 30, 90)];
    both[0]!.source = "layer";
    both[1]!.source = "ocr";
    const mixed = { ...page(both, { width: 260, height: 330 }), source: "mixed" } as const;
    await pdf.add(mixed, { kind: "source", index: 0 });
    expect((await textObjects(await pdf.save())).map(({ text }) => text)).toEqual(["scanned"]);
  });

  it("says that a signature is broken, and PDF/A unchecked", async () => {
    const signed = writePdf([
      "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> /Metadata 6 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
      "<< /T (all) /Kids [5 0 R] /FT /Sig >>",
      "<< /T (one) /V << /Type /Sig /Filter /Adobe.PPKLite >> >>",
      {
        dict: "<< /Type /Metadata /Subtype /XML >>",
        stream: new TextEncoder().encode("<pdfaid:part>2</pdfaid:part>"),
      },
    ]);
    const { notes } = await searchablePdf({ source: signed });
    expect(notes.map(({ code }) => code)).toEqual(["SIGNATURE_BROKEN", "PDFA_UNCHECKED"]);
    expect((await searchablePdf({ source: textPdf(["plain"]) })).notes).toEqual([]);
    expect((await searchablePdf()).notes).toEqual([]);
  });

  it("does not write text again that is the page's own", async () => {
    const pdf = await searchablePdf({ source: await source(boxes) });
    await pdf.add(page(lines, { source: "layer" }), { kind: "source", index: 0 });
    expect(await contentStreams(await pdf.save())).toHaveLength(1);
  });

  it("can be saved twice, with more pages in between", async () => {
    const pdf = await searchablePdf({ source: await source(boxes, 0, 2) });
    const size = { width: 260, height: 330 };
    await pdf.add(page([line("one", 30, 50)], size), { kind: "source", index: 0 });
    expect((await pdfJsText(await pdf.save())).trim()).toBe("one");
    await pdf.add(page([line("two", 30, 50)], size), { kind: "source", index: 1 });
    expect((await pdfJsText(await pdf.save(), 2)).trim()).toBe("two");
  });

  it("opens an encrypted source with its password", async () => {
    const doc = await PDFDocument.load(await source(boxes));
    doc.encrypt({ userPassword: "open", ownerPassword: "own" });
    const encrypted = await doc.save();
    await expect(searchablePdf({ source: encrypted })).rejects.toMatchObject({
      code: "PDF_PASSWORD_REQUIRED",
    });
    await expect(searchablePdf({ source: encrypted, password: "no" })).rejects.toMatchObject({
      code: "PDF_PASSWORD_WRONG",
    });
    const pdf = await searchablePdf({ source: encrypted, password: "open" });
    await pdf.add(page(lines, { width: 260, height: 330 }), { kind: "source", index: 0 });
    expect((await pdfJsText(await pdf.save())).trim()).toBe("word");
  });

  it.each([
    ["no PDF", new TextEncoder().encode("hello")],
    ["empty", new Uint8Array()],
  ])("refuses a source that is %s", async (_, bytes) => {
    await expect(searchablePdf({ source: bytes })).rejects.toMatchObject({ code: "PDF_CORRUPT" });
  });

  it("refuses pages that the source does not have, bad options, and a file without pages", async () => {
    const pdf = await searchablePdf({ source: await source(boxes) });
    for (const index of [-1, 1, 0.5]) {
      await expect(pdf.add(page([]), { kind: "source", index })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    }
    const empty = await searchablePdf();
    await expect(empty.add(page([]), { kind: "source", index: 0 })).rejects.toThrow(
      "without a source",
    );
    await expect(empty.save()).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(searchablePdf({ language: "not a tag" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    await expect(searchablePdf({ source: "a.pdf" as never })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});

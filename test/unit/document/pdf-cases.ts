/** What holds for PDFs on every platform. */
import { afterAll, describe, expect, it } from "vitest";
import { layerLines } from "../../../src/document/pdf/text-lines.ts";
import type { PdfService, PdfServiceOptions } from "../../../src/document/pdf/service.ts";
import type { RgbaImage } from "../../../src/types.ts";
import { ENCRYPTED_PDF } from "./pdf-encrypted.ts";
import {
  flateBomb,
  formBomb,
  hugeImagePdf,
  imagePdf,
  loopPdf,
  manyPages,
  textPdf,
  writePdf,
} from "./pdf-writer.ts";

const encrypted = Uint8Array.from(atob(ENCRYPTED_PDF), (letter) => letter.charCodeAt(0));
const hello = textPdf(["Hello world", "second line"]);

function pixel({ data, width }: RgbaImage, x: number, y: number): number[] {
  const at = (y * width + x) * 4;
  return [...data.subarray(at, at + 4)];
}

/** The smallest rectangle around everything dark: left, top, right, bottom. */
function inkBox({ data, width, height }: RgbaImage): [number, number, number, number] {
  const box: [number, number, number, number] = [width, height, 0, 0];
  for (let i = 0; i < width * height; i++) {
    if ((data[i * 4] as number) > 128) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + 1);
    box[3] = Math.max(box[3], y + 1);
  }
  return box;
}

export function pdfCases(make: (options?: PdfServiceOptions) => PdfService): void {
  const service = make({ limits: { maxPixels: 4_000_000, maxPages: 2000 } });
  afterAll(() => service.close());

  /** The next document has to work whatever the last one was. */
  async function expectHello(): Promise<void> {
    await using document = await service.open(hello);
    const { runs } = await document.textLayer(1);
    expect(runs.map(({ text }) => text).filter((text) => text.trim())).toEqual([
      "Hello world",
      "second line",
    ]);
  }

  describe("a page", () => {
    it("has its text where it draws it", async () => {
      await using document = await service.open(hello);
      expect(document.pageCount).toBe(1);
      expect(await document.info(1)).toEqual({ width: 595, height: 842, rotation: 0 });
      const layer = await document.textLayer(1);
      expect(layer).toMatchObject({ imageCoverage: 0, invisible: "none" });
      const { image, dpi } = await document.render(1, { dpi: 144 });
      expect([image.width, image.height]).toEqual([1190, 1684]);
      expect(dpi).toBe(144);
      expect(pixel(image, 5, 5)).toEqual([255, 255, 255, 255]);
      const [left, top, right, bottom] = inkBox(image);
      const lines = layerLines(layer, dpi);
      expect(lines.map(({ text }) => text)).toEqual(["Hello world", "second line"]);
      const [a] = lines[0]!.polygon;
      const c = lines[1]!.polygon[2];
      // Ink lies inside of the lines, and fills them but for the room above and below letters.
      expect(a[0]).toBeLessThanOrEqual(left);
      expect(a[0]).toBeGreaterThan(left - 12);
      expect(a[1]).toBeLessThanOrEqual(top);
      expect(a[1]).toBeGreaterThan(top - 24);
      expect(right).toBeLessThanOrEqual(Math.max(c[0], lines[0]!.polygon[1][0]) + 4);
      expect(c[1]).toBeGreaterThanOrEqual(bottom);
    });

    it.each([
      ["/Rotate 90", 842, 595, 90],
      ["/Rotate 180", 595, 842, 180],
      ["/CropBox [50 600 450 800]", 400, 200, 0],
      ["/Rotate 270 /CropBox [50 600 450 800]", 200, 400, 270],
      ["/UserUnit 2", 1190, 1684, 0],
    ])("is turned and cut: %s", async (entries, width, height, rotation) => {
      await using document = await service.open(textPdf(["Turned"], { entries }));
      expect(await document.info(1)).toEqual({ width, height, rotation });
      const layer = await document.textLayer(1);
      const { image, dpi } = await document.render(1, { dpi: 72 });
      expect([image.width, image.height]).toEqual([width, height]);
      const box = inkBox(image);
      const points = layerLines(layer, dpi)[0]!.polygon;
      const xs = points.map(([x]) => x);
      const ys = points.map(([, y]) => y);
      const text = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      const middle = (b: readonly number[]): number[] => [(b[0]! + b[2]!) / 2, (b[1]! + b[3]!) / 2];
      const [x, y] = middle(box) as [number, number];
      const [u, v] = middle(text) as [number, number];
      expect(Math.hypot(x - u, y - v)).toBeLessThan(12);
      expect(box[0]).toBeGreaterThanOrEqual(text[0]! - 3);
      expect(box[3]).toBeLessThanOrEqual(text[3]! + 3);
    });

    it("that is a picture says so", async () => {
      await using scan = await service.open(await imagePdf());
      const layer = await scan.textLayer(1);
      expect(layer).toMatchObject({ runs: [], imageCoverage: 1 });
      const { image } = await scan.render(1, { dpi: 72 });
      expect(pixel(image, 100, 400)).toEqual([0, 0, 0, 255]);
      expect(pixel(image, 500, 400)).toEqual([255, 0, 0, 255]);
      await using stamped = await service.open(await imagePdf(["Received 4 May"]));
      const stamp = await stamped.textLayer(1);
      expect(stamp.runs.map(({ text, hidden }) => [text, hidden])).toEqual([
        ["Received 4 May", undefined],
      ]);
      await using read = await service.open(await imagePdf(["Read before"], 3));
      const invisible = await read.textLayer(1);
      expect(invisible.invisible).toBe("all");
      expect(invisible.runs.map(({ text, hidden }) => [text, hidden])).toEqual([
        ["Read before", true],
      ]);
    });

    it("is drawn no larger than allowed", async () => {
      await using document = await service.open(textPdf(["Huge"], { mediaBox: "0 0 14400 14400" }));
      const { image, dpi } = await document.render(1, { dpi: 300, maxPixels: 1_000_000 });
      expect([image.width, image.height, dpi]).toEqual([1000, 1000, 5]);
      await using long = await service.open(textPdf(["Long"], { mediaBox: "0 0 14400 10" }));
      const strip = await long.render(1, { dpi: 300 });
      expect(strip.image.width).toBe(16_384);
    });

    it("is known by its number", async () => {
      await using document = await service.open(hello);
      for (const number of [0, 2, -1, 1.5, Number.NaN]) {
        await expect(document.info(number)).rejects.toMatchObject({ code: "PAGE_NOT_FOUND" });
      }
      await expect(document.render(1, { dpi: 0 })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    });

    it("can be aborted", async () => {
      await using document = await service.open(hello);
      const signal = AbortSignal.abort();
      await expect(document.textLayer(1, { signal })).rejects.toMatchObject({ code: "ABORTED" });
      const abort = new AbortController();
      const rendering = document.render(1, { dpi: 200, signal: abort.signal });
      abort.abort();
      await expect(rendering).rejects.toMatchObject({ code: "ABORTED" });
      await expectHello();
    });
  });

  describe("a document", () => {
    it("is opened with its password only", async () => {
      await expect(service.open(encrypted)).rejects.toMatchObject({
        code: "PDF_PASSWORD_REQUIRED",
      });
      await expect(service.open(encrypted, { password: "no" })).rejects.toMatchObject({
        code: "PDF_PASSWORD_WRONG",
      });
      for (const password of ["open", "sesame"]) {
        await using document = await service.open(encrypted, { password });
        expect((await document.textLayer(1)).runs[0]?.text).toBe("Secret words");
      }
    });

    it("may be a blob, and bytes stay their owner's", async () => {
      const bytes = hello.slice();
      await using document = await service.open(bytes);
      expect(bytes.length).toBe(hello.length);
      bytes.fill(0);
      await using blob = await service.open(new Blob([hello]));
      expect((await blob.textLayer(1)).runs).toEqual((await document.textLayer(1)).runs);
    });

    it.each([
      ["no PDF", () => new TextEncoder().encode("GIF89a"), "UNSUPPORTED_FORMAT"],
      ["nothing", () => new Uint8Array(), "INVALID_INPUT"],
      ["a header only", () => hello.slice(0, 12), "PDF_CORRUPT"],
      ["cut off", () => hello.slice(0, 300), "PDF_CORRUPT"],
      ["too many pages", () => manyPages(2001), "DOCUMENT_TOO_LARGE"],
    ])("that is %s is refused", async (_, bytes, code) => {
      await expect(service.open(bytes())).rejects.toMatchObject({ code });
      await expectHello();
    });

    it("whose pages go round in circles does not hang", async () => {
      await using document = await service.open(loopPdf());
      await expect(document.info(1)).rejects.toMatchObject({ code: "PDF_CORRUPT" });
      await expectHello();
    });

    it("with an image of 10 000 million pixels fails, rather than coming out blank", async () => {
      await using document = await service.open(hugeImagePdf(100_000));
      const tooLarge = { code: "IMAGE_TOO_LARGE" };
      await expect(document.render(1, { dpi: 72 })).rejects.toMatchObject(tooLarge);
      await expect(document.textLayer(1)).rejects.toMatchObject(tooLarge);
      await expectHello();
    });

    it("that unpacks to 200 MB is stopped at the limit of buffers", async () => {
      await using document = await service.open(await flateBomb(200 * 2 ** 20));
      await expect(document.render(1, { dpi: 72 })).rejects.toMatchObject({
        code: "IMAGE_TOO_LARGE",
      });
      await expectHello();
    });

    it("cannot be used after its end", async () => {
      const document = await service.open(hello);
      await document.close();
      await expect(document.textLayer(1)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    });
  });

  it("files come from the package: fonts and CJK encodings", async () => {
    const font = (name: string, encoding: string): Uint8Array =>
      writePdf([
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R
          /Resources << /Font << /F 5 0 R >> >> >>`,
        {
          dict: "<< >>",
          stream: new TextEncoder().encode("BT /F 40 Tf 10 30 Td <93FA967B> Tj ET"),
        },
        `<< /Type /Font /Subtype /Type0 /BaseFont /${name} /Encoding /${encoding} /DescendantFonts [6 0 R] >>`,
        `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /${name}
          /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>`,
      ]);
    // 日本 in Shift-JIS: without the tables nobody could know.
    await using document = await service.open(font("Ryumin-Light", "90ms-RKSJ-H"));
    expect((await document.textLayer(1)).runs[0]?.text).toBe("日本");
  });

  describe("a worker", () => {
    it("that is busy for ever is ended, and the next page works", async () => {
      await using hasty = make({ limits: { pageDeadline: 3000 } });
      await using good = await hasty.open(hello);
      await using bomb = await hasty.open(formBomb(12));
      const since = performance.now();
      await expect(bomb.render(1, { dpi: 72 })).rejects.toMatchObject({
        code: "DEADLINE_EXCEEDED",
      });
      expect(performance.now() - since).toBeLessThan(6000);
      expect((await good.textLayer(1)).runs[0]?.text).toBe("Hello world");
      expect(hasty.counts).toMatchObject({ spawns: 2, recycles: 0 });
    });

    it("is ended when idle, and comes back", async () => {
      await using lazy = make({ idleTimeout: 20 });
      await using document = await lazy.open(hello);
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
      expect((await document.textLayer(1)).runs[0]?.text).toBe("Hello world");
      expect(lazy.counts.spawns).toBe(2);
    });

    it("ends with its service", async () => {
      const short = make();
      const document = await short.open(hello);
      const pending = document.render(1, { dpi: 300 });
      await short.close();
      await expect(pending).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
      await expect(document.info(1)).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    });
  });
}

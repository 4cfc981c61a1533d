/** What the text layer of a page holds, and what it leaves to be read, on every platform. */
import { afterAll, describe, expect, it } from "vitest";
import type { TextLayer } from "../../../src/document/pdf/worker-types.ts";
import type { PdfService } from "../../../src/document/pdf/service.ts";
import { layerLines } from "../../../src/document/pdf/text-lines.ts";
import { deflate, textPdf, writePdf } from "./pdf-writer.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const show = (text: string, y: number, more = ""): string =>
  `${more} BT /F 14 Tf 72 ${y} Td (${text}) Tj ET`;

/** A form with one text field, one choice and one check box; with or without what they look like. */
function formPdf(appearances: boolean): Uint8Array<ArrayBuffer> {
  const look = (text: string): { dict: string; stream: Uint8Array } => ({
    dict: "<< /Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F 5 0 R >> >> >>",
    stream: bytes(`/Tx BMC BT /F 12 Tf 2 6 Td (${text}) Tj ET EMC`),
  });
  const seen = (object: number): string => (appearances ? `/AP << /N ${object} 0 R >>` : "");
  return writePdf([
    `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R] /DA (/F 12 Tf 0 g)
      /DR << /Font << /F 5 0 R >> >> ${appearances ? "" : "/NeedAppearances true"} >> >>`,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R 7 0 R 10 0 R]
      /Resources << /Font << /F 5 0 R >> >> >>`,
    { dict: "<< >>", stream: bytes(show("Surname:", 700)) },
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    `<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (Wetherby) /Rect [150 695 350 715] /F 4
      /DA (/F 12 Tf 0 g) ${seen(8)} /P 3 0 R >>`,
    `<< /Type /Annot /Subtype /Widget /FT /Ch /Ff 131072 /T (b) /Opt [(Spain) (Portugal)] /V (Portugal)
      /Rect [150 655 350 675] /F 4 /DA (/F 12 Tf 0 g) ${seen(9)} /P 3 0 R >>`,
    look("Wetherby"),
    look("Portugal"),
    `<< /Type /Annot /Subtype /FreeText /Contents (A note) /Rect [150 600 350 620] /F 4
      /DA (/F 12 Tf 0 g) /AP << /N 11 0 R >> /P 3 0 R >>`,
    look("A note"),
  ]);
}

/** A picture of noise, so that every part of it has edges. */
async function noise(size: number): Promise<{ dict: string; stream: Uint8Array }> {
  const pixels = new Uint8Array(size * size);
  let seed = 1;
  for (let i = 0; i < pixels.length; i++) {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    pixels[i] = seed % 7 < 3 ? 0 : 255;
  }
  return {
    dict: `<< /Type /XObject /Subtype /Image /Width ${size} /Height ${size} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode >>`,
    stream: await deflate(pixels),
  };
}

/** @param canDraw whether pages can be drawn here */
export function pdfLayerCases(make: () => PdfService, canDraw = true): void {
  const service = make();
  afterAll(() => service.close());

  async function layerOf(pdf: Uint8Array, look = false, pictures = true): Promise<TextLayer> {
    await using document = await service.open(pdf);
    return await document.textLayer(1, { look, pictures });
  }

  const linesOf = async (pdf: Uint8Array): Promise<string[]> =>
    layerLines(await layerOf(pdf), 72).map(({ text }) => text);

  describe("a layer holds what can be seen", () => {
    it.each([
      ["white on white", show("gone", 600, "1 g")],
      ["nearly white", show("gone", 600, "0.97 g")],
      ["in the colour of its box", show("gone", 600, "0 0 1 rg 60 590 200 30 re f")],
      ["outside of its clip", `q 0 0 50 50 re W n ${show("gone", 600)} Q`],
      ["outside of the page", show("gone", 900)],
      ["under a box", `${show("gone", 600)} 0 0 0 rg 60 590 200 30 re f`],
      ["without opacity", show("gone", 600, "/Clear gs")],
    ])("not what is %s", async (_, draw) => {
      const resources = "/ExtGState << /Clear << /ca 0 >> >>";
      expect(await linesOf(textPdf(["here"], { draw: `q ${draw} Q`, resources }))).toEqual([
        "here",
      ]);
    });

    it.each([
      ["white in a dark box", `0 0 0 rg 60 590 200 30 re f ${show("there", 600, "1 g")}`],
      ["light grey", show("there", 600, "0.8 g")],
      ["struck out", `${show("there", 600)} 72 603 60 1 re f`],
      ["under what shines through", `${show("there", 600)} /Half gs 1 1 0 rg 60 590 200 30 re f`],
      ["before its background", `1 1 0 rg 60 590 200 30 re f ${show("there", 600, "0 g")}`],
      ["stroked", show("there", 600, "1 g 0 G 1 Tr")],
    ])("also what is %s", async (_, draw) => {
      const resources = "/ExtGState << /Half << /ca 0.4 >> >>";
      const found = await linesOf(textPdf(["here"], { draw: `q ${draw} Q`, resources }));
      expect(found.toSorted()).toEqual(["here", "there"]);
    });

    it("not what a layer of the document switches off", async () => {
      const content = `/OC /Off BDC ${show("old price", 600)} EMC /OC /On BDC ${show("new price", 560)} EMC`;
      const pdf = writePdf([
        "<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [6 0 R 7 0 R] /D << /OFF [6 0 R] /Order [6 0 R 7 0 R] >> >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R
          /Resources << /Font << /F 5 0 R >> /Properties << /Off 6 0 R /On 7 0 R >> >> >>`,
        { dict: "<< >>", stream: bytes(content) },
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /OCG /Name (old) >>",
        "<< /Type /OCG /Name (new) >>",
      ]);
      expect(await linesOf(pdf)).toEqual(["new price"]);
    });

    it.each([true, false])("values of forms and notes; with appearances: %s", async (given) => {
      const found = (await linesOf(formPdf(given))).join("|");
      for (const text of ["Surname:", "Wetherby", "Portugal", "A note"])
        expect(found).toContain(text);
    });

    it("bold and shadows once, accents on their letters, wide headings as words", async () => {
      const draw = [
        show("Total 125", 600),
        show("Total 125", 600, "1 0 0 1 0.4 0 cm"),
        `BT /F 14 Tf 4 Tc 72 560 Td (ANNUAL REPORT) Tj ET`,
        `BT /F 14 Tf 0 Tc 72 520 Td (caf) Tj 1.56 0 Td ET`,
      ].join("\n");
      expect(await linesOf(textPdf([], { draw }))).toEqual(["Total 125", "ANNUAL REPORT", "caf"]);
    });

    it("what marked content stands for, also in forms and by the names of properties", async () => {
      const marked = (properties: string, text: string): string =>
        `/Span ${properties} BDC (${text}) Tj EMC`;
      const draw = [
        `BT /F 14 Tf 72 600 Td (The o) Tj ${marked("<</ActualText(ffi)>>", "X")} (ce ) Tj`,
        `${marked("<</ActualText<FEFF00E9>>>", "Y")} ${marked("<</Lang(en)>>", "t")} ${marked("/P", "Z")} ET /Form Do`,
      ].join(" ");
      const pdf = textPdf([], {
        draw,
        resources: "/Properties << /P << /ActualText (end) >> >> /XObject << /Form 6 0 R >>",
        objects: [
          {
            dict: "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F 5 0 R >> >> >>",
            stream: bytes("BT /F 14 Tf 72 560 Td /Span <</ActualText(form)>> BDC (W) Tj EMC ET"),
          },
        ],
      });
      expect(await linesOf(pdf)).toEqual(["The office étend", "form"]);
    });

    it("with words where their letters are", async () => {
      const layer = await layerOf(textPdf(["illi Mill"]));
      const [line] = layerLines(layer, 72);
      const [first, second] = line!.words!;
      // Helvetica at 24 points: l and i are 222, the space is 278 thousandths wide.
      expect(first!.polygon[1][0]).toBeCloseTo(72 + 4 * 0.222 * 24, 1);
      expect(second!.polygon[0][0]).toBeCloseTo(72 + (4 * 0.222 + 0.278) * 24, 1);
    });
  });

  describe.skipIf(!canDraw)("what a layer leaves", () => {
    it("is nothing on a page of text, rules and tints", async () => {
      const draw = "0.9 g 50 500 400 100 re f 0 G 50 500 m 450 500 l S 50 480 400 20 re S 0 g";
      const layer = await layerOf(textPdf(["text"], { draw }), true);
      expect(layer).toMatchObject({ ink: [], support: 1 });
    });

    it("is the picture beside the text, if pictures count", async () => {
      const pdf = textPdf(["text"], {
        draw: "q 100 0 0 50 72 400 cm /I Do Q",
        resources: "/XObject << /I 6 0 R >>",
        objects: [await noise(64)],
      });
      const { ink } = await layerOf(pdf, true);
      expect(ink).toHaveLength(1);
      const [left, top, right, bottom] = ink[0]!;
      for (const [value, wanted] of [
        [left, 72],
        [top, 842 - 450],
        [right, 172],
        [bottom, 842 - 400],
      ] as const) {
        expect(Math.abs(value - wanted)).toBeLessThan(5);
      }
      expect((await layerOf(pdf, true, false)).ink).toEqual([]);
    });

    it("is a drawing that may be writing, and no plain picture", async () => {
      const wave = Array.from({ length: 12 }, (_, i) => {
        const x = 80 + i * 10;
        return `${x + 3} 430 ${x + 6} 400 ${x + 10} 415 c`;
      }).join(" ");
      const drawn = await layerOf(textPdf(["text"], { draw: `2 w 80 415 m ${wave} S` }), true);
      expect(drawn.ink.length).toBeGreaterThan(0);
      const flat = { ...(await noise(8)), stream: await deflate(new Uint8Array(64).fill(200)) };
      const plain = textPdf(["text"], {
        draw: "q 595 0 0 842 0 0 cm /I Do Q",
        resources: "/XObject << /I 6 0 R >>",
        objects: [flat],
      });
      expect(await layerOf(plain, true)).toMatchObject({ ink: [], imageCoverage: 1 });
    });

    it("is all of a scan that invisible text does not lie on", async () => {
      const scan = {
        resources: "/XObject << /I 6 0 R >>",
        objects: [await noise(200)],
      };
      const on = textPdf(["word"], { ...scan, draw: "q 595 0 0 842 0 0 cm /I Do Q 3 Tr" });
      const over = await layerOf(on, true);
      expect(over.runs).toMatchObject([{ text: "word", hidden: true }]);
      expect(over.support).toBe(1);
      const beside = textPdf(["word"], { ...scan, draw: "q 595 0 0 300 0 0 cm /I Do Q 3 Tr" });
      expect((await layerOf(beside, true)).support).toBe(0);
    });

    it("is drawn without the text", async () => {
      await using document = await service.open(
        textPdf(["text"], { draw: "0 g 10 10 30 30 re f" }),
      );
      const { image } = await document.render(1, { dpi: 72, withoutText: true });
      const dark = (x: number, y: number): boolean =>
        (image.data[(y * image.width + x) * 4] as number) < 99;
      expect(dark(20, 842 - 20)).toBe(true);
      let ink = 0;
      for (let y = 90; y < 130; y++) for (let x = 70; x < 130; x++) if (dark(x, y)) ink++;
      expect(ink).toBe(0);
    });
  });
}

import { describe, expect, it } from "vitest";
import { PdfService } from "../../src/document/pdf/service.ts";
import { pdfCases } from "../unit/document/pdf-cases.ts";
import { pdfLayerCases } from "../unit/document/pdf-layer-cases.ts";
import { formBomb, textPdf } from "../unit/document/pdf-writer.ts";

describe("PDFs in a process of Deno", () => {
  pdfCases((options) => new PdfService({ isolation: "process", ...options }));
  pdfLayerCases(() => new PdfService({ isolation: "process" }));

  it("a process is replaced when it has grown", async () => {
    await using service = new PdfService({ isolation: "process", limits: { maxMemory: 1 } });
    await using document = await service.open(textPdf(["x"]));
    await document.render(1, { dpi: 200 });
    await document.render(1, { dpi: 200 });
    expect(service.counts).toMatchObject({ spawns: 2, recycles: 2 });
  });

  it("a process that grows too large within a page is ended", async () => {
    await using service = new PdfService({ isolation: "process", limits: { maxMemory: 2 ** 25 } });
    await using bomb = await service.open(formBomb(9));
    await expect(bomb.render(1, { dpi: 72 })).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    await using good = await service.open(textPdf(["x"]));
    expect(good.pageCount).toBe(1);
  });
});

describe("PDFs in a worker of Deno", () => {
  it("are read and drawn as in a process", async () => {
    const read = async (isolation: "worker" | "process") => {
      await using service = new PdfService({ isolation });
      await using document = await service.open(textPdf(["The same"]));
      const layer = await document.textLayer(1);
      return { layer, page: await document.render(1, { dpi: 72 }) };
    };
    expect(await read("worker")).toEqual(await read("process"));
  });
});

/** Runs a program in Deno with these permissions only; it prints JSON. */
async function runWith(flags: readonly string[], program: string): Promise<unknown> {
  const code = `
    import { PdfService } from "${new URL("../../src/document/pdf/service.ts", import.meta.url).href}";
    import { textPdf } from "${new URL("../unit/document/pdf-writer.ts", import.meta.url).href}";
    await using service = new PdfService();
    await using document = await service.open(textPdf(["Hello"]));
    ${program}`;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/main.ts`, code);
    const config = decodeURIComponent(new URL("../../deno.json", import.meta.url).pathname);
    const args = ["run", "--no-prompt", "--config", config, ...flags, `${folder}/main.ts`];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const text = new TextDecoder().decode(stdout);
    if (!text) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("without permissions", () => {
  const tell = `
    const { runs } = await document.textLayer(1);
    const drawn = await document.render(1, { dpi: 72 }).then(() => "drawn", (e) => e.code + ": " + e.message);
    console.log(JSON.stringify([runs[0].text, drawn]));`;

  it("the text layer is read, and drawing names the flag", async () => {
    for (const run of [[], [`--allow-run=${Deno.execPath()}`]]) {
      const [text, drawn] = (await runWith(["--allow-read", ...run], tell)) as string[];
      expect(text).toBe("Hello");
      expect(drawn).toMatch(/^BACKEND_UNAVAILABLE: .*--allow-ffi/);
    }
  });

  it("--allow-ffi is all that drawing needs", async () => {
    expect(await runWith(["--allow-read", "--allow-ffi"], tell)).toEqual(["Hello", "drawn"]);
  });
});

const shared = new URL("../../../shared/data/ocrmypdf_resources/", import.meta.url);
const hasShared = await Deno.stat(shared).then(
  () => true,
  () => false,
);

describe.skipIf(!hasShared)("real documents (need ../shared)", () => {
  it.each(["type3_font_nomapping", "truetype_font_nomapping"])(
    "%s: unmapped codes are garbage",
    async (name) => {
      await using service = new PdfService();
      await using document = await service.open(
        await Deno.readFile(new URL(`${name}.pdf`, shared)),
      );
      const { runs } = await document.textLayer(1);
      expect(runs).toEqual([]);
    },
  );

  it.each(["jbig2", "ccitt", "lichtenstein"])("%s: the decoder is found", async (name) => {
    await using service = new PdfService();
    await using document = await service.open(await Deno.readFile(new URL(`${name}.pdf`, shared)));
    const { image } = await document.render(1, { dpi: 50 });
    expect(image.data.some((value) => value < 128)).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import { PdfService } from "../../src/document/pdf/service.ts";
import { pdfCases } from "../unit/document/pdf-cases.ts";
import { pdfLayerCases } from "../unit/document/pdf-layer-cases.ts";
import { textPdf } from "../unit/document/pdf-writer.ts";

describe("PDFs in Chromium", () => {
  pdfCases((options) => new PdfService(options));
  pdfLayerCases(() => new PdfService());

  it("need no process, and cannot have one", async () => {
    await using service = new PdfService({ isolation: "process" });
    await expect(service.open(textPdf(["x"]))).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
    });
  });

  it("a worker is replaced after so many pages, because its memory cannot be measured", async () => {
    await using service = new PdfService({ limits: { maxWorkerPages: 3 } });
    await using document = await service.open(textPdf(["x"]));
    for (let i = 0; i < 7; i++) await document.render(1, { dpi: 20 });
    expect(service.counts).toMatchObject({ spawns: 3, recycles: 2 });
  });
});

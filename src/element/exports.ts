/** The whole document as a file, in any format that there is. */
import { createWriter } from "../output/formats.ts";
import type { TextFormat } from "../output/formats.ts";
import { searchablePdf } from "../output/pdf/open-searchable-pdf.ts";
import { EXPORT_FORMATS } from "./export-formats.ts";
import type { ExportFormat } from "./export-formats.ts";
import type { Pictures } from "./pictures.ts";
import type { ReadPage } from "./reading.ts";

/** The document in a text format; of the pages that could be read. */
export function writeText(pages: readonly ReadPage[], format: TextFormat, title: string): string {
  const writer = createWriter(format, { title });
  const readable = pages.filter(({ page }) => !page.error);
  // Pages of several files are one document here, so they are counted through.
  const several = new Set(readable.map(({ part }) => part)).size > 1;
  const written = readable.map(({ page, index }) =>
    writer.page(several ? { ...page, number: index + 1 } : page),
  );
  return writer.head() + written.join("") + writer.tail();
}

/** @throws GlyphpoolError as the writers; an INVALID_INPUT where no page has a picture for a PDF */
export async function exportDocument(
  pages: readonly ReadPage[],
  format: ExportFormat,
  title: string,
  pictures: Pictures,
): Promise<Blob> {
  const { type } = EXPORT_FORMATS[format];
  if (format !== "pdf") return new Blob([writeText(pages, format, title)], { type });
  const bytes = await writePdf(pages, title, pictures);
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
}

/** A single PDF keeps its own pages; pictures, and documents of several files, become new ones. */
async function writePdf(
  pages: readonly ReadPage[],
  title: string,
  pictures: Pictures,
): Promise<Uint8Array> {
  const [first] = pages;
  const whole = first?.part.kind === "pdf" && pages.every(({ part }) => part === first.part);
  const source = whole ? new Uint8Array(await first.part.file.arrayBuffer()) : undefined;
  const pdf = await searchablePdf({ title, ...(source ? { source } : {}) });
  for (const read of pages) {
    const { page } = read;
    if (page.error) continue;
    if (source) await pdf.add(page, { kind: "source", index: page.number - 1 });
    else {
      const bytes = await pictures.jpeg(read);
      const { width, height } = page;
      if (bytes) await pdf.add(page, { kind: "image", bytes, type: "image/jpeg", width, height });
    }
  }
  return await pdf.save();
}

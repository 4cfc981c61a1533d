/** A PDF with a line of text on each page. */
import { writePdf } from "../unit/document/pdf-writer.ts";
import type { GivenFile } from "./rig.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

export function pdfOf(texts: readonly string[]): GivenFile {
  // 1 catalog, 2 pages, 3 font, then each page and its content.
  const kids = texts.map((_, i) => `${4 + 2 * i} 0 R`).join(" ");
  const pages = texts.flatMap((text, i) => [
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F 3 0 R >> >> >>`,
    { dict: "<< >>", stream: ascii(`BT /F 20 Tf 20 150 Td (${text}) Tj ET`) },
  ]);
  const bytes = writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${texts.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages,
  ]);
  return { name: "pages.pdf", type: "application/pdf", bytes };
}

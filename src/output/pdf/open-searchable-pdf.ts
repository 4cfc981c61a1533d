/** The searchable PDF behind a dynamic import: who does not write one does not load the PDF library. */
import type { SearchablePdf, SearchablePdfOptions } from "./searchable-pdf.ts";

/**
 * Starts a searchable PDF, new or over the pages of `options.source`.
 *
 * @throws GlyphpoolError as {@link SearchablePdf.create}
 */
export async function searchablePdf(options: SearchablePdfOptions = {}): Promise<SearchablePdf> {
  const module = await import("./searchable-pdf.ts");
  return await module.SearchablePdf.create(options);
}

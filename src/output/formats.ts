/** Which writer belongs to which format. */
import { invalidOption } from "../options/rules.ts";
import type { DocumentPage, Page } from "../types.ts";
import { altoWriter } from "./alto.ts";
import { csvWriter } from "./csv.ts";
import { htmlWriter } from "./html.ts";
import { hocrWriter } from "./hocr.ts";
import { jsonLinesWriter, jsonWriter } from "./json.ts";
import { layoutTextWriter } from "./layout-text.ts";
import { markdownWriter } from "./markdown.ts";
import { textWriter } from "./text.ts";
import { tsvWriter } from "./tsv.ts";
import { checkWriterInfo, type DocumentWriter, type WriterInfo } from "./writer.ts";

/** The formats of {@link createWriter}; a searchable PDF is bytes and has a builder of its own. */
export const TEXT_FORMATS = [
  "text",
  "json",
  "jsonl",
  "md",
  "html",
  "hocr",
  "alto",
  "tsv",
  "csv",
] as const;

export type TextFormat = (typeof TEXT_FORMATS)[number];

/**
 * A writer for one document. What each format holds is in docs/formats.md.
 *
 * @throws GlyphpoolError `INVALID_OPTION` for a format that does not exist or a bad `info`
 */
export function createWriter(format: TextFormat, info: WriterInfo = {}): DocumentWriter {
  checkWriterInfo(info);
  switch (format) {
    case "text":
      return info.layout === true ? layoutTextWriter() : textWriter();
    case "json":
      return jsonWriter(info);
    case "jsonl":
      return jsonLinesWriter(info);
    case "md":
      return markdownWriter();
    case "html":
      return htmlWriter(info);
    case "hocr":
      return hocrWriter(info);
    case "alto":
      return altoWriter(info);
    case "tsv":
      return tsvWriter();
    case "csv":
      return csvWriter();
    default: {
      const names = TEXT_FORMATS.map((name) => JSON.stringify(name)).join(", ");
      throw invalidOption("format", format satisfies never, names);
    }
  }
}

/**
 * A whole document of one page: the page of an image, which is page 1 unless it says otherwise.
 *
 * @throws GlyphpoolError `INVALID_OPTION` as {@link createWriter}
 */
export function formatPage(
  page: Page | DocumentPage,
  format: TextFormat,
  info: WriterInfo = {},
): string {
  const writer = createWriter(format, info);
  return writer.head() + writer.page({ number: 1, source: "ocr", ...page }) + writer.tail();
}

/** What can be downloaded, in words; the writers themselves are loaded when one is wanted. */
import type { TextFormat } from "../output/formats.ts";

export type ExportFormat = TextFormat | "pdf";

interface FormatInfo {
  readonly label: string;
  readonly extension: string;
  readonly type: string;
}

/** In the order in which they are offered. */
export const EXPORT_FORMATS: Readonly<Record<ExportFormat, FormatInfo>> = {
  text: { label: "Plain text", extension: "txt", type: "text/plain" },
  md: { label: "Markdown", extension: "md", type: "text/markdown" },
  html: { label: "HTML", extension: "html", type: "text/html" },
  json: { label: "JSON", extension: "json", type: "application/json" },
  jsonl: { label: "JSON lines", extension: "jsonl", type: "application/jsonl" },
  pdf: { label: "Searchable PDF", extension: "pdf", type: "application/pdf" },
  hocr: { label: "hOCR", extension: "hocr.html", type: "text/html" },
  alto: { label: "ALTO XML", extension: "alto.xml", type: "application/xml" },
  tsv: { label: "TSV", extension: "tsv", type: "text/tab-separated-values" },
  csv: { label: "Tables as CSV", extension: "csv", type: "text/csv" },
};

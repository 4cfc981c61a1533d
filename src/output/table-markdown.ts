/** A table as GitHub's Markdown, which knows no spans: tables that have some become HTML. */
import type { Table } from "../types.ts";
import { escapeMarkdown } from "./markdown-escape.ts";
import { headRows, tableHtml, tableRows } from "./table-html.ts";
import { printable } from "./text.ts";

/** Without a head the first row takes its place, because Markdown asks for one. Empty without cells. */
export function tableMarkdown(table: Table): string {
  const hasSpans = table.cells.some(({ rowSpan, columnSpan }) => rowSpan > 1 || columnSpan > 1);
  if (table.cells.length === 0) return "";
  if (hasSpans || headRows(table) > 1) return tableHtml(table);
  const [head = [], ...body] = tableRows(table).map((cells) => {
    const row = Array.from({ length: table.columns }, () => "");
    for (const { column, text } of cells) row[column] = cellMarkdown(text);
    return row;
  });
  return [head, head.map(() => "---"), ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function cellMarkdown(text: string): string {
  return escapeMarkdown(printable(text).replace(/\s+/gu, " ").trim());
}

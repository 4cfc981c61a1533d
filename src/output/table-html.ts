/** A table as HTML. */
import type { Table, TableCell } from "../types.ts";
import { escapeXml } from "./xml.ts";

/** The cells that begin in each row, from the left. A row into which others only reach has none. */
export function tableRows({ rows, cells }: Table): TableCell[][] {
  const found: TableCell[][] = Array.from({ length: rows }, () => []);
  for (const cell of cells) found[cell.row]?.push(cell);
  for (const row of found) row.sort((a, b) => a.column - b.column);
  return found;
}

/** Rows at the top that are the head of the table: all their cells are, and none reaches below. */
export function headRows(table: Table): number {
  const rows = tableRows(table);
  const first = rows.findIndex((row) => row.length > 0 && !row.every(({ header }) => header));
  const depth = first < 0 ? table.rows : first;
  const head = rows.slice(0, depth).flat();
  return head.some(({ row, rowSpan }) => row + rowSpan > depth) ? 0 : depth;
}

/** `<table>` with `<thead>` where there is a head, `rowspan` and `colspan`; in one line. */
export function tableHtml(table: Table): string {
  const rows = tableRows(table).map((cells) => `<tr>${cells.map(cellHtml).join("")}</tr>`);
  const depth = headRows(table);
  const head = rows.slice(0, depth).join("");
  const body = rows.slice(depth).join("");
  return `<table>${head && `<thead>${head}</thead>`}${body && `<tbody>${body}</tbody>`}</table>`;
}

function cellHtml({ header, rowSpan, columnSpan, text }: TableCell): string {
  const tag = header ? "th" : "td";
  const down = rowSpan > 1 ? ` rowspan="${rowSpan}"` : "";
  const across = columnSpan > 1 ? ` colspan="${columnSpan}"` : "";
  return `<${tag}${down}${across}>${escapeXml(text.replace(/\s+/gu, " ").trim())}</${tag}>`;
}

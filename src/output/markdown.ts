import type { Table } from "../types.ts";
import { headRows, tableHtml, tableRows } from "./table-html.ts";
import { printable } from "./text.ts";
import { FlowJoiner } from "./flow-joiner.ts";
import type { FlowItem } from "./flow.ts";
import type { List } from "./list-items.ts";
import type { DocumentWriter } from "./writer.ts";

/** A table as GitHub's Markdown, which knows no spans: tables that have some become HTML. */

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

/** Text that Markdown shows as it is: CommonMark, GitHub's extensions, and formulas between dollars. */

/** Characters that mean something anywhere in a line. */
const ANYWHERE = /[\\`*_<>|~$]/g;
/** What would make a link, an image or a definition. Other brackets stay: many readers take `\[` for mathematics. */
const LINK = /\](?=[([:])/g;
/** A box to be ticked, at the start of an item. */
const TASK = /^\[(?=[ xX]\](?: |$))/;
/** An entity such as `&amp;` or `&#x41;`; a lone ampersand is harmless. */
const ENTITY = /&(?=[a-zA-Z][a-zA-Z0-9]*;|#\d+;|#[xX][0-9a-fA-F]+;)/g;
/** What would start a heading, a list or a rule. */
const AT_START = /^(#{1,6}(?= |$)|[-+](?= |$)|-(?=[- ]*$)|=(?==*$))/;
const NUMBERED = /^(\d{1,9})([.)])(?= |$)/;

/** @param text one line: a paragraph whose lines are joined */
export function escapeMarkdown(text: string): string {
  return text
    .replace(ANYWHERE, "\\$&")
    .replace(LINK, "\\]")
    .replace(TASK, "\\[")
    .replace(ENTITY, "\\&")
    .replace(AT_START, "\\$&")
    .replace(NUMBERED, "$1\\$2");
}

/** Markdown: headings, paragraphs, lists, tables and formulas as far as the layout is known. */

/** Items are parted by an empty line; what the end of a page has torn apart is whole again. */
export function markdownWriter(): DocumentWriter {
  const joiner = new FlowJoiner();
  let started = false;
  const write = (items: readonly FlowItem[]): string => {
    const text = items.map(itemMarkdown).join("\n\n");
    if (text === "") return "";
    const separator = started ? "\n" : "";
    started = true;
    return `${separator}${text}\n`;
  };
  return {
    head: () => "",
    page: (page) => write(joiner.page(page)),
    tail: () => write(joiner.end()),
  };
}

function itemMarkdown(item: FlowItem): string {
  switch (item.kind) {
    case "heading":
      return `${"#".repeat(item.level)} ${escapeMarkdown(item.text)}`;
    case "paragraph":
    case "caption":
      return escapeMarkdown(item.text);
    case "list":
      return listMarkdown(item.list);
    case "table":
      return tableMarkdown(item.table);
    case "formula":
      return `$$\n${item.latex}\n$$`;
    case "verbatim":
      // A backslash at the end of a line breaks it.
      return item.lines.map(escapeMarkdown).join("\\\n");
    default:
      return item satisfies never;
  }
}

function listMarkdown({ ordered, start, items }: List): string {
  return items
    .map((item, i) => `${ordered ? `${start + i}.` : "-"} ${escapeMarkdown(item)}`)
    .join("\n");
}

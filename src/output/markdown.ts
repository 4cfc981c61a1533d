/** Markdown: headings, paragraphs, lists, tables and formulas as far as the layout is known. */
import { FlowJoiner } from "./flow-joiner.ts";
import type { FlowItem } from "./flow.ts";
import type { List } from "./list-items.ts";
import { escapeMarkdown } from "./markdown-escape.ts";
import { tableMarkdown } from "./table-markdown.ts";
import type { DocumentWriter } from "./writer.ts";

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

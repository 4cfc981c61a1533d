/** HTML for people: the structure as elements. (hOCR is HTML for programs.) */
import { FlowJoiner } from "./flow-joiner.ts";
import type { FlowItem } from "./flow.ts";
import type { List } from "./list-items.ts";
import { tableHtml } from "./table-html.ts";
import type { DocumentWriter, WriterInfo } from "./writer.ts";
import { escapeXml } from "./xml.ts";

/** A whole document. Formulas stay LaTeX, in elements of the class `formula`. */
export function htmlWriter({ title, source, language }: WriterInfo): DocumentWriter {
  const lang = language === undefined ? "" : ` lang="${escapeXml(language)}"`;
  const named = escapeXml(title ?? source ?? "Document");
  const body = htmlFragments();
  return {
    head: () =>
      `<!doctype html>\n<html${lang}>\n<head>\n<meta charset="utf-8">\n<title>${named}</title>\n</head>\n<body>\n`,
    page: (page) => body.page(page),
    tail: () => `${body.tail()}</body>\n</html>\n`,
  };
}

/** The elements alone, to be put into a page. */
export function htmlFragments(): DocumentWriter {
  const joiner = new FlowJoiner();
  const write = (items: readonly FlowItem[]): string =>
    items.map((item) => `${itemHtml(item)}\n`).join("");
  return {
    head: () => "",
    page: (page) => write(joiner.page(page)),
    tail: () => write(joiner.end()),
  };
}

function itemHtml(item: FlowItem): string {
  switch (item.kind) {
    case "heading":
      return `<h${item.level}>${escapeXml(item.text)}</h${item.level}>`;
    case "paragraph":
      return `<p>${escapeXml(item.text)}</p>`;
    case "caption":
      return `<p class="caption">${escapeXml(item.text)}</p>`;
    case "list":
      return listHtml(item.list);
    case "table":
      return tableHtml(item.table);
    case "formula":
      return `<p class="formula">${escapeXml(item.latex)}</p>`;
    case "verbatim":
      return `<p>${item.lines.map(escapeXml).join("<br>")}</p>`;
    default:
      return item satisfies never;
  }
}

function listHtml({ ordered, start, items }: List): string {
  const inner = items.map((item) => `<li>${escapeXml(item)}</li>`).join("");
  if (!ordered) return `<ul>${inner}</ul>`;
  return `<ol${start === 1 ? "" : ` start="${start}"`}>${inner}</ol>`;
}

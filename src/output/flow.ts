/** A page as what Markdown and HTML consist of: headings, paragraphs, lists, tables, formulas, pictures. */
import type { Block, DocumentPage, Line, Table } from "../types.ts";
import { groupLines } from "./blocks.ts";
import { joinLines, oneLine } from "./join-lines.ts";
import { listOf } from "./list-items.ts";
import type { List } from "./list-items.ts";

export type FlowItem =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "caption"; readonly text: string }
  | { readonly kind: "list"; readonly list: List }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "formula"; readonly latex: string }
  /** Lines that are shown as they stand. */
  | { readonly kind: "verbatim"; readonly lines: readonly string[] };

/** In reading order, without headers, footers and page numbers where the layout is known. */
export function flowOf(page: DocumentPage): FlowItem[] {
  if (!page.blocks) return ofLines(page.lines);
  return page.blocks.flatMap((block) =>
    ofBlock(block, block.lines.map((i) => page.lines[i]).filter(isLine)),
  );
}

/** Without a layout: paragraphs by distance and indent. */
function ofLines(lines: readonly Line[]): FlowItem[] {
  return groupLines(lines)
    .flatMap((block) => block.paragraphs)
    .flatMap((paragraph) => textItem("paragraph", joinLines(paragraph)));
}

function ofBlock(block: Block, lines: readonly Line[]): FlowItem[] {
  switch (block.type) {
    case "title":
      return heading(1, lines);
    case "heading":
      return heading(1 + (block.level ?? 1), lines);
    case "list": {
      const list = listOf(lines);
      return list.items.length === 0 ? [] : [{ kind: "list", list }];
    }
    case "table":
      return block.table ? [{ kind: "table", table: block.table }] : verbatim(lines);
    case "formula":
    case "inline-formula":
      return block.latex
        ? [{ kind: "formula", latex: block.latex }]
        : textItem("paragraph", joinLines(lines));
    case "algorithm":
    case "contents":
      return verbatim(lines);
    case "caption":
      return textItem("caption", joinLines(lines));
    case "header":
    case "footer":
    case "page-number":
      return [];
    case "text":
    case "abstract":
    case "figure":
    case "chart":
    case "formula-number":
    case "reference":
    case "sidebar":
    case "seal":
    case "footnote":
      return textItem("paragraph", joinLines(lines));
    default:
      return block.type satisfies never;
  }
}

function heading(level: number, lines: readonly Line[]): FlowItem[] {
  const text = joinLines(lines);
  return text === "" ? [] : [{ kind: "heading", level: Math.min(level, 6), text }];
}

function textItem(kind: "paragraph" | "caption", text: string): FlowItem[] {
  return text === "" ? [] : [{ kind, text }];
}

function verbatim(lines: readonly Line[]): FlowItem[] {
  const texts = lines.map(({ text }) => oneLine(text)).filter((text) => text !== "");
  return texts.length === 0 ? [] : [{ kind: "verbatim", lines: texts }];
}

function isLine(line: Line | undefined): line is Line {
  return line !== undefined;
}

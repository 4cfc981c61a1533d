/** A page as what Markdown and HTML consist of: headings, paragraphs, lists, tables, formulas, pictures. */
import type { Block, DocumentPage, Line, Table } from "../types.ts";
import { groupLines } from "./blocks.ts";
import { isContinued, joinLines, joinTexts, oneLine } from "./join-lines.ts";
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

/** What one page consists of. */
export interface PageFlow {
  /** The page's own, in reading order. */
  readonly items: FlowItem[];
  /** Heads and feet, which may be those of every page. Page numbers are left out. */
  readonly heads: FlowItem[];
  readonly feet: FlowItem[];
}

/** Without a layout everything is the page's own. */
export function flowOf(page: DocumentPage): PageFlow {
  if (!page.blocks) return { items: ofLines(page.lines), heads: [], feet: [] };
  const of = (type: Block["type"]): FlowItem[] =>
    (page.blocks ?? [])
      .filter((block) => block.type === type)
      .flatMap((block) => textItem("paragraph", joinLines(linesOf(block, page))));
  return { items: ofBlocks(page, page.blocks), heads: of("header"), feet: of("footer") };
}

function linesOf(block: Block, page: DocumentPage): Line[] {
  return block.lines.map((i) => page.lines[i]).filter(isLine);
}

function ofBlocks(page: DocumentPage, blocks: readonly Block[]): FlowItem[] {
  const items: FlowItem[] = [];
  let last: Block | undefined;
  for (const block of blocks) {
    const own = ofBlock(block, linesOf(block, page));
    if (own.length === 0) continue;
    const joined = last && isNextColumn(last, block) ? oneParagraph(items.at(-1), own) : undefined;
    if (joined) items.splice(-1, 1, joined);
    else items.push(...own);
    last = block;
  }
  return items;
}

/** Whether text goes on in another column: to the side of the last one, and higher than where that ended. */
function isNextColumn(before: Block, after: Block): boolean {
  if (before.type !== "text" || after.type !== "text") return false;
  const [a, b] = [boundsOf(before), boundsOf(after)];
  return (b.left >= a.right || b.right <= a.left) && b.top < a.bottom;
}

function oneParagraph(
  before: FlowItem | undefined,
  [after]: readonly FlowItem[],
): FlowItem | undefined {
  if (before?.kind !== "paragraph" || after?.kind !== "paragraph") return undefined;
  if (!isContinued(before.text, after.text)) return undefined;
  return { kind: "paragraph", text: joinTexts(before.text, after.text) };
}

function boundsOf({ polygon }: Block): {
  left: number;
  right: number;
  top: number;
  bottom: number;
} {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
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

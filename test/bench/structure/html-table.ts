/** An HTML table as the labelled tree that TEDS compares. */
import { type DefaultTreeAdapterTypes, parse } from "parse5";

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.ChildNode;

/** A node of the table: the table, a section, a row or a cell. */
export interface TableNode {
  readonly tag: string;
  readonly columnSpan: number;
  readonly rowSpan: number;
  /** Of a cell: its characters and the tags among them. */
  readonly content: readonly string[];
  readonly children: readonly TableNode[];
}

export interface TableTree {
  readonly root: TableNode;
  /** All elements inside the table, those inside cells too: what TEDS divides by. */
  readonly elements: number;
}

/**
 * How two tables are made alike before they are compared.
 * - `pubtabnet`: as PubTabNet's metric. Sections are nodes, tags inside cells are symbols of their own.
 * - `omnidocbench`: sections and `sup`, `sub`, `span`, `div` and `p` are left out, text is NFKC without line breaks.
 *
 * In both a `th` is a `td`.
 */
export type TableRules = "pubtabnet" | "omnidocbench";

const SECTIONS = new Set(["thead", "tbody"]);
const WRAPPERS = new Set(["sup", "sub", "span", "div", "p"]);
/** Elements of the HTML parser's own making, or that say nothing of the structure. */
const DROPPED = new Set(["colgroup", "col"]);

/** The first table of some HTML. @returns undefined where there is none */
export function parseTable(html: string, rules: TableRules): TableTree | undefined {
  const document = parse(html, { sourceCodeLocationInfo: true });
  const table = findElement(document.childNodes, "table");
  if (!table) return undefined;
  const counter = { elements: 0 };
  return { root: structure(table, rules, counter), elements: counter.elements };
}

/** The text of each cell, in the order of the source. */
export function cellTexts(html: string): string[] {
  const tree = parseTable(html, "omnidocbench");
  const texts = (node: TableNode): string[] =>
    node.tag === "td" ? [node.content.join("").trim()] : node.children.flatMap(texts);
  return tree ? texts(tree.root).filter((text) => text !== "") : [];
}

/** The same tree for the same table, however its HTML is written. */
export function serializeTable(html: string): string {
  const write = (node: TableNode): string => {
    const spans =
      (node.columnSpan > 1 ? ` colspan="${node.columnSpan}"` : "") +
      (node.rowSpan > 1 ? ` rowspan="${node.rowSpan}"` : "");
    const inner = node.content.join("") + node.children.map(write).join("");
    return `<${node.tag}${spans}>${inner}</${node.tag}>`;
  };
  const tree = parseTable(html, "omnidocbench");
  return tree ? write(tree.root) : "";
}

function findElement(nodes: readonly Node[], tag: string): Element | undefined {
  for (const node of nodes) {
    if (!("tagName" in node)) continue;
    const found = node.tagName === tag ? node : findElement(node.childNodes, tag);
    if (found) return found;
  }
  return undefined;
}

function structure(element: Element, rules: TableRules, counter: { elements: number }): TableNode {
  if (element.tagName === "td" || element.tagName === "th") {
    const content = tokens(element.childNodes, rules, counter);
    return {
      tag: "td",
      columnSpan: span(element, "colspan"),
      rowSpan: span(element, "rowspan"),
      content,
      children: [],
    };
  }
  const children: TableNode[] = [];
  const add = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (!("tagName" in node) || DROPPED.has(node.tagName)) continue;
      // The parser puts rows without a section into a tbody that the source does not have.
      const isImplied = node.tagName === "tbody" && !node.sourceCodeLocation?.startTag;
      if (isImplied || (rules === "omnidocbench" && SECTIONS.has(node.tagName))) {
        add(node.childNodes);
      } else {
        counter.elements++;
        children.push(structure(node, rules, counter));
      }
    }
  };
  add(element.childNodes);
  return { tag: element.tagName, columnSpan: 1, rowSpan: 1, content: [], children };
}

function tokens(
  nodes: readonly Node[],
  rules: TableRules,
  counter: { elements: number },
): string[] {
  return nodes.flatMap((node) => {
    if ("value" in node) return Array.from(normalizeText(node.value, rules));
    if (!("tagName" in node)) return [];
    if (rules === "omnidocbench" && node.tagName === "math") {
      const text = node.attrs.find(({ name }) => name === "alttext")?.value ?? "";
      return Array.from(`$${text}$`);
    }
    const isPlain = rules === "omnidocbench" && WRAPPERS.has(node.tagName);
    if (!isPlain) counter.elements++;
    const inner = tokens(node.childNodes, rules, counter);
    return isPlain ? inner : [`<${node.tagName}>`, ...inner, `</${node.tagName}>`];
  });
}

function normalizeText(text: string, rules: TableRules): string {
  if (rules === "pubtabnet") return text;
  // The benchmark's own parser makes a blank of several lines a line break, which goes next.
  if (text.includes("\n") && text.trim() === "") return "";
  return text.replaceAll("\n", "").normalize("NFKC").replaceAll(/\s+/g, " ");
}

function span(element: Element, name: string): number {
  const value = Number.parseInt(element.attrs.find((a) => a.name === name)?.value ?? "1", 10);
  return Number.isNaN(value) ? 1 : value;
}

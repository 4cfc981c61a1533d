/** The Markdown of a page cut into what OmniDocBench compares: texts, formulas and tables. */
import { parseMarkdownTables } from "./markdown-table.ts";
import { splitFormula } from "./omnidoc-normalize.ts";

export interface Part {
  readonly kind: "text" | "formula" | "inline-formula" | "table";
  /** Of a table its HTML. */
  readonly content: string;
  /** Where it begins in the Markdown, in code units. */
  readonly position: number;
}

const IMAGE = /!\[.*?\]\(.*?\)/g;
const FENCE = /^```(?:markdown|html|latex)\n?|```\n?$/gm;
const HTML_TABLE = /<table[^>]*>(?:(?!<table)[\s\S])*?<\/table>/g;
const FORMULA = /\$\$([\s\S]*?)\$\$|\\\[([\s\S]*?)\\\]|\$([\s\S]*?)\$|\\\(([\s\S]*?)\\\)/g;
const CODE = /```\w+\n([\s\S]*?)```/g;
const TEXT_COMMAND = /\\(?:title|text|section\*?)\s*\{\s*([\s\S]*?)\s*\}/g;

/** Tables and display formulas are taken out, the rest is cut at empty lines. In the order of the page. */
export function cutMarkdown(markdown: string): Part[] {
  const parts: Part[] = [];
  let rest = markdown
    .replaceAll("\r", "")
    .replaceAll(IMAGE, "")
    .replaceAll(FENCE, "")
    .replaceAll(/_{4,}/g, "____")
    .replaceAll(/ {4,}/g, "    ")
    .replaceAll(/<\/?(?:html|body)>/g, "");
  // What is taken leaves as many spaces, so that positions stay.
  const take = (
    pattern: RegExp,
    part: (match: RegExpExecArray) => Omit<Part, "position">,
  ): void => {
    const source = rest;
    for (const match of source.matchAll(pattern)) {
      const taken = part(match);
      if (taken.content !== "") parts.push({ ...taken, position: match.index });
      if (taken.kind !== "inline-formula") rest = blank(rest, match.index, match[0].length);
    }
  };

  take(HTML_TABLE, ([html]) => ({ kind: "table", content: html }));
  take(FORMULA, ([, dollars, brackets, inline, round]) => {
    const display = dollars ?? brackets;
    const content = (display ?? inline ?? round ?? "").replaceAll("\n", " ").trim();
    const kind = display === undefined ? "inline-formula" : "formula";
    return { kind, content: content === "" ? "" : `\\[${content}\\]` };
  });
  for (const { html, position, length } of parseMarkdownTables(rest)) {
    parts.push({ kind: "table", content: html, position });
    rest = blank(rest, position, length);
  }
  take(CODE, ([, code = ""]) => ({ kind: "text", content: code.trim() }));
  parts.push(...cutText(rest));
  return parts.sort((a, b) => a.position - b.position).flatMap(splitArrays);
}

function splitArrays(part: Part): Part[] {
  if (part.kind !== "formula") return [part];
  return splitFormula(part.content).map((content) => ({ ...part, content }));
}

/** At empty lines; where there are none, at each line. */
function cutText(text: string): Part[] {
  const separator = text.includes("\n\n") ? "\n\n" : "\n";
  const parts: Part[] = [];
  let position = 0;
  for (const piece of text.split(separator)) {
    const lines = piece
      .replaceAll(TEXT_COMMAND, "$1")
      .split("\n")
      .map((line) => line.trim());
    const content = lines.filter((line) => line !== "").join("\n");
    const isFormula = /^\$[\s\S]*\$$/.test(content);
    const indent = piece.length - piece.trimStart().length;
    if (content.replaceAll("$", "").trim() !== "" || (content !== "" && !isFormula)) {
      parts.push({ kind: isFormula ? "formula" : "text", content, position: position + indent });
    }
    position += piece.length + separator.length;
  }
  return parts;
}

function blank(text: string, start: number, length: number): string {
  return text.slice(0, start) + " ".repeat(length) + text.slice(start + length);
}

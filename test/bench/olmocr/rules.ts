/**
 * The tests of olmOCR-bench as its documentation defines them, but without its tolerance for misread characters.
 * Formulas are looked for as LaTeX between dollars: a page that has none fails those tests.
 */
import type { Table } from "../../../src/types.ts";

export interface BenchTest {
  readonly pdf: string;
  readonly page: number;
  readonly id: string;
  readonly type: "present" | "absent" | "order" | "table" | "math";
  readonly text?: string;
  readonly case_sensitive?: boolean;
  readonly first_n?: number;
  readonly last_n?: number;
  readonly before?: string;
  readonly after?: string;
  readonly cell?: string;
  /** What stands beside the cell, at once or as the first of its row or column. */
  readonly up?: string;
  readonly down?: string;
  readonly left?: string;
  readonly right?: string;
  readonly top_heading?: string;
  readonly left_heading?: string;
  readonly math?: string;
}

/** Whether a page, as Markdown and as what its tables are, passes. */
export function passes(test: BenchTest, markdown: string, tables: readonly Table[]): boolean {
  const content = normalise(markdown);
  if (test.type === "present") return contains(test, content);
  if (test.type === "absent") return !contains(test, content);
  if (test.type === "order") {
    const before = content.indexOf(normalise(test.before ?? ""));
    return before >= 0 && content.lastIndexOf(normalise(test.after ?? "")) > before;
  }
  if (test.type === "table") return tables.some((table) => holdsCell(test, gridOf(table)));
  const bare = (text: string): string => text.replaceAll(/\s|\$/g, "");
  const formulas = markdown.match(/\$[^$]+\$/g) ?? [];
  return formulas.some((formula) => bare(formula).includes(bare(test.math ?? "")));
}

/** The texts by row and column; a cell that spans several places stands in all of them. */
function gridOf({ rows, columns, cells }: Table): string[][] {
  const grid = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ""));
  for (const { row, column, rowSpan, columnSpan, text } of cells) {
    for (let r = row; r < row + rowSpan; r++) {
      for (let c = column; c < column + columnSpan; c++) (grid[r] as string[])[c] = normalise(text);
    }
  }
  return grid;
}

function holdsCell(test: BenchTest, grid: readonly (readonly string[])[]): boolean {
  const { cell = "", up, down, left, right, top_heading, left_heading } = test;
  const is = (text: string | undefined, wanted: string | undefined): boolean =>
    wanted === undefined || text === normalise(wanted);
  return grid.some((row, r) =>
    row.some((text, c) => {
      const above = grid.slice(0, r).map((other) => other[c]);
      return (
        is(text, cell) &&
        is(grid[r - 1]?.[c], up) &&
        is(grid[r + 1]?.[c], down) &&
        is(row[c - 1], left) &&
        is(row[c + 1], right) &&
        (top_heading === undefined || above.some((other) => is(other, top_heading))) &&
        (left_heading === undefined || row.slice(0, c).some((other) => is(other, left_heading)))
      );
    }),
  );
}

function contains(
  { text = "", case_sensitive = true, first_n, last_n }: BenchTest,
  content: string,
): boolean {
  const whole = first_n !== undefined || last_n !== undefined;
  const part = whole
    ? content.slice(0, first_n ?? 0) + content.slice(-(last_n ?? 0) || content.length)
    : content;
  const needle = normalise(text);
  return case_sensitive ? part.includes(needle) : part.toLowerCase().includes(needle.toLowerCase());
}

/** White space, quotes, dashes and Markdown's emphasis are all the same. */
function normalise(text: string): string {
  return text
    .normalize("NFC")
    .replaceAll(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, "$1")
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[‘’‚]/g, "'")
    .replaceAll(/[‐‑‒–—−]/g, "-")
    .replaceAll(/\*\*|__/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

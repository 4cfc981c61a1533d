/** Tables of pipes in Markdown, as HTML. */

export interface MarkdownTable {
  readonly html: string;
  /** In code units of the Markdown. */
  readonly position: number;
  readonly length: number;
}

const DELIMITER = /^\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?$/;

/** A table is a row of pipes, a row of dashes and all rows of pipes that follow. */
export function parseMarkdownTables(markdown: string): MarkdownTable[] {
  const lines = markdown.split("\n");
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  const isRow = (line: string | undefined): boolean =>
    line !== undefined && /^\|.*\|$/.test(line.trim());
  const tables: MarkdownTable[] = [];
  for (let first = 0; first + 1 < lines.length; first++) {
    if (!isRow(lines[first]) || !DELIMITER.test((lines[first + 1] as string).trim())) continue;
    let last = first + 1;
    while (isRow(lines[last + 1])) last++;
    const rows = [lines[first] as string, ...lines.slice(first + 2, last + 1)];
    const position = starts[first] as number;
    const end = (starts[last] as number) + (lines[last] as string).length;
    tables.push({ html: toHtml(rows), position, length: end - position });
    first = last;
  }
  return tables;
}

function toHtml(rows: readonly string[]): string {
  const cells = rows.map((row) =>
    row
      .trim()
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => `<td>${unescape(cell.trim())}</td>`),
  );
  return `<table>${cells.map((row) => `<tr>${row.join("")}</tr>`).join("")}</table>`;
}

/** Markdown's escapes; what is left means the same in both. */
function unescape(cell: string): string {
  return cell.replaceAll(/\\([!-/:-@[-`{-~])/g, (_, character: string) =>
    character === "<" ? "&lt;" : character === "&" ? "&amp;" : character,
  );
}

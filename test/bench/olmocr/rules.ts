/**
 * The tests of olmOCR-bench as its documentation defines them. Tables and formulas are looked for as Markdown or HTML
 * tables and as LaTeX between dollars: a page that has none of them fails those tests.
 */

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
  readonly math?: string;
}

/** Whether a page, as Markdown, passes. */
export function passes(test: BenchTest, markdown: string): boolean {
  const content = normalise(markdown);
  if (test.type === "present") return contains(test, content);
  if (test.type === "absent") return !contains(test, content);
  if (test.type === "order") {
    const before = content.indexOf(normalise(test.before ?? ""));
    return before >= 0 && content.lastIndexOf(normalise(test.after ?? "")) > before;
  }
  if (test.type === "table") {
    const rows = markdown.match(/^\|.*\|$/gm) ?? markdown.match(/<t[dh][\s\S]*?<\/t[dh]>/g) ?? [];
    // Finding the cell is necessary; its neighbours are not even looked at.
    return rows.some((row) => normalise(row).includes(normalise(test.cell ?? "")));
  }
  const bare = (text: string): string => text.replaceAll(/\s|\$/g, "");
  const formulas = markdown.match(/\$[^$]+\$/g) ?? [];
  return formulas.some((formula) => bare(formula).includes(bare(test.math ?? "")));
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

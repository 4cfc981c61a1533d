/** Our Markdown as OmniDocBench has it. */

/** Escapes that OmniDocBench would take for the delimiters of formulas, or for letters. */
const ESCAPE = /\$\$[\s\S]*?\$\$|\\([\\`*_[\]~$#+=.)-])/g;

/** Text without escapes. In tables `\|`, `\<` and `\&` stay. */
export function plainMarkdown(markdown: string): string {
  return markdown.replaceAll(ESCAPE, (all, character?: string) => character ?? all);
}

/** Text that Markdown shows as it is: CommonMark, GitHub's extensions, and formulas between dollars. */

/** Characters that mean something anywhere in a line. */
const ANYWHERE = /[\\`*_[\]<>|~$]/g;
/** An entity such as `&amp;` or `&#x41;`; a lone ampersand is harmless. */
const ENTITY = /&(?=[a-zA-Z][a-zA-Z0-9]*;|#\d+;|#[xX][0-9a-fA-F]+;)/g;
/** What would start a heading, a list or a rule. */
const AT_START = /^(#{1,6}(?= |$)|[-+](?= |$)|-(?=[- ]*$)|=(?==*$))/;
const NUMBERED = /^(\d{1,9})([.)])(?= |$)/;

/** @param text one line: a paragraph whose lines are joined */
export function escapeMarkdown(text: string): string {
  return text
    .replace(ANYWHERE, "\\$&")
    .replace(ENTITY, "\\&")
    .replace(AT_START, "\\$&")
    .replace(NUMBERED, "$1\\$2");
}

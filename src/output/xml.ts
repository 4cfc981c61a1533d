/** Text inside XML, whatever it holds. */

/** Everything outside `Char` of XML 1.0: controls, lone surrogates, U+FFFE and U+FFFF. No escape makes them legal. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // As they are, an attribute would turn these into spaces.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** For element content and for attributes in double quotes. Forbidden characters are dropped. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "").replace(/[&<>"\t\n\r]/g, (found) => ESCAPES[found] ?? found);
}

/** A comment, which may not hold two hyphens in a row or end with one. */
export function xmlComment(text: string): string {
  return `<!-- ${text.replace(FORBIDDEN, "").replace(/-(?=-|$)/g, "- ")} -->`;
}

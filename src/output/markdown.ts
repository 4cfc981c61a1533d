/** Markdown: paragraphs. Headings, lists and tables need the layout, which is not known here. */
import type { DocumentPage, Line } from "../types.ts";
import { groupLines } from "./blocks.ts";
import { escapeMarkdown } from "./markdown-escape.ts";
import { meetWithoutSpace } from "./script.ts";
import { printable } from "./text.ts";
import type { DocumentWriter } from "./writer.ts";

/** Paragraphs are parted by an empty line, across pages too. */
export function markdownWriter(): DocumentWriter {
  let started = false;
  return {
    head: () => "",
    page(page) {
      const text = paragraphs(page).join("\n\n");
      if (text === "") return "";
      const separator = started ? "\n" : "";
      started = true;
      return `${separator}${text}\n`;
    },
    tail: () => "",
  };
}

function paragraphs(page: DocumentPage): string[] {
  return groupLines(page.lines)
    .flatMap((block) => block.paragraphs)
    .map((lines) => escapeMarkdown(joinLines(lines)))
    .filter((text) => text !== "");
}

/** One line of text: words that were divided at the end of a line are whole again. */
function joinLines(lines: readonly Line[]): string {
  let joined = "";
  for (const line of lines) {
    const text = printable(line.text).replace(/\s+/gu, " ").trim();
    if (text === "") continue;
    if (DIVIDED.test(joined) && /^\p{Ll}/u.test(text)) {
      joined = joined.replace(HYPHEN, "") + text;
    } else {
      const apart = joined !== "" && !meetWithoutSpace(joined, text);
      joined += apart ? ` ${text}` : text;
    }
  }
  return joined;
}

/** A letter and a hyphen; one that is followed by a small letter divides a word. */
const DIVIDED = /\p{L}[-\u00ad\u2010]$/u;
const HYPHEN = /[-\u00ad\u2010]$/u;

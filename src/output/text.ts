/** Plain text: the lines in reading order. */
import type { DocumentPage } from "../types.ts";
import type { DocumentWriter } from "./writer.ts";

/** Controls that a terminal or the page break would take for its own; tabs and line feeds stay. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;

/** The characters of a page that text files may hold. */
export function printable(text: string): string {
  return text.replace(CONTROLS, "").toWellFormed();
}

/** Pages are parted by a form feed, as in `pdftotext`; each ends with a line feed unless it is empty. */
export function pageByPage(print: (page: DocumentPage) => string): DocumentWriter {
  let started = false;
  return {
    head: () => "",
    page(page) {
      const text = print(page);
      const separator = started ? "\f" : "";
      started = true;
      return text === "" ? separator : `${separator}${text}\n`;
    },
    tail: () => "",
  };
}

export function textWriter(): DocumentWriter {
  return pageByPage(({ text }) => printable(text));
}

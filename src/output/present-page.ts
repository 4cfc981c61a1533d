/** Pages as callers get them: with methods, and with tables written out. */
import type { DocumentPage, Page, PageMethods } from "../types.ts";
import { htmlFragments } from "./html.ts";
import { markdownWriter } from "./markdown.ts";
import { tableHtml } from "./table-html.ts";
import type { DocumentWriter } from "./writer.ts";

/** On the prototype: a page stays plain data, for `structuredClone`, JSON and spreads. */
const METHODS: PageMethods & ThisType<Page> = {
  toMarkdown() {
    return written(this, markdownWriter());
  },
  toHtml() {
    return written(this, htmlFragments());
  },
};

/** The page itself, with {@link PageMethods} and with the `html` of its tables. */
export function presentPage<P extends Page>(page: P): P & PageMethods {
  for (const block of page.blocks ?? []) {
    if (block.table) block.html ??= tableHtml(block.table);
  }
  return Object.setPrototypeOf(page, METHODS) as P & PageMethods;
}

function written(page: Page | DocumentPage, writer: DocumentWriter): string {
  return writer.page({ number: 1, source: "ocr", ...page }) + writer.tail();
}

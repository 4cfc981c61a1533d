/** What the text formats have in common: a head, each page as soon as it is done, a tail. */
import { checkObject, invalidOption, unknownOption } from "../options/rules.ts";
import type { DocumentPage } from "../types.ts";

/**
 * Writes one document. The parts in order, joined by nothing, are the file; a run that is interrupted
 * leaves every finished page whole. Nothing of a page is kept once it is written.
 */
export interface DocumentWriter {
  /** What comes before the first page. */
  head(): string;
  /** One page. Pages are written in the order of the calls. */
  page(page: DocumentPage): string;
  /** What closes the document. */
  tail(): string;
}

/** What a format may say about the document beside its pages. */
export interface WriterInfo {
  /** Name of the file that was read, as the output shall show it. */
  readonly source?: string;
  /** BCP 47 tag of the text's language, such as `en` or `zh-Hant`. */
  readonly language?: string;
  /** Title of the document; where a format needs one, the source stands in. */
  readonly title?: string;
  /** `text` only: columns and indents are kept by spaces. Default: false. */
  readonly layout?: boolean;
}

/** The lexical form of `xsd:language`, which ALTO demands. */
const LANGUAGE_TAG = /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/;

const NAMES: readonly string[] = ["source", "language", "title", "layout"];

/** @throws GlyphpoolError `INVALID_OPTION` that names the option */
export function checkWriterInfo(info: WriterInfo): void {
  checkObject("info", info);
  for (const [name, value] of Object.entries(info) as [string, unknown][]) {
    if (!NAMES.includes(name)) throw unknownOption(name, NAMES);
    if (value === undefined) continue;
    if (name === "layout") {
      if (typeof value !== "boolean") throw invalidOption(name, value, "true or false");
    } else if (typeof value !== "string") {
      throw invalidOption(name, value, "a text");
    }
  }
  if (info.language !== undefined && !LANGUAGE_TAG.test(info.language)) {
    throw invalidOption("language", info.language, 'a BCP 47 tag such as "en" or "zh-Hant"');
  }
}

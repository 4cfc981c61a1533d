/** What a document is to the code that reads it page by page. */
import type { KnownText } from "../options/structure.ts";
import type { Picture } from "../pool/call.ts";
import type { DocumentPage, Page, PageWarning } from "../types.ts";

/** A page that needs no reading, or the picture to read. */
export type PreparedPage = { readonly page: DocumentPage } | PagePicture;

export interface PagePicture extends Picture {
  /** Pixels per inch, where it is known. */
  readonly dpi?: number;
  /** The page's text, where only the structure is missing. */
  readonly known?: KnownText;
  /** Where that text comes from. Default: it is recognised. */
  readonly source?: DocumentPage["source"];
  /** What is known against the page before it is read. */
  readonly warnings?: readonly PageWarning[];
}

/** Reads a part of a page as a task of its own, without its structure. */
export type ReadPart = (picture: PagePicture, signal: AbortSignal) => Promise<Page>;

export interface DocumentSource extends AsyncDisposable {
  readonly count: number;
  /**
   * Gets a page ready. Its pixels, if it has any, are the caller's then.
   *
   * @param number from 1
   * @param read for parts of the page that have to be read before the whole is known
   * @throws GlyphpoolError
   */
  prepare(number: number, signal: AbortSignal, read: ReadPart): Promise<PreparedPage>;
}

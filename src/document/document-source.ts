/** What a document is to the code that reads it page by page. */
import type { KnownText } from "../options/structure.ts";
import type { OpenInput } from "../pool/read-job.ts";
import type { DocumentPage } from "../types.ts";

/** A page that needs no reading, or the picture to read. */
export type PreparedPage = { readonly page: DocumentPage } | PagePicture;

export interface PagePicture {
  /** Called when a worker is free, and again when that worker has died. */
  readonly open: (signal: AbortSignal | undefined) => Promise<OpenInput>;
  /** Whether `open` may be called a second time. */
  readonly repeatable: boolean;
  /** What the picture holds while it waits, in bytes. */
  readonly bytes: number;
  /** Page of a multi-page file, from 0. */
  readonly frame?: number;
  /** Frees a picture that no worker has taken; to be called in any case. */
  readonly close?: () => void;
  /** Pixels per inch, where it is known. */
  readonly dpi?: number;
  /** The document's own text, where only the structure is missing. */
  readonly known?: KnownText;
}

export interface DocumentSource extends AsyncDisposable {
  readonly count: number;
  /**
   * Gets a page ready. Its pixels, if it has any, are the caller's then.
   *
   * @param number from 1
   * @throws GlyphpoolError
   */
  prepare(number: number, signal: AbortSignal): Promise<PreparedPage>;
}

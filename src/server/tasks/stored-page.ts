/** A page as it is kept: JSON of everything but pictures, and the page again. */
import { GlyphpoolError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Block, DocumentPage } from "../../types.ts";

interface StoredError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Pictures of figures are left out: they are pixels, many times as large as all the text. */
export function toStoredPage({ error, blocks, ...page }: DocumentPage): string {
  return JSON.stringify({
    ...page,
    ...(blocks === undefined ? {} : { blocks: blocks.map(withoutImage) }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  });
}

export function fromStoredPage(json: string): DocumentPage {
  const { error, ...page } = JSON.parse(json) as Omit<DocumentPage, "error"> & {
    readonly error?: StoredError;
  };
  return error === undefined
    ? page
    : { ...page, error: new GlyphpoolError(error.code, error.message) };
}

function withoutImage({ image: _image, ...block }: Block): Block {
  return block;
}

/** What is known of a PDF before a worker sees it. */
import { GlyphpoolError } from "../../errors.ts";
import { HEAD_BYTES, hasPdfHeader, unshared } from "../file-kind.ts";

/**
 * A copy of the document that every new worker gets. Blobs are not copied: they do not change, and browsers keep large
 * ones on the disk.
 *
 * @throws GlyphpoolError `INVALID_INPUT`, `UNSUPPORTED_FORMAT`, `DOCUMENT_TOO_LARGE`
 */
export async function takePdf(input: Uint8Array | Blob, maxBytes: number): Promise<Blob> {
  const isBytes = input instanceof Uint8Array;
  if (!isBytes && !(input instanceof Blob)) {
    throw new GlyphpoolError("INVALID_INPUT", "A PDF has to be given as a Uint8Array or a Blob.");
  }
  const size = isBytes ? input.byteLength : input.size;
  if (size === 0) throw new GlyphpoolError("INVALID_INPUT", "The PDF is empty.");
  if (size > maxBytes) {
    const message = `The PDF has ${size} bytes, but at most ${maxBytes} are allowed.`;
    throw new GlyphpoolError("DOCUMENT_TOO_LARGE", message);
  }
  const head = isBytes
    ? input.subarray(0, HEAD_BYTES)
    : new Uint8Array(await read(input.slice(0, HEAD_BYTES)));
  if (!hasPdfHeader(head)) {
    throw new GlyphpoolError(
      "UNSUPPORTED_FORMAT",
      "The bytes are no PDF: they have no %PDF header.",
    );
  }
  return isBytes ? new Blob([unshared(input)]) : input;
}

async function read(blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch (cause) {
    // A file that has changed or gone since it was chosen.
    throw new GlyphpoolError("INVALID_INPUT", "The PDF cannot be read.", { cause });
  }
}

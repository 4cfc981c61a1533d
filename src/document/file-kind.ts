/** What a file is, by its first bytes and never by its name. */

/** Where readers of PDF look for the header. */
export const HEAD_BYTES = 1024;

/** A PDF, and no picture with a PDF's header somewhere in its own. */
export function isPdf(head: Uint8Array): boolean {
  return (
    hasPdfHeader(head) && !/^(\x89PNG|\xff\xd8\xff|GIF8|II[*+]\0|MM\0[*+]|RIFF)/.test(latin1(head))
  );
}

/** Whether a reader of PDF would find its header. */
export function hasPdfHeader(head: Uint8Array): boolean {
  return latin1(head).includes("%PDF-");
}

export function isTiff(head: Uint8Array): boolean {
  return /^(II[*+]\0|MM\0[*+])/.test(latin1(head));
}

/** The same bytes, copied where their memory is shared: blobs take none of that. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}

/** One character for each byte. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
}

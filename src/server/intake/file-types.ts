/** What the engine can read, by a file's first bytes: everything else is refused before it waits in a queue. */
import { isPdf, isTiff } from "../../document/file-kind.ts";

/** As Latin-1; a `?` stands for any byte. */
const SIGNATURES: readonly string[] = [
  "\x89PNG\r\n\x1a\n",
  "\xff\xd8\xff",
  "GIF87a",
  "GIF89a",
  "BM",
  "RIFF????WEBP",
  "????ftypavif",
  "????ftypavis",
  "????ftypmif1",
  // PBM, PGM and PPM.
  ...[1, 2, 3, 4, 5, 6].flatMap((kind) => [`P${kind}\n`, `P${kind}\r`, `P${kind} `, `P${kind}#`]),
];

/** @param head the first 1024 bytes, or all of a shorter file */
export function isReadable(head: Uint8Array): boolean {
  if (isPdf(head) || isTiff(head)) return true;
  return SIGNATURES.some((signature) =>
    Array.from(signature).every((sign, at) => sign === "?" || head[at] === sign.charCodeAt(0)),
  );
}

/** A file that may have several pages: its pages reach the workers as pixels or bytes of their own. */
export function hasPages(head: Uint8Array): boolean {
  return isPdf(head) || isTiff(head);
}

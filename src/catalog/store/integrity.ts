/** Whether bytes are the ones that the manifest names. */

import { GlyphpoolError } from "../../errors.ts";
import type { ModelFile } from "../manifest/manifest.ts";
import { sha256Of } from "./sha256.ts";

/** Length or hash differ. Internal: callers turn it into `MODEL_HASH_MISMATCH`. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** The public form of a mismatch. */
export function mismatchError(file: ModelFile, { expected, got }: Mismatch): GlyphpoolError {
  return new GlyphpoolError(
    "MODEL_HASH_MISMATCH",
    `${file.name} is not the file that the manifest describes: expected ${expected}, got ${got}, ` +
      `from ${file.url}. The bytes were discarded.`,
  );
}

/**
 * Checks length and hash where the manifest gives them.
 *
 * @throws GlyphpoolError `MODEL_HASH_MISMATCH`
 */
export async function verifyBlob(file: ModelFile, blob: Blob): Promise<void> {
  if (file.bytes !== undefined && blob.size !== file.bytes) {
    throw mismatchError(file, new Mismatch(`${file.bytes} bytes`, `${blob.size} bytes`));
  }
  if (file.sha256 === undefined) return;
  const sha256 = await sha256Of(blob);
  if (sha256 !== file.sha256) {
    throw mismatchError(file, new Mismatch(`sha256 ${file.sha256}`, `sha256 ${sha256}`));
  }
}

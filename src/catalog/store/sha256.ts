/**
 * SHA-256 of what is too large, or where it comes in pieces. WebCrypto hashes whole buffers only, and in secure contexts
 * only; a download is hashed chunk by chunk, so that 140 MB of weights never stand in memory for their checksum.
 */
import { sha256 } from "@noble/hashes/sha2.js";

/** A running hash: `update` any number of times, then `digest` once. */
export class Sha256 {
  readonly #hash = sha256.create();

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    return this;
  }

  /** In lower-case hex. */
  digest(): string {
    return toHex(this.#hash.digest());
  }
}

/** Up to here the native one-shot hash is worth the copy that it needs. */
const ONE_SHOT_BYTES = 64 * 1024 * 1024;

/** SHA-256 of a Blob, in lower-case hex. */
export async function sha256Of(blob: Blob): Promise<string> {
  // Undefined in insecure contexts, whatever the types say.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle && blob.size <= ONE_SHOT_BYTES) {
    const digest = new Uint8Array(await subtle.digest("SHA-256", await blob.arrayBuffer()));
    return toHex(digest);
  }
  const hash = new Sha256();
  const reader = blob.stream().getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    hash.update(step.value);
  }
  return hash.digest();
}

/** SHA-256 of a text, in lower-case hex. */
export function sha256OfText(text: string): string {
  return new Sha256().update(new TextEncoder().encode(text)).digest();
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** From the tokens of a formula to its text. */
import type { TokenSpelling } from "../catalog/structure-params.ts";
import { GlyphpoolError } from "../errors.ts";
import { cleanLatex } from "./latex.ts";

/** @param vocabulary token id → spelling; special tokens are empty and leave nothing behind */
export function spellTokens(
  ids: readonly number[],
  vocabulary: readonly string[],
  spelling: TokenSpelling,
): string {
  const tokens = ids.map((id) => {
    const token = vocabulary[id];
    if (token !== undefined) return token;
    const message = `The formula reader returned the token ${id} of a vocabulary of ${vocabulary.length}.`;
    throw new GlyphpoolError("MODEL_INVALID", message);
  });
  const text = spelling === "words" ? tokens.filter(Boolean).join(" ") : fromByteLevel(tokens);
  return cleanLatex(text);
}

/** Tokens may end in the middle of a character: only all bytes together are text. */
function fromByteLevel(tokens: readonly string[]): string {
  const bytes = Array.from(tokens.join(""), (letter) => BYTES.get(letter));
  return new TextDecoder().decode(Uint8Array.from(bytes.filter((byte) => byte !== undefined)));
}

/**
 * GPT-2's alphabet for bytes: those that print stand for themselves, the others for the letters from U+0100 on
 * in order, so that a space is Ġ.
 */
const BYTES: ReadonlyMap<string, number> = byteAlphabet();

function byteAlphabet(): Map<string, number> {
  const prints = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    alphabet.set(String.fromCodePoint(prints(byte) ? byte : next++), byte);
  }
  return alphabet;
}

import type { TokenSpelling } from "../../catalog/manifest/structure-params.ts";
import { GlyphpoolError } from "../../errors.ts";

/** Clean-ups of what formula readers spell. */

/** `\text{…}` around Chinese: formulas of the training data are full of them, and renderers need none. */
const CHINESE_TEXT = /\\text\s*\{([^{}]*[\u4e00-\u9fff]+[^{}]*)\}/g;

/**
 * The clean-ups of PaddleX (`UniMERNetDecode.post_process` in
 * `paddlex/inference/models/formula_recognition/processors.py`) that change what a renderer shows or what a
 * reader sees. Left out is its repair of broken encodings, which the tokens here cannot have, and the treatment
 * of commands inside of `\operatorname`, which takes the whole formula for one operator.
 */
export function cleanLatex(text: string): string {
  return closeUp(text.replaceAll(CHINESE_TEXT, "$1").replaceAll('"', ""));
}

/**
 * Takes out the spaces that mean nothing: all but those between two letters, which end a command, those after a
 * backslash, which are the command, and those beside letters that are not Latin.
 */
export function closeUp(text: string): string {
  return text.trim().replaceAll(/\s+/g, (space: string, at: number, all: string) => {
    const before = all[at - 1] ?? "";
    const after = all[at + space.length] ?? "";
    if (before === "\\") return space;
    const means = (isLatin(before) && isLatin(after)) || isForeign(before) || isForeign(after);
    return means ? " " : "";
  });
}

const isLatin = (letter: string): boolean => /[a-zA-Z]/.test(letter);
const isForeign = (letter: string): boolean => /\p{L}/u.test(letter) && !isLatin(letter);

/** From the tokens of a formula to its text. */

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

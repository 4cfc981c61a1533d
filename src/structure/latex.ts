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

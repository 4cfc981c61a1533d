/** The words of a line, and which of them have a space behind them. */
import type { Line, Word } from "../types.ts";

export interface SpacedWord extends Readonly<Word> {
  /** Whether a space separates it from the next word of the line: not so in Chinese or Japanese. */
  readonly spaceAfter: boolean;
}

/** Without words (only detection ran, or a text layer) the line is one word. */
export function wordsOf(line: Line): SpacedWord[] {
  const { text, confidence, polygon } = line;
  const words = line.words?.length ? line.words : [{ text, confidence, polygon }];
  let from = 0;
  return words.map((word, i) => {
    const at = line.text.indexOf(word.text, from);
    if (at >= 0) from = at + word.text.length;
    // A word that is not in the line's text was changed by someone; words have spaces as a rule.
    const spaced = at < 0 || /^\s/u.test(line.text.slice(from, from + 1));
    return { ...word, spaceAfter: i < words.length - 1 && spaced };
  });
}

/** The characters of a word in the order in which they stand on the page. */
import { hasRightToLeft } from "./script.ts";

/** Letters and numbers that run from left to right, with what stands between them. */
const LEFT_TO_RIGHT =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}](?:[^\p{L}]*[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}])*|./gsu;

/**
 * From left to right, one piece for each character that a reader can select. PDF readers expect
 * right-to-left text as it stands and turn it back themselves: logical order would come out of them reversed.
 */
export function toVisualOrder(word: string): string[] {
  if (!hasRightToLeft(word)) {
    return Array.from(segmenter().segment(word), ({ segment }) => segment);
  }
  // Readers turn code points around, so marks have to stand where that puts them behind their letters.
  return (word.match(LEFT_TO_RIGHT) ?? []).reverse().flatMap((run) => Array.from(run));
}

let made: Intl.Segmenter | undefined;

/** Made once: that takes longer than a page of words. */
function segmenter(): Intl.Segmenter {
  return (made ??= new Intl.Segmenter());
}

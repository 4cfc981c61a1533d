/** Words of a line of a text layer. Where a run does not say where its letters end, that is estimated. */
import { union } from "./text-frame.ts";
import type { Span } from "./text-frame.ts";
import type { TextRun } from "./worker-types.ts";

/** A run in the frame of its line. */
export interface PlacedRun {
  readonly run: TextRun;
  readonly span: Span;
  /** Whether the document draws white space before it. */
  readonly spaced: boolean;
}

export interface PlacedWord {
  readonly text: string;
  readonly span: Span;
}

/** A gap from which on two runs are two words, of the font's size. Spaces are 0.2 to 0.3, kerning up to 0.1. */
export const WORD_GAP = 0.15;

/** Widths of letters relative to each other, by shape: half a pixel off on a word is better than one word off. */
const NARROW = /[iljtfrI.,:;'!|()[\]\s]/;
const WIDE = /[mwMW@%—…]/;
const FULL =
  /[\u1100-\u11FF\u2E80-\u9FFF\uAC00-\uD7FF\uF900-\uFAFF\uFF00-\uFF60]|[\u{20000}-\u{3FFFF}]/u;

function weight(letter: string): number {
  if (FULL.test(letter)) return 2;
  if (NARROW.test(letter)) return 0.55;
  if (WIDE.test(letter)) return 1.55;
  return /\p{Lu}/u.test(letter) ? 1.25 : 1;
}

/** @param runs in reading order */
export function wordsOf(runs: readonly PlacedRun[]): PlacedWord[] {
  const words: PlacedWord[] = [];
  let before: PlacedRun | undefined;
  for (const placed of runs) {
    const tokens = tokensOf(placed);
    const [first] = tokens;
    const last = words.at(-1);
    if (first && last && before && isGlued(before, placed)) {
      words[words.length - 1] = {
        text: last.text + first.text,
        span: union(last.span, first.span),
      };
      tokens.shift();
    }
    words.push(...tokens);
    before = placed;
  }
  return words;
}

/** Whether a word goes on from one run to the next. */
function isGlued(a: PlacedRun, b: PlacedRun): boolean {
  if (b.spaced || /\s$/.test(a.run.text) || /^\s/.test(b.run.text)) return false;
  const gap = Math.max(b.span.start - a.span.end, a.span.start - b.span.end);
  return gap <= WORD_GAP * Math.max(a.run.fontSize, b.run.fontSize);
}

function tokensOf({ run, span }: PlacedRun): PlacedWord[] {
  const letters = Array.from(run.text);
  const ends: number[] = [];
  let sum = 0;
  for (const letter of letters) ends.push((sum += weight(letter)));
  const exact = run.ends?.length === letters.length ? run.ends : undefined;
  const place = (index: number): number => {
    const part = exact ? (exact[index - 1] ?? 0) : (ends[index - 1] ?? 0) / (sum || 1);
    const size = (span.end - span.start) * part;
    return run.dir === "rtl" ? span.end - size : span.start + size;
  };
  const tokens: PlacedWord[] = [];
  for (let from = 0; from < letters.length;) {
    let to = from;
    while (to < letters.length && !/\s/.test(letters[to] as string)) to++;
    if (to > from) {
      const [x, y] = [place(from), place(to)];
      const text = letters.slice(from, to).join("");
      tokens.push({ text, span: { ...span, start: Math.min(x, y), end: Math.max(x, y) } });
    }
    from = to + 1;
  }
  return tokens;
}

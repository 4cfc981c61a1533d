/** Lines into running text. */
import type { Line } from "../types.ts";
import { meetWithoutSpace } from "./script.ts";
import { printable } from "./text.ts";

/** A letter and a hyphen; one that is followed by a small letter divides a word. */
const DIVIDED = /\p{L}[-\u00ad\u2010]$/u;
const HYPHEN = /[-\u00ad\u2010]$/u;

/** One line of text: words that were divided at the end of a line are whole again. */
export function joinLines(lines: readonly Pick<Line, "text">[]): string {
  return lines.reduce((joined, line) => joinTexts(joined, oneLine(line.text)), "");
}

/** Two pieces of running text. */
export function joinTexts(before: string, after: string): string {
  if (before === "" || after === "") return before + after;
  if (DIVIDED.test(before) && /^\p{Ll}/u.test(after)) return before.replace(HYPHEN, "") + after;
  return before + (meetWithoutSpace(before, after) ? "" : " ") + after;
}

/** Whether a word goes on behind this text. */
function isDivided(text: string): boolean {
  return DIVIDED.test(text);
}

/** A sentence that is over, with what may close it. */
const ENDS = /[.!?:;。！？：；…]["'”’»)\]）】」』]*$/u;
/** Hardly anything new begins with a small letter, and Chinese has none. */
const GOES_ON = /^[\p{Ll}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Whether two paragraphs that a column's or a page's end has parted are one. */
export function isContinued(before: string, after: string): boolean {
  return (isDivided(before) || !ENDS.test(before)) && GOES_ON.test(after);
}

/** Without line ends and control characters. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/gu, " ").trim();
}

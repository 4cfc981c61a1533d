/** The lines of a list as its items. */
import type { Line } from "../types.ts";
import { joinLines } from "./join-lines.ts";

export interface List {
  /** Items without their marks, where all marks are numbers that Markdown and HTML count by themselves. */
  readonly ordered: boolean;
  /** Number of the first item. */
  readonly start: number;
  readonly items: readonly string[];
}

/** Bullets as they are printed, and what recognisers read for them. */
const BULLET = /^\s*[•‣▪▫■□●○◦∙·◆◇►▶➢✓–—*-]\s+(?=\S)|^\s*[•‣▪■●◦∙·►➢]\s*(?=\S)/u;
/** `1.`, `(2)`, `3)`, `a)`, `iv.`: a mark that names its item. */
const NAMED = /^\s*(?:\(?(\d{1,3})[.)、．）]|[（(]?(?:[a-z]|[ivx]{1,5})[.)）])\s*(?=\S)/iu;
const NUMBER = /^\s*(\d{1,3})[.)]\s*(?=\S)/u;

/** An item starts where a line has a mark; other lines go on with the item before them. */
export function listOf(lines: readonly Line[]): List {
  const groups: Line[][] = [];
  for (const line of lines) {
    const starts = BULLET.test(line.text) || NAMED.test(line.text);
    const last = groups.at(-1);
    if (starts || !last) groups.push([line]);
    else last.push(line);
  }
  const texts = groups.map(joinLines).filter((text) => text !== "");
  const numbers = texts.map((text) => Number(NUMBER.exec(text)?.[1]));
  const [start = NaN] = numbers;
  // Numbers that skip or repeat are names: they stay in the text.
  const ordered = texts.length > 0 && numbers.every((number, i) => number === start + i);
  const mark = ordered ? NUMBER : BULLET;
  return {
    ordered,
    start: ordered ? start : 1,
    items: texts.map((text) => text.replace(mark, "")),
  };
}

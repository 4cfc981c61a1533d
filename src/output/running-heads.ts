/** Tells the heads and feet that repeat over the pages of a document from those that stand on one page. */
import type { FlowItem } from "./flow.ts";

/** Heads and feet that are remembered; a document with more has none that run. */
const MOST_SEEN = 200;
/** Pairs of letters that two readings of one running head have in common. */
const SAME_TEXT = 0.8;

export class RunningHeads {
  readonly #seen: string[] = [];

  /** @returns those that no page before has had: a document keeps the first of each */
  first(items: readonly FlowItem[]): FlowItem[] {
    return items.filter((item) => {
      if (item.kind !== "paragraph") return true;
      const key = keyOf(item.text);
      if (this.#seen.some((other) => areAlike(key, other))) return false;
      if (this.#seen.length < MOST_SEEN) this.#seen.push(key);
      return true;
    });
  }
}

/** The letters of a text, since numbers in it rise from page to page; of one without letters its form. */
function keyOf(text: string): string {
  const letters = text.toLowerCase().replace(/[^\p{L}]/gu, "");
  return letters === "" ? text.replace(/\d+/gu, "0").replace(/\s+/gu, "") : letters;
}

/** Whether two texts are one but for some letters that were misread: Dice's measure of their pairs of letters. */
function areAlike(a: string, b: string): boolean {
  if (a === b) return true;
  const rest = pairsOf(b);
  const all = a.length + b.length - 2;
  let shared = 0;
  for (const pair of pairsOf(a)) {
    const at = rest.indexOf(pair);
    if (at < 0) continue;
    rest.splice(at, 1);
    shared++;
  }
  return all > 0 && 2 * shared >= SAME_TEXT * all;
}

function pairsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2));
}

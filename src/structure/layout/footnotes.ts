/** Footnotes: small print at the foot of a column, under a stroke or with a mark. */
import { boxAround, heightOf, sharedX, widthOf, type Box } from "./frame.ts";
import { textOf, type Draft } from "./draft.ts";
import { startsWithNoteMark } from "./marks.ts";

/** Footnotes begin below this part of the page's height. */
const PLACE = 0.5;
/** Their print against the text's: under a stroke, and without one. */
const UNDER_STROKE = 1.02;
const SMALL = 0.95;
const SMALLER = 0.9;
/** The stroke above footnotes is longer than the bar of a fraction, and begins where they begin: text heights. */
const LEAST_STROKE = 4;
const OFFSET = 2;
/** A stroke over more of the page's text parts sections. */
const MOST_STROKE = 0.6;

/**
 * @param strokes horizontal ones outside of tables
 * @param body height of the text, in pixels
 * @returns the same parts; texts at the foot of a column may be footnotes
 */
export function markFootnotes(
  drafts: readonly Draft[],
  strokes: readonly Box[],
  body: number,
  page: Box,
): Draft[] {
  const width = widthOf(boxAround(drafts));
  const limit = page.top + PLACE * heightOf(page);
  const notes = new Set<Draft>();
  for (const stroke of strokes) {
    if (stroke.top < limit) continue;
    if (widthOf(stroke) < LEAST_STROKE * body || widthOf(stroke) > MOST_STROKE * width) continue;
    const under = drafts
      .filter((draft) => draft.top > stroke.top - body / 2 && sharedX(draft, stroke) > 0)
      .filter(isInner)
      .toSorted((a, b) => a.top - b.top);
    const [first] = under;
    if (!first || Math.abs(first.left - stroke.left) > OFFSET * body) continue;
    const marked = first.height <= SMALL * body || startsWithNoteMark(textOf(first));
    const small = under.every(({ type, height }) => isText(type) && height <= UNDER_STROKE * body);
    if (small && marked) for (const draft of under) notes.add(draft);
  }
  // From the foot upwards: what stands under a text that is none is none.
  for (const draft of drafts.toSorted((a, b) => b.bottom - a.bottom)) {
    if (notes.has(draft) || !isText(draft.type) || draft.top < limit) continue;
    if (draft.height > SMALLER * body || widthOf(draft) < LEAST_STROKE * body) continue;
    if (!startsWithNoteMark(textOf(draft))) continue;
    const below = drafts.filter(
      (other) => other.top >= draft.bottom - body / 2 && sharedX(other, draft) > 0,
    );
    if (below.every((other) => notes.has(other) || !isInner(other))) notes.add(draft);
  }
  return drafts.map((draft) => (notes.has(draft) ? { ...draft, type: "footnote" } : draft));
}

function isText(type: Draft["type"]): boolean {
  return type === "text" || type === "list";
}

/** Whether a part is none of the page's margins. */
function isInner({ type }: Draft): boolean {
  return type !== "header" && type !== "footer" && type !== "page-number";
}

/** Captions of figures and tables. */
import { heightOf, sharedX, sharedY, widthOf, type Box } from "./frame.ts";
import { textOf, type Draft } from "./draft.ts";
import { captionStart } from "./marks.ts";

/** A caption stands so near its figure or table: heights of the text. */
const MOST_GAP = 3;
/** A text without a number is a caption when it is smaller than the text, nearer and short. */
const SMALL = 0.95;
const NEAR_GAP = 1.5;
const SHORT = 4;
/** Rows of a caption at most; legends of some journals are long. */
const MOST_ROWS = 20;

/**
 * @param body height of the text, in pixels
 * @returns the same parts; texts that belong to a figure or table are captions
 */
export function markCaptions(drafts: readonly Draft[], body: number): Draft[] {
  const shown = drafts.filter(({ type }) => type === "figure" || type === "table");
  return drafts.map((draft) =>
    draft.type === "text" && isCaption(draft, shown, body) ? { ...draft, type: "caption" } : draft,
  );
}

function isCaption(draft: Draft, shown: readonly Draft[], body: number): boolean {
  if (draft.rows.length > MOST_ROWS) return false;
  const start = captionStart(textOf(draft));
  if (start?.sure === true) return true;
  if (start) {
    const short = draft.rows.length === 1 || draft.height <= SMALL * body;
    return short && shown.some((other) => distance(draft, other) <= MOST_GAP * body);
  }
  return (
    draft.height <= SMALL * body &&
    draft.rows.length <= SHORT &&
    shown.some((figure) => figure.type === "figure" && isUnder(draft, figure, body))
  );
}

function isUnder(draft: Draft, figure: Draft, body: number): boolean {
  const gap = draft.top - figure.bottom;
  const inside = sharedX(draft, figure) >= widthOf(draft) * 0.9;
  return inside && gap > -heightOf(draft) / 2 && gap <= NEAR_GAP * body;
}

/** Space between two boxes that share an extent; infinite for those that stand diagonally. */
export function distance(a: Box, b: Box): number {
  const [x, y] = [sharedX(a, b), sharedY(a, b)];
  if (x <= 0 && y <= 0) return Infinity;
  return Math.max(0, -Math.min(x, y));
}

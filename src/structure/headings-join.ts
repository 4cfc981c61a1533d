/** Headings of several rows whose rows were taken for paragraphs, since titles are broken where it looks good. */
import { boxAround, sharedX, weightedMedian, widthOf } from "./layout-frame.ts";
import { findNeighbours, textOf, type Draft } from "./layout-draft.ts";
import { sectionDepth } from "./layout-marks.ts";

/** Sizes of two rows of one heading. */
const SAME_SIZE = 1.2;
/** Space between two rows of one heading, in heights. */
const MOST_GAP = 0.5;

/** @returns the same parts, with headings that stand directly below each other as one */
export function joinHeadings(drafts: readonly Draft[]): Draft[] {
  const neighbours = findNeighbours(drafts);
  const next = new Map<Draft, Draft>();
  for (const [draft, { below }] of neighbours) {
    if (!below || neighbours.get(below)?.above !== draft) continue;
    if (continues(draft, below)) next.set(draft, below);
  }
  const continued = new Set(next.values());
  return drafts
    .filter((draft) => !continued.has(draft))
    .map((first) => {
      const parts: Draft[] = [];
      for (let at: Draft | undefined = first; at; at = next.get(at)) parts.push(at);
      return parts.length === 1 ? first : joined(first, parts);
    });
}

function continues(upper: Draft, lower: Draft): boolean {
  if (upper.type !== "heading" || lower.type !== "heading") return false;
  const [low, high] = [upper.height, lower.height].toSorted((a, b) => a - b) as [number, number];
  return (
    high <= SAME_SIZE * low &&
    lower.top - upper.bottom <= MOST_GAP * low &&
    sharedX(upper, lower) > 0 &&
    sectionDepth(textOf(lower)) === undefined
  );
}

function joined(first: Draft, parts: readonly Draft[]): Draft {
  const rows = parts.flatMap((part) => part.rows);
  const height = weightedMedian(rows.map((row) => ({ value: row.height, weight: widthOf(row) })));
  return { ...first, ...boxAround(rows), rows, height };
}

import { type Box, boxAround, heightOf, sharedX, weightedMedian, widthOf } from "./frame.ts";
import { type Draft, findNeighbours, type Neighbours, textOf } from "./draft.ts";
import { endsSentence, sectionDepth, sectionNumber } from "./marks.ts";
import { sizesOf } from "./print-size.ts";

/** Headings of several rows whose rows were taken for paragraphs, since titles are broken where it looks good. */

/** Sizes of two rows of one heading. */
const SAME_SIZE = 1.2;
/** Space between two rows of one heading, in heights. */
const MOST_LINE_GAP = 0.5;

/** @returns the same parts, with headings that stand directly below each other as one */
function joinHeadings(drafts: readonly Draft[]): Draft[] {
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
    lower.top - upper.bottom <= MOST_LINE_GAP * low &&
    sharedX(upper, lower) > 0 &&
    sectionDepth(textOf(lower)) === undefined
  );
}

function joined(first: Draft, parts: readonly Draft[]): Draft {
  const rows = parts.flatMap((part) => part.rows);
  const height = weightedMedian(rows.map((row) => ({ value: row.height, weight: widthOf(row) })));
  return { ...first, ...boxAround(rows), rows, height };
}

/** Titles and headings: by size, number, capitals, and the space around them. */

/** Size of a heading's print against the text's, where nothing else tells. */
const LARGE = 1.25;
/** A title's print against the text's, and against the largest heading's. */
const TITLE = 1.4;
const TITLE_OVER_HEADING = 1.1;
/** A title begins in this part of the page's height. */
const TITLE_PLACE = 0.5;
/** Rows and characters of a heading at most. */
const MOST_ROWS = 4;
const MOST_CHARACTERS = 200;
/** Rows of a heading that is no larger than the text. */
const MOST_PLAIN_ROWS = 2;
/** A heading ends before so much of the width of the text below it. */
const MOST_WIDTH = 0.8;
/** Space above a heading that is no larger than the text, in heights; and against the space below it. */
const LEAST_GAP = 0.4;
const LOPSIDED = 1;
/** Space between a heading and its text at most, in heights. */
const MOST_GAP = 3;
/** Width of the text under a heading that is no larger than it, in heights: an address has lines as short as its label. */
const LEAST_PROSE = 12;
/** Sizes that differ by less are one level. */
const ONE_LEVEL = 1.12;

/**
 * @param body height of the text, in pixels
 * @returns the same parts; some that were text are title or heading with a level, and rows of one are together
 */
export function markHeadings(drafts: readonly Draft[], body: number, page: Box): Draft[] {
  const neighbours = findNeighbours(drafts);
  const size = sizesOf(drafts, body);
  const marked = drafts.map((draft): Draft => {
    const is = draft.type === "text" && isHeading(draft, neighbours.get(draft) ?? {}, size(draft));
    return is ? { ...draft, type: "heading" } : draft;
  });
  const merged = joinHeadings(marked);
  const headings = merged.filter(({ type }) => type === "heading");
  const title = findTitle(headings, merged, size, page);
  const level = levelsOf(
    headings.filter((heading) => heading !== title),
    size,
  );
  return merged.map((draft) => {
    if (draft === title) return { ...draft, type: "title" };
    return draft.type === "heading" ? { ...draft, level: level(draft) } : draft;
  });
}

function isHeading(draft: Draft, { above, below }: Neighbours, size: number): boolean {
  const text = textOf(draft);
  if (draft.rows.length > MOST_ROWS || text.length > MOST_CHARACTERS) return false;
  if (!isWords(text)) return false;
  // Larger print of many short parts is a slide or a poster: there each of them is a heading.
  if (size >= LARGE) return !endsLikeProse(draft, text);
  if (draft.rows.length > MOST_PLAIN_ROWS || endsSentence(text) || !below) return false;
  // A salutation.
  if (/[,，]$/u.test(text)) return false;
  if (/\p{Ll}{2}[.!?。！？] ?[\p{Lu}\p{Lo}]/u.test(text)) return false;
  const gapBelow = below.top - draft.bottom;
  if (gapBelow > MOST_GAP * draft.height) return false;
  const gapAbove = above ? draft.top - above.bottom : Infinity;
  const apart = gapAbove >= LOPSIDED * gapBelow && gapAbove > LEAST_GAP * draft.height;

  const number = sectionNumber(text);
  if (number) {
    if (number.depth > 1 && !draft.item) return true;
    const column = Math.max(widthOf(below), above ? widthOf(above) : 0);
    const short = widthOf(draft) <= MOST_WIDTH * column || draft.rows.length > 1;
    // Beside others of its kind it is an entry of a list.
    const next = sectionNumber(textOf(below));
    const sibling = next?.depth === number.depth && next.style === number.style;
    if (gapAbove > LEAST_GAP * draft.height && short && !sibling) return true;
  }
  const leads = below.type === "text" || below.type === "list" || below.type === "heading";
  if (draft.rows.length > 1 || draft.item || !leads || !apart) return false;
  if (isCapitals(text)) return true;
  return (
    /^["'“‘«(\d]?[\p{Lu}\p{Lo}\d]/u.test(text) &&
    below.rows.length > 1 &&
    widthOf(below) >= LEAST_PROSE * below.height &&
    widthOf(draft) <= MOST_WIDTH * widthOf(below) &&
    standsOver(draft, below)
  );
}

/** Two rows of large print that end with a full stop are a lead, not a heading. */
function endsLikeProse(draft: Draft, text: string): boolean {
  return draft.rows.length > 1 && /[.。;；]$/u.test(text);
}

/** Whether a heading begins where its text begins, or stands over the middle of it. */
function standsOver(draft: Draft, below: Draft): boolean {
  const slack = 2 * draft.height;
  if (sharedX(draft, below) < widthOf(draft) - slack) return false;
  const centred = Math.abs(draft.left + draft.right - below.left - below.right) / 2;
  return Math.abs(draft.left - below.left) <= slack || centred <= slack / 2;
}

/** Whether most of a text is words, not the signs of a formula. */
function isWords(text: string): boolean {
  const words = text.match(/\p{L}{3,}|\p{Lo}/gu) ?? [];
  const marks = text.match(/[^\s\p{P}]/gu) ?? [];
  return words.join("").length * 2 >= marks.length && words.length > 0;
}

function isCapitals(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.length >= 4 && letters.every((letter) => /\p{Lu}/u.test(letter));
}

/** The largest print of a page, where it stands above the text. */
function findTitle(
  headings: readonly Draft[],
  drafts: readonly Draft[],
  size: (draft: Draft) => number,
  page: Box,
): Draft | undefined {
  const [first, second] = headings.toSorted((a, b) => size(b) - size(a));
  if (!first || size(first) < TITLE) return undefined;
  if (second && size(first) < TITLE_OVER_HEADING * size(second)) return undefined;
  if (first.top > page.top + TITLE_PLACE * heightOf(page)) return undefined;
  // Text above a title: a kicker or a date is one row, a page that goes on from the one before has more.
  const before = drafts.filter(
    (draft) => draft.type === "text" && draft.rows.length > 2 && draft.bottom <= first.top,
  );
  return before.some((draft) => sharedX(draft, first) > 0) ? undefined : first;
}

/** Numbers tell the level; without one, the rank of its size does. */
function levelsOf(
  headings: readonly Draft[],
  size: (draft: Draft) => number,
): (heading: Draft) => number {
  const sizes: number[] = [];
  for (const own of headings.map(size).toSorted((a, b) => b - a)) {
    const last = sizes.at(-1);
    if (last === undefined || own * ONE_LEVEL < last) sizes.push(own);
  }
  return (heading) => {
    const rank = sizes.findIndex((least) => size(heading) * ONE_LEVEL >= least) + 1;
    return Math.min(6, sectionDepth(textOf(heading)) ?? Math.max(1, rank));
  };
}

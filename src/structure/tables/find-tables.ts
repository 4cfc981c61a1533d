/** Where the tables of a page are, without a model. */
import type { Line, Rect } from "../../types.ts";
import type { Rulings } from "../rulings/ruling.ts";
import { levelFrame, rectOnPage, union } from "./frame.ts";
import { findBorderless } from "./search-open.ts";
import { findBetweenRules, findGrids, holds, wordsIn, type Found } from "./search-ruled.ts";
import { tableRulings } from "./rulings.ts";
import { placeWords, usualHeight } from "./words.ts";

/** Space between two parts of a table in heights of the text, and their common part of the width. */
const MOST_STACK = 1;
const LEAST_STACK = 0.7;

/** A part of the page that is a table. */
export interface TableRegion {
  readonly box: Rect;
  /** `ruled`: every cell is drawn. `open`: columns, and often rows, are known by the text alone. */
  readonly kind: "ruled" | "open";
}

/**
 * Finds drawn grids, tables between horizontal rulings, and text that stands in columns of short entries.
 *
 * @param lines of the page, words with their places where they are known
 * @param page its size in pixels
 * @returns from the top; the regions do not overlap much
 */
export function findTables(
  lines: readonly Line[],
  rulings: Rulings,
  page: { readonly width: number; readonly height: number },
): TableRegion[] {
  const frame = levelFrame(lines);
  const words = placeWords(lines, frame);
  if (words.length === 0) return [];
  const height = usualHeight(words);
  const level = tableRulings(rulings, words, frame);

  const grids = findGrids(words, level, height);
  const ruled = grids.filter(({ kind }) => kind === "ruled");
  const free = level.horizontal.filter(
    ({ at, from, to }) =>
      !ruled.some(
        ({ box }) =>
          at > box.top - height && at < box.bottom + height && from < box.right && to > box.left,
      ),
  );
  const between = findBetweenRules(words, free, height);
  const found = [...ruled, ...merged([...between, ...grids.filter(({ kind }) => kind === "open")])];
  const taken = new Set(found.flatMap(({ box }) => wordsIn(words, box)));
  const rest = words.filter((word) => !taken.has(word));
  found.push(...findBorderless(rest, level.vertical, height));
  return stacked(merged(found), height)
    .sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left)
    .map(({ box, kind }) => ({ box: clip(rectOnPage(box, frame), page), kind }));
}

/** Overlapping regions are one table; drawn cells tell more than aligned text. */
function merged(found: readonly Found[]): Found[] {
  const result: Found[] = [];
  for (const next of found) {
    const at = result.findIndex(({ box }) => holds(box, next.box) || holds(next.box, box));
    const other = result[at];
    if (!other) result.push(next);
    else if (other.kind === next.kind) result[at] = { ...other, box: union([other.box, next.box]) };
    else if (next.kind === "ruled") result[at] = next;
  }
  return result;
}

/** A head between rulings and a body below it that has none are one table. */
function stacked(found: readonly Found[], height: number): Found[] {
  const result: Found[] = [];
  for (const next of found.toSorted((a, b) => a.box.top - b.box.top)) {
    const at = result.findIndex(({ box, kind }) => {
      const shared = Math.min(box.right, next.box.right) - Math.max(box.left, next.box.left);
      const wider = Math.max(box.right - box.left, next.box.right - next.box.left);
      const space = next.box.top - box.bottom;
      const isBelow = Math.abs(space) <= MOST_STACK * height && shared >= LEAST_STACK * wider;
      return kind === "open" && next.kind === "open" && isBelow;
    });
    const other = result[at];
    if (other) result[at] = { ...other, box: union([other.box, next.box]) };
    else result.push(next);
  }
  return result;
}

function clip(
  { x, y, width, height }: Rect,
  page: { readonly width: number; readonly height: number },
): Rect {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  return {
    x: left,
    y: top,
    width: Math.max(0, Math.min(page.width, x + width) - left),
    height: Math.max(0, Math.min(page.height, y + height) - top),
  };
}

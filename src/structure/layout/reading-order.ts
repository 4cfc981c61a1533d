/** The order in which the parts of a page are read. */
import type { BlockType, Rect } from "../../types.ts";
import { distance } from "./captions.ts";
import { boxOfRect, frameOf, shareInside, sharedX, type Box } from "./frame.ts";
import { xyCut, type CutItem } from "./xy-cut.ts";

/** A part of a page that is to be ordered, in a frame in which text runs along x. */
export interface OrderItem extends Box {
  readonly type: BlockType;
  /** Rows of text; absent where that is not known. */
  readonly rows?: number;
}

/** What is known of the page beside its regions. */
export interface OrderOptions {
  /** Height of a line of text, in pixels. By default that of the lowest regions. */
  readonly lineHeight?: number;
  /** Whether columns follow each other from right to left. */
  readonly rightToLeft?: boolean;
}

/** Captions further away than this from anything they could belong to are text: heights of a line. */
const MOST_CAPTION_GAP = 4;

/**
 * Orders any regions: header, then columns and full-width parts with captions beside what they explain, then
 * sidebars, footnotes, footer and page number.
 *
 * @returns indices into `regions`
 */
export function readingOrderOf(
  regions: readonly { readonly type: BlockType; readonly box: Rect }[],
  options: OrderOptions = {},
): number[] {
  const frame = frameOf([], options.rightToLeft ?? false);
  const items = regions.map(({ type, box }): OrderItem => ({ ...boxOfRect(frame, box), type }));
  return orderItems(items, options.lineHeight ?? lowest(items));
}

/** Most pages have parts of one row. A tenth of them may be no text at all. */
function lowest(items: readonly Box[]): number {
  const heights = items.map(({ top, bottom }) => bottom - top).toSorted((a, b) => a - b);
  return Math.max(1, heights[Math.floor(heights.length / 10)] ?? 1);
}

/**
 * The same in the frame.
 *
 * @param separators strokes along the text, outside of the items
 * @returns indices into `items`
 */
export function orderItems(
  items: readonly OrderItem[],
  lineHeight: number,
  separators: readonly Box[] = [],
): number[] {
  const all = items.map((item, index) => ({
    ...item,
    index,
    heading: item.type === "title",
    rows: item.rows ?? 0,
    picture: item.type === "figure" || item.type === "chart",
  }));
  const groups = {
    header: all.filter(({ type }) => type === "header"),
    side: all.filter(({ type }) => type === "sidebar"),
    notes: all.filter(({ type }) => type === "footnote"),
    footer: all.filter(({ type }) => type === "footer"),
    number: all.filter(({ type }) => type === "page-number"),
  };
  const margins = new Set<Placed>(Object.values(groups).flat());
  const parents = new Map([...captionParents(all, lineHeight), ...formulaParents(all)]);
  const body = all.filter((item) => !margins.has(item) && !parents.has(item));
  const cut = (part: readonly Placed[]): Placed[] => xyCut(part, lineHeight, separators);
  const ordered = [
    ...byRows(groups.header, lineHeight),
    ...withChildren(cut(body), parents),
    ...cut(groups.side),
    ...cut(groups.notes),
    ...byRows(groups.footer, lineHeight),
    ...byRows(groups.number, lineHeight),
  ];
  return ordered.map(({ index }) => index);
}

interface Placed extends OrderItem, CutItem {
  readonly index: number;
  readonly rows: number;
}

/** The figure or table that each caption belongs to: the nearest one. */
function captionParents(all: readonly Placed[], lineHeight: number): Map<Placed, Placed> {
  const shown = all.filter(
    ({ type }) => type === "figure" || type === "chart" || type === "table" || type === "algorithm",
  );
  const parents = new Map<Placed, Placed>();
  for (const caption of all) {
    if (caption.type !== "caption") continue;
    let best: Placed | undefined;
    let least = MOST_CAPTION_GAP * lineHeight;
    for (const other of shown) {
      // One that stands over or under it rather than beside it.
      const away = distance(caption, other) + (sharedX(caption, other) > 0 ? 0 : lineHeight);
      if (away > least) continue;
      best = other;
      least = away;
    }
    if (best) parents.set(caption, best);
  }
  return parents;
}

/** The part that each formula in running text lies in. */
function formulaParents(all: readonly Placed[]): Map<Placed, Placed> {
  const parents = new Map<Placed, Placed>();
  for (const formula of all) {
    if (formula.type !== "inline-formula") continue;
    const home = all.find(
      (other) => other.type !== "inline-formula" && shareInside(formula, other) > 0.5,
    );
    if (home) parents.set(formula, home);
  }
  return parents;
}

/** Captions above what they explain come before it, others after it. */
function withChildren(ordered: readonly Placed[], parents: ReadonlyMap<Placed, Placed>): Placed[] {
  return ordered.flatMap((item) => {
    const own = [...parents].filter(([, parent]) => parent === item).map(([child]) => child);
    const above = own
      .filter((child) => child.bottom <= (item.top + item.bottom) / 2 && sharedX(child, item) > 0)
      .filter(({ type }) => type === "caption");
    const rest = own.filter((child) => !above.includes(child));
    const down = (a: Placed, b: Placed): number => a.top - b.top || a.left - b.left;
    return [...above.toSorted(down), item, ...rest.toSorted(down)];
  });
}

/** Rows from top to bottom, each from its start to its end. */
function byRows(items: readonly Placed[], lineHeight: number): Placed[] {
  const rows: Placed[][] = [];
  for (const item of items.toSorted((a, b) => middle(a) - middle(b))) {
    const first = rows.at(-1)?.[0];
    if (first && middle(item) - middle(first) <= lineHeight / 2) rows.at(-1)?.push(item);
    else rows.push([item]);
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.left - b.left));
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}

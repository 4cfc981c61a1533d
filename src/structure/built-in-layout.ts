/** The layout of a page without a model: from its lines of text, its strokes and its white space. */
import type { Line, Rect } from "../types.ts";
import type { Draft } from "./layout-draft.ts";
import {
  bodyHeight,
  boxOfRect,
  frameOf,
  linesAlong,
  rectAround,
  areaOf,
  shareInside,
  type Box,
  type Frame,
  type TextLine,
} from "./layout-frame.ts";
import { isMostlyRightToLeft } from "./layout-marks.ts";
import type { LayoutRegion } from "./layout-region.ts";
import { rowsAcross } from "./layout-rows.ts";
import { findSidebars } from "./layout-sidebars.ts";
import { strokesIn } from "./layout-strokes.ts";
import { textParts } from "./layout-text.ts";
import { orderItems, type OrderItem } from "./reading-order.ts";
import type { Rulings } from "./ruling.ts";

/** What is known of a page. All in its pixels. */
export interface LayoutInput {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
  readonly rulings: Rulings;
  /** Where something is drawn that is neither text nor a stroke. */
  readonly pictures: readonly Rect[];
  /** Regions that are known to be tables. */
  readonly tables: readonly Rect[];
  /** Whether columns follow each other from right to left; by default as most of the letters do. */
  readonly rightToLeft?: boolean;
}

/** A line belongs to a table or picture that holds so much of it. */
const LEAST_INSIDE = 0.6;
/** A picture that covers so much of a table, or lies in it by so much, is the table's ground. */
const MOST_COVERED = 0.5;
/** A table that a picture of this many times its area covers is a part of the picture. */
const CHART_AREA = 1.5;

/**
 * Every line of the page is in exactly one region.
 *
 * @returns regions in reading order
 */
export function builtInLayout(input: LayoutInput): LayoutRegion[] {
  const { lines, width, height } = input;
  const rightToLeft = input.rightToLeft ?? isMostlyRightToLeft(lines.map(({ text }) => text));
  const frame = frameOf(lines, rightToLeft);
  const { along, turned } = linesAlong(frame, lines, rightToLeft);
  const { inside, free } = assign(along, shownParts(input, frame));
  const shown = new Map([...inside].map(([part, own]) => [draftOf(part, own), part]));

  const body = bodyHeight(free) || bodyHeight(along) || 1;
  const { strokes, walls } = strokesIn(frame, input.rulings, [...shown.keys()], free);
  const page = boxOfRect(frame, { x: 0, y: 0, width, height });
  const drafts = textParts({
    lines: free,
    shown: [...shown.keys()],
    strokes,
    walls,
    page,
    body,
  });
  const sidebars = findSidebars(lines, turned);
  const items: OrderItem[] = [
    ...[...shown.keys(), ...drafts].map((draft) => ({ ...draft, rows: draft.rows.length })),
    ...sidebars.map(({ type, box }) => ({ ...boxOfRect(frame, box), type })),
  ];
  const regions = [
    ...[...shown].map(([draft, { rect }]) => regionOf(draft, rect)),
    ...drafts.map((draft) => {
      const own = linesOf(draft).map((index) => (lines[index] as Line).polygon);
      return regionOf(draft, rectAround(own));
    }),
    ...sidebars,
  ];
  return orderItems(items, body, strokes).map((index, order) => ({
    ...(regions[index] as LayoutRegion),
    order,
  }));
}

/** A table or picture. */
interface Shown {
  readonly type: "table" | "figure";
  readonly rect: Rect;
  readonly box: Box;
}

function shownParts({ tables, pictures }: LayoutInput, frame: Frame): Shown[] {
  const part =
    (type: Shown["type"]) =>
    (rect: Rect): Shown => ({ type, rect, box: boxOfRect(frame, rect) });
  const drawn = pictures.map(part("figure"));
  // The labels of a chart stand in rows and columns.
  const grids = tables
    .map(part("table"))
    .filter(({ box }) =>
      drawn.every(
        (picture) =>
          shareInside(box, picture.box) <= MOST_COVERED ||
          areaOf(picture.box) < CHART_AREA * areaOf(box),
      ),
    );
  const isGround = ({ box }: Shown): boolean =>
    grids.some(
      (grid) =>
        shareInside(box, grid.box) > MOST_COVERED || shareInside(grid.box, box) > MOST_COVERED,
    );
  return [...grids, ...drawn.filter((picture) => !isGround(picture))];
}

function assign(
  lines: readonly TextLine[],
  shown: readonly Shown[],
): { inside: Map<Shown, TextLine[]>; free: TextLine[] } {
  const inside = new Map(shown.map((part) => [part, [] as TextLine[]]));
  const free: TextLine[] = [];
  for (const line of lines) {
    let best = free;
    let most = LEAST_INSIDE;
    for (const [part, own] of inside) {
      const share = shareInside(line, part.box);
      // The first of equals: tables stand before pictures.
      if (share < most || (share === most && best !== free)) continue;
      best = own;
      most = share;
    }
    best.push(line);
  }
  return { inside, free };
}

function draftOf({ type, box }: Shown, lines: readonly TextLine[]): Draft {
  return { ...box, type, rows: rowsAcross(lines), height: bodyHeight(lines) };
}

function regionOf(draft: Draft, box: Rect): LayoutRegion {
  const { type, level } = draft;
  return {
    type,
    box,
    score: 1,
    ...(level !== undefined && { level }),
    lines: linesOf(draft),
  };
}

function linesOf({ rows }: Draft): number[] {
  return rows.flatMap((row) => row.lines.map(({ index }) => index));
}

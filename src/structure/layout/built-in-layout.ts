import type { Line, Rect } from "../../types.ts";
import {
  areaOf,
  bodyHeight,
  type Box,
  boxOfRect,
  type Frame,
  frameOf,
  heightOf,
  linesAlong,
  rectAround,
  sharedX,
  sharedY,
  shareInside,
  type TextLine,
  widthOf,
} from "./frame.ts";
import type { Ruling, Rulings } from "../rulings/ruling.ts";
import { findRuns } from "./columns.ts";
import type { LayoutRegion } from "./region.ts";
import { joinRows } from "./join-rows.ts";
import type { Draft } from "./draft.ts";
import { isMostlyRightToLeft } from "./marks.ts";
import { rowsAcross } from "./rows.ts";
import { textParts } from "./text-blocks.ts";
import { type OrderItem, orderItems } from "./reading-order.ts";

/** Ruling lines as the layout uses them: those that part text, along it and across it. */

/** A stroke belongs to a table or picture that holds so much of it. */
const LEAST_HELD = 0.6;
/** A stroke is made of letters when lines of text hold so much of its length, but for their edges. */
const MOST_LETTERS = 0.5;
/** Upper and lower edge of a line's box that a stroke beside it may touch, in heights. */
const EDGE = 0.2;

/** @returns strokes along the text and walls across it, outside of tables and pictures */
function strokesIn(
  frame: Frame,
  { horizontal, vertical }: Rulings,
  shown: readonly Box[],
  lines: readonly TextLine[],
): { strokes: Box[]; walls: Box[] } {
  const body = bodyHeight(lines);
  const place = (rect: Rect): Box => boxOfRect(frame, rect);
  const level = horizontal.map(levelRect).map(place);
  const upright = vertical.map(uprightRect).map(place);
  // On a page that lies on its side its strokes do as well.
  const lies = Math.abs(frame.along[0]) < Math.abs(frame.along[1]);
  const isFree = (stroke: Box): boolean =>
    shown.every((part) => shareInside(stroke, part) < LEAST_HELD);
  return {
    strokes: (lies ? upright : level).filter(
      (stroke) => isFree(stroke) && heightOf(stroke) <= body && !isText(stroke, lines),
    ),
    walls: (lies ? level : upright).filter((wall) => isFree(wall) && widthOf(wall) <= body),
  };
}

/** Whether a stroke runs through text: small print and underlined words look like strokes to their finder. */
function isText(stroke: Box, lines: readonly TextLine[]): boolean {
  let covered = 0;
  for (const line of lines) {
    const edge = EDGE * line.height;
    const core = { ...line, top: line.top + edge, bottom: line.bottom - edge };
    if (sharedY(stroke, core) > 0) covered += Math.max(0, sharedX(stroke, line));
  }
  return covered >= MOST_LETTERS * widthOf(stroke);
}

function levelRect({ at, from, to, thickness }: Ruling): Rect {
  return { x: from, y: at - thickness / 2, width: to - from, height: Math.max(1, thickness) };
}

function uprightRect({ at, from, to, thickness }: Ruling): Rect {
  return { x: at - thickness / 2, y: from, width: Math.max(1, thickness), height: to - from };
}

/** Text that runs in another direction than the page's: stamps, notes in a margin, the spines of scans. */

/**
 * @param turned indices of the lines that do not run along the page's text
 * @returns a region for each group of lines that share a direction and stand together
 */
function findSidebars(lines: readonly Line[], turned: readonly number[]): LayoutRegion[] {
  const regions: LayoutRegion[] = [];
  let rest = turned;
  while (rest.length > 0) {
    const own = rest.map((index) => lines[index] as Line);
    const found = linesAlong(frameOf(own, false), own, false);
    for (const run of findRuns(joinRows(found.along, []))) {
      const members = run.flatMap((row) => row.lines.map(({ index }) => rest[index] as number));
      regions.push(sidebarOf(members, lines));
    }
    // Every direction has at least one line along it; without that this would not end.
    if (found.along.length === 0) return [...regions, ...rest.map((i) => sidebarOf([i], lines))];
    rest = found.turned.map((index) => rest[index] as number);
  }
  return regions;
}

function sidebarOf(members: readonly number[], lines: readonly Line[]): LayoutRegion {
  const box = rectAround(members.map((index) => (lines[index] as Line).polygon));
  return { type: "sidebar", box, score: 1, lines: members };
}

/** The layout of a page without a model: from its lines of text, its strokes and its white space. */

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

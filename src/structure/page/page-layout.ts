/** The regions of a page with their lines, in reading order, whichever way they are found. */
import type { Line } from "../../types.ts";
import { assignLines, type AssignedRegion } from "./assign-lines.ts";
import { builtInLayout } from "../layout/built-in-layout.ts";
import type { TableRegion } from "../tables/find-tables.ts";
import { findPictures } from "../layout/pictures.ts";
import type { LayoutRegion } from "../layout/region.ts";
import { readingOrderOf } from "../layout/reading-order.ts";
import type { Rulings } from "../rulings/ruling.ts";
import { boundsOf } from "../../core/quad.ts";
import type { UprightPage } from "./upright.ts";

/** What is known of the page before its layout. Indices of regions are those of `page.lines`. */
export interface LayoutGround {
  readonly page: UprightPage;
  /** Indices of the lines that count; others lie outside of what was asked for. */
  readonly lines: readonly number[];
  readonly rulings: Rulings;
  readonly tables: readonly TableRegion[];
  readonly rightToLeft: boolean | undefined;
}

/** Without a model. */
export function layoutOfLines(ground: LayoutGround): AssignedRegion[] {
  const { page, rulings, tables } = ground;
  const lines = chosen(ground.lines, page.lines);
  const pictures = findPictures(page.image, lines, rulings);
  const boxes = tables.map(({ box }) => box);
  return regionsOf(ground, ground.lines, { pictures, tables: boxes });
}

/** From what a model has found. Lines that it has overlooked are laid out as if they were alone. */
export function layoutOfModel(
  ground: LayoutGround,
  found: readonly LayoutRegion[],
): AssignedRegion[] {
  const { page, rightToLeft } = ground;
  const { regions, rest } = assignLines(found, chosen(ground.lines, page.lines));
  const own = regions.map((region) => ({ ...region, lines: back(region.lines, ground.lines) }));
  const missed = back(rest, ground.lines);
  if (missed.length === 0 && own.every(({ order }) => order !== undefined)) {
    return own.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }
  const all = [...own, ...regionsOf(ground, missed, { pictures: [], tables: [] })];
  const lineHeight = medianHeight(chosen(ground.lines, page.lines));
  const order = readingOrderOf(all, {
    ...(rightToLeft === undefined ? {} : { rightToLeft }),
    ...(lineHeight === undefined ? {} : { lineHeight }),
  });
  return order.map((i) => all[i] as AssignedRegion);
}

function regionsOf(
  { page, rulings, rightToLeft }: LayoutGround,
  lines: readonly number[],
  parts: Pick<Parameters<typeof builtInLayout>[0], "pictures" | "tables">,
): AssignedRegion[] {
  const { width, height } = page.image;
  const direction = rightToLeft === undefined ? {} : { rightToLeft };
  const own = chosen(lines, page.lines);
  const regions = builtInLayout({ width, height, lines: own, rulings, ...parts, ...direction });
  return regions.map((region) => ({ ...region, lines: back(region.lines ?? [], lines) }));
}

function medianHeight(lines: readonly Line[]): number | undefined {
  const heights = lines.map(({ polygon }) => boundsOf(polygon).height).toSorted((a, b) => a - b);
  return heights[heights.length >> 1];
}

function chosen(indices: readonly number[], lines: readonly Line[]): Line[] {
  return indices.map((i) => lines[i] as Line);
}

/** Indices into a choice as indices into the whole. */
function back(indices: readonly number[], choice: readonly number[]): number[] {
  return indices.map((i) => choice[i] as number);
}

/** PubLayNet: which regions of a page were found, per class, at an intersection over union of 0.5. */
import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { Block, BlockType, Rect } from "../../../src/types.ts";
import { sharedFolder } from "../datasets.ts";
import { formatTable, rate } from "./report.ts";

export const PUBLAYNET_CLASSES = ["text", "title", "list", "table", "figure"] as const;
export type PubLayNetClass = (typeof PUBLAYNET_CLASSES)[number];

/**
 * PubLayNet has no class for running heads, page numbers and seals, and does not mark them. Captions, footnotes,
 * abstracts, authors and formulas are text, titles of sections and of the article are titles.
 */
const CLASS_OF: Readonly<Record<BlockType, PubLayNetClass | undefined>> = {
  title: "title",
  heading: "title",
  text: "text",
  abstract: "text",
  contents: "list",
  list: "list",
  table: "table",
  figure: "figure",
  chart: "figure",
  formula: "text",
  "inline-formula": undefined,
  "formula-number": undefined,
  algorithm: "text",
  caption: "text",
  reference: "list",
  sidebar: "text",
  seal: undefined,
  header: undefined,
  footer: undefined,
  "page-number": undefined,
  footnote: "text",
};

/** A region of one class, in pixels. */
export interface Region extends Rect {
  readonly label: PubLayNetClass;
  /** 0–1; regions of the truth have 1. */
  readonly confidence: number;
}

export interface PubLayNetEntry {
  readonly name: string;
  readonly image: string;
  readonly truth: readonly Region[];
}

/** Regions of the truth, of the output, and those that are both. */
export interface Found {
  readonly truth: number;
  readonly output: number;
  readonly matched: number;
}

interface Coco {
  readonly categories: readonly { id: number; name: string }[];
  readonly images: readonly { id: number; file_name: string }[];
  readonly annotations: readonly {
    image_id: number;
    category_id: number;
    bbox: [x: number, y: number, width: number, height: number];
  }[];
}

export function loadPubLayNet(shared: string = sharedFolder()): PubLayNetEntry[] {
  const folder = join(shared, "data/publaynet_examples");
  const { categories, images, annotations } = JSON.parse(
    readFileSync(join(folder, "samples.json"), "utf8"),
  ) as Coco;
  const labels = new Map(categories.map(({ id, name }) => [id, name as PubLayNetClass]));
  return images.map(({ id, file_name: file }) => ({
    name: basename(file, extname(file)),
    image: join(folder, file),
    truth: annotations
      .filter((annotation) => annotation.image_id === id)
      .map(({ category_id: category, bbox: [x, y, width, height] }) => {
        const label = labels.get(category) as PubLayNetClass;
        return { label, x, y, width, height, confidence: 1 };
      }),
  }));
}

/** Our blocks as PubLayNet's regions; those that it does not mark are left out. */
export function blockRegions(
  blocks: readonly Pick<Block, "type" | "polygon" | "confidence">[],
): Region[] {
  return blocks.flatMap(({ type, polygon, confidence }) => {
    const label = CLASS_OF[type];
    if (!label) return [];
    const xs = polygon.map(([x]) => x);
    const ys = polygon.map(([, y]) => y);
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    const [width, height] = [Math.max(...xs) - x, Math.max(...ys) - y];
    return [{ label, x, y, width, height, confidence }];
  });
}

/** Area that two rectangles share over the area that they cover. */
export function intersectionOverUnion(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** Regions overlap by so much, or they are not the same. */
const LEAST_OVERLAP = 0.5;

/**
 * One page, as COCO does it: the surest regions choose first, each the one of the truth that it overlaps most of
 * those still free.
 */
export function matchRegions(output: readonly Region[], truth: readonly Region[]): Found {
  const free = new Set(truth);
  let matched = 0;
  for (const region of output.toSorted((a, b) => b.confidence - a.confidence)) {
    const candidates = [...free].map((other) => ({
      other,
      overlap: intersectionOverUnion(region, other),
    }));
    const best = candidates.reduce<(typeof candidates)[number] | undefined>(
      (a, b) => (a && a.overlap >= b.overlap ? a : b),
      undefined,
    );
    if (!best || best.overlap < LEAST_OVERLAP) continue;
    free.delete(best.other);
    matched++;
  }
  return { truth: truth.length, output: output.length, matched };
}

/** Each class for itself, and `any` where classes do not matter. */
export function scoreRegions(
  output: readonly Region[],
  truth: readonly Region[],
): Record<PubLayNetClass | "any", Found> {
  const of = (label: PubLayNetClass): Found =>
    matchRegions(
      output.filter((region) => region.label === label),
      truth.filter((region) => region.label === label),
    );
  return {
    text: of("text"),
    title: of("title"),
    list: of("list"),
    table: of("table"),
    figure: of("figure"),
    any: matchRegions(output, truth),
  };
}

/** Adds up pages. */
export function sumFound(found: readonly Found[]): Found {
  const sum = (key: keyof Found): number => found.reduce((all, one) => all + one[key], 0);
  return { truth: sum("truth"), output: sum("output"), matched: sum("matched") };
}

/** A row for each class. */
export function formatPubLayNet(scores: readonly Record<PubLayNetClass | "any", Found>[]): string {
  const rows = [...PUBLAYNET_CLASSES, "any" as const].map((label) => {
    const { truth, output, matched } = sumFound(scores.map((score) => score[label]));
    return [
      label,
      rate(output === 0 ? undefined : matched / output),
      rate(truth === 0 ? undefined : matched / truth),
      ...[truth, output, matched].map(String),
    ];
  });
  const header = ["class", "precision", "recall", "truth", "output", "matched"];
  return `${scores.length} pages\n${formatTable(header, rows)}`;
}

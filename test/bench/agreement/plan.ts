/** Which parts of which pages are read: the same in every runtime, and no engine has a say in it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Rect } from "../../../src/index.ts";
import { loadSet, type TruthBox } from "../datasets.ts";

export interface Part {
  /** Path of the encoded image. */
  readonly page: string;
  readonly region: Rect;
}

/**
 * A region's width in heights of its page's text; it is twice as high. Most lines are cut at its sides:
 * short lines are what an emulated GPU can read in a second or two.
 */
const HEIGHTS_WIDE = 10;

const CHINESE = fileURLToPath(new URL("../../fixtures/pages/chinese", import.meta.url));

/** Files of the tiny v6 set that the readers need. */
export const WEIGHTS = {
  detection: "PP-OCRv6_tiny_det.onnx",
  recognition: "PP-OCRv6_tiny_rec.onnx",
  orientation: "PP-LCNet_x0_25_textline_ori.onnx",
  dictionary: "ppocrv6_tiny_dict.txt",
} as const;

/** The folder of the weights, or nothing where a checkout has none beside it. */
export function weightsFolder(shared: string): string | undefined {
  const folder = join(shared, "models/ppocrv6_tiny");
  return Object.values(WEIGHTS).every((name) => existsSync(join(folder, name)))
    ? folder
    : undefined;
}

/**
 * Two forms, two receipts and a drawn page in Chinese. The regions with most text come first, page by
 * page in turn.
 */
export function planParts(shared: string): Part[] {
  const pages = [...loadSet("funsd", 2, shared), ...loadSet("sroie", 2, shared), chinesePage()];
  const ranked = pages.map(({ image, truth }) =>
    planRegions(truth).map((region): Part => ({ page: image, region })),
  );
  const rounds = Math.max(...ranked.map((parts) => parts.length));
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    ranked.flatMap((parts) => parts[round] ?? []),
  );
}

/** Tiles of a page that hold text, those with most boxes first. */
export function planRegions(truth: readonly TruthBox[]): Rect[] {
  const heights = truth.map(({ y0, y1 }) => y1 - y0).sort((a, b) => a - b);
  const width = Math.round(HEIGHTS_WIDE * (heights[heights.length >> 1] ?? 0));
  const height = 2 * width;
  const counts = new Map<string, { region: Rect; boxes: number }>();
  for (const { x0, y0, x1, y1 } of truth) {
    const x = Math.floor((x0 + x1) / 2 / width) * width;
    const y = Math.floor((y0 + y1) / 2 / height) * height;
    const tile = counts.get(`${x} ${y}`) ?? { region: { x, y, width, height }, boxes: 0 };
    tile.boxes++;
    counts.set(`${x} ${y}`, tile);
  }
  return [...counts.values()].sort((a, b) => b.boxes - a.boxes).map(({ region }) => region);
}

function chinesePage(): { image: string; truth: TruthBox[] } {
  const { lines } = JSON.parse(readFileSync(`${CHINESE}.json`, "utf8")) as {
    lines: { text: string; polygon: [x: number, y: number][] }[];
  };
  const truth = lines.map(({ text, polygon }) => {
    const xs = polygon.map(([x]) => x);
    const ys = polygon.map(([, y]) => y);
    const [x0, y0] = [Math.min(...xs), Math.min(...ys)];
    return { text, x0, y0, x1: Math.max(...xs), y1: Math.max(...ys) };
  });
  return { image: `${CHINESE}.png`, truth };
}

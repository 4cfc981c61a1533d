/** Boxes of a layout that still lie over each other after everything else was sorted out. */
import type { LayoutBox } from "./layout-nms.ts";

/** Overlaps count as parts of the smaller box. */
const OVERLAP = 0.7;
const INLINE_OVERLAP = 0.5;
const PLAIN_OVERLAP = 0.5;
/** Shorter sides are noise: pixels. */
const LEAST_SIDE = 6;
/** What may lie over other things, as the background of a page or as a stamp. */
const PICTURES: ReadonlySet<string> = new Set(["image", "table", "seal", "chart"]);

/**
 * `filter_boxes` of `paddlex/inference/models/layout_analysis/processors.py`, for models with an order key.
 * Entries of a bibliography stay, the frame around them goes.
 */
export function filterByLabel(all: readonly LayoutBox[]): LayoutBox[] {
  const boxes = all.filter(({ label }) => label !== "reference");
  const dropped = new Set<LayoutBox>();
  for (const [i, a] of boxes.entries()) {
    if (a.right - a.left < LEAST_SIDE || a.bottom - a.top < LEAST_SIDE) dropped.add(a);
    for (const b of boxes.slice(i + 1)) {
      if (dropped.has(a) || dropped.has(b)) continue;
      const shared = overlap(a, b);
      const inline = [a, b].filter(({ label }) => label === "inline_formula");
      if (inline.length > 0 && shared > INLINE_OVERLAP) {
        for (const box of inline) dropped.add(box);
      } else if (shared > OVERLAP && !mayOverlap(a.label, b.label)) {
        dropped.add(areaOf(a) >= areaOf(b) ? b : a);
      }
    }
  }
  return boxes.filter((box) => !dropped.has(box));
}

/** A picture may lie over text, and a picture of another kind over it; text may not lie over a table. */
function mayOverlap(a: string, b: string): boolean {
  if (a === b || !(PICTURES.has(a) || PICTURES.has(b))) return false;
  if (a !== "table" && b !== "table") return true;
  return PICTURES.has(a) && PICTURES.has(b);
}

/**
 * `remove_overlap_blocks(threshold=0.5, smaller=True)` of `paddlex/inference/pipelines/layout_parsing/utils.py`:
 * of an image and something else the image goes, else the smaller box.
 */
export function removeSmaller(boxes: readonly LayoutBox[]): LayoutBox[] {
  const dropped = new Set<LayoutBox>();
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      if (dropped.has(a) || dropped.has(b) || overlap(a, b) <= PLAIN_OVERLAP) continue;
      const images = [a, b].filter(({ label }) => label === "image");
      const smaller = areaOf(a) <= areaOf(b) ? a : b;
      dropped.add(images.length === 1 ? (images[0] as LayoutBox) : smaller);
    }
  }
  return boxes.filter((box) => !dropped.has(box));
}

function areaOf(box: LayoutBox): number {
  return (box.right - box.left) * (box.bottom - box.top);
}

function overlap(a: LayoutBox, b: LayoutBox): number {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const smaller = Math.min(areaOf(a), areaOf(b));
  return smaller > 0 ? (Math.max(0, across) * Math.max(0, down)) / smaller : 0;
}

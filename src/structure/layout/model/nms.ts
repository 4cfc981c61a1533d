import type { Containment, LayoutParams } from "../../../catalog/manifest/structure-params.ts";

/** Boxes of a layout that still lie over each other after everything else was sorted out. */

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
function filterByLabel(all: readonly LayoutBox[]): LayoutBox[] {
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
function removeSmaller(boxes: readonly LayoutBox[]): LayoutBox[] {
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

/**
 * What PaddleX does to the boxes of a layout model; the names in the comments are its functions in
 * `paddlex/inference/models/{object_detection,layout_analysis}/processors.py`.
 */

/** One row of a model's output, in pixels of the picture. */
export interface LayoutBox {
  readonly label: string;
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Order keys: rising, then falling. */
  readonly keys: readonly number[];
}

const SAME_CLASS_IOU = 0.6;
const OTHER_CLASS_IOU = 0.98;
/** Parts of a page that one image may cover. */
const LANDSCAPE_COVER = 0.82;
const PORTRAIT_COVER = 0.93;
/** Part of a box that lies in another that contains it. */
const CONTAINED = 0.9;

/**
 * The boxes that count, cut to the page; sorted by their order keys where they have any, else by falling score.
 *
 * @param width of the page in pixels
 */
export function filterBoxes(
  boxes: readonly LayoutBox[],
  params: LayoutParams,
  width: number,
  height: number,
): LayoutBox[] {
  let kept = boxes.filter(
    ({ label, score }) => score > (params.thresholds?.[label] ?? params.threshold),
  );
  if (params.nms) kept = suppress(kept);
  kept = withoutPageImage(kept, width, height);
  if (params.containment) kept = withoutContained(kept, params.containment);
  kept = inOrder(kept);
  const whole = params.overlaps === "by-label";
  kept = kept.flatMap((box) => cut(box, width, height, whole));
  if (params.overlaps === "by-label") return filterByLabel(kept);
  return params.overlaps === "smaller" ? removeSmaller(kept) : kept;
}

/** `nms`: boxes of the same class go from an IoU of 0.6, of others from 0.98. */
function suppress(boxes: readonly LayoutBox[]): LayoutBox[] {
  // As `np.argsort(scores)[::-1]`: of equal scores the later row comes first.
  let rest = boxes.toReversed().toSorted((a, b) => b.score - a.score);
  const kept: LayoutBox[] = [];
  for (let best = rest[0]; best; best = rest[0]) {
    const chosen = best;
    kept.push(chosen);
    rest = rest
      .slice(1)
      .filter(
        (box) => iou(chosen, box) < (box.label === chosen.label ? SAME_CLASS_IOU : OTHER_CLASS_IOU),
      );
  }
  return kept;
}

/** `iou`: pixels count, so that a box from 0 to 0 is one wide. */
function iou(a: LayoutBox, b: LayoutBox): number {
  const across = Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left) + 1);
  const down = Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) + 1);
  const shared = across * down;
  const area = (box: LayoutBox): number => (box.right - box.left + 1) * (box.bottom - box.top + 1);
  return shared / (area(a) + area(b) - shared);
}

/** `DetPostProcess.apply`, `filter_large_image`: an image that is the whole page hides what is on it. */
function withoutPageImage(boxes: readonly LayoutBox[], width: number, height: number): LayoutBox[] {
  if (boxes.length < 2) return [...boxes];
  const most = (width > height ? LANDSCAPE_COVER : PORTRAIT_COVER) * width * height;
  const kept = boxes.filter((box) => {
    if (box.label !== "image") return true;
    const across = Math.min(width, box.right) - Math.max(0, box.left);
    return across * (Math.min(height, box.bottom) - Math.max(0, box.top)) <= most;
  });
  return kept.length > 0 ? kept : [...boxes];
}

/** `check_containment` and what `layout_merge_bboxes_mode` makes of it. */
function withoutContained(
  boxes: readonly LayoutBox[],
  mode: Containment | Readonly<Record<string, Containment>>,
): LayoutBox[] {
  const rules = typeof mode === "string" ? [[undefined, mode] as const] : Object.entries(mode);
  const dropped = new Set<LayoutBox>();
  for (const [label, keep] of rules) {
    const contained = new Set<LayoutBox>();
    const containing = new Set<LayoutBox>();
    for (const inner of boxes) {
      for (const outer of boxes) {
        // A formula in a paragraph is part of it, and found by itself.
        const isInline = inner.label === "formula" && outer.label !== "formula";
        const concerned = label === undefined || (keep === "large" ? outer : inner).label === label;
        if (inner === outer || isInline || !concerned || !isContained(inner, outer)) continue;
        contained.add(inner);
        containing.add(outer);
      }
    }
    for (const box of boxes) {
      if (keep === "large" ? contained.has(box) : containing.has(box) && !contained.has(box)) {
        dropped.add(box);
      }
    }
  }
  return boxes.filter((box) => !dropped.has(box));
}

/** `is_contained`. */
function isContained(inner: LayoutBox, outer: LayoutBox): boolean {
  const area = (inner.right - inner.left) * (inner.bottom - inner.top);
  const across = Math.min(inner.right, outer.right) - Math.max(inner.left, outer.left);
  const down = Math.min(inner.bottom, outer.bottom) - Math.max(inner.top, outer.top);
  return area > 0 && (Math.max(0, across) * Math.max(0, down)) / area >= CONTAINED;
}

function inOrder(boxes: readonly LayoutBox[]): LayoutBox[] {
  return boxes.toSorted((a, b) => {
    const [first = 0, second = 0] = a.keys;
    const [otherFirst = 0, otherSecond = 0] = b.keys;
    return first - otherFirst || otherSecond - second;
  });
}

/** `restructured_boxes`. */
function cut(box: LayoutBox, width: number, height: number, whole: boolean): LayoutBox[] {
  const to = (value: number): number => (whole ? Math.trunc(value) : value);
  const left = to(Math.max(0, box.left));
  const top = to(Math.max(0, box.top));
  const right = to(Math.min(width, box.right));
  const bottom = to(Math.min(height, box.bottom));
  return right > left && bottom > top ? [{ ...box, left, top, right, bottom }] : [];
}

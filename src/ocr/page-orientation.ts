/** Which way up a whole page lies. */
import type { PageOrientationModel } from "../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import { resizeToPlanes } from "../image/pixels/resize.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Quad, Rect, RgbaImage } from "../types.ts";
import { quadSize } from "./geometry.ts";

/** Clockwise quarter turns after which the text runs from left to right. */
export type QuarterTurns = 0 | 1 | 2 | 3;

/**
 * Asks the classifier (PP-LCNet doc_ori).
 *
 * Network input `[1, 3, crop, crop]` from the middle of the part, whose short side was resized to
 * `resizeShort`; output `[1, labels]`: by how many degrees the picture lies turned clockwise.
 */
export async function classifyPage(
  image: RgbaImage,
  part: Rect,
  lease: ModelLease<PageOrientationModel>,
): Promise<QuarterTurns> {
  const { session, model } = lease;
  const { resizeShort, crop, labels } = model.params;
  const data = new Float32Array(3 * crop * crop);
  // Cropping the page is the same as cropping what it is resized to, without the pixels in between.
  const side = (Math.min(part.width, part.height) * crop) / resizeShort;
  const middle = {
    x: Math.round(part.x + (part.width - side) / 2),
    y: Math.round(part.y + (part.height - side) / 2),
    width: Math.max(1, Math.round(side)),
    height: Math.max(1, Math.round(side)),
  };
  resizeToPlanes(image, middle, crop, crop, model.params, data);
  const outputs = await session.run({
    [session.inputNames[0] as string]: { data, dims: [1, 3, crop, crop] },
  });
  const output = outputs[session.outputNames[0] as string];
  if (output?.data.length !== labels.length) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} is not a classifier of ${labels.length} orientations: it returned [${output?.dims.join(", ") ?? ""}].`,
    );
  }
  const best = output.data.indexOf(Math.max(...output.data));
  const turned = labels[best] as number;
  return ((4 - Math.round(turned / 90)) % 4) as QuarterTurns;
}

/**
 * Boxes at least this much taller than wide hold text that was turned by a quarter (PaddleOCR
 * `get_rotate_crop_image`).
 */
export const UPRIGHT_RATIO = 1.5;

/** Fewer lines say nothing about a page: one that stands may be a stamp or a margin note. */
const LEAST_LINES = 3;

/**
 * Whether most of the text, by the length of its lines, runs along the page's height.
 *
 * @param quads each starting at the top-left corner of its text
 */
export function isSideways(quads: readonly Quad[]): boolean {
  if (quads.length < LEAST_LINES) return false;
  let standing = 0;
  let all = 0;
  for (const [a, b] of quads) {
    const along = Math.abs(b[0] - a[0]);
    const down = Math.abs(b[1] - a[1]);
    all += Math.hypot(along, down);
    if (down > along) standing += Math.hypot(along, down);
  }
  return standing > all / 2;
}

/** Indices of the longest lines, on which the page's direction is decided. */
export function longestLines(quads: readonly Quad[], count: number): number[] {
  const lengths = quads.map((quad) => quadSize(quad).width);
  return quads
    .map((_, i) => i)
    .sort((a, b) => (lengths[b] as number) - (lengths[a] as number))
    .slice(0, count);
}

/**
 * By how many degrees clockwise a picture has to be turned for its text to run from left to right.
 *
 * @param direction unit vector along the text
 * @returns from 0 on, less than 360, in tenths
 */
export function turnOf([x, y]: readonly [number, number]): number {
  const tenths = Math.round((Math.atan2(-y, x) * 1800) / Math.PI);
  return ((tenths + 3600) % 3600) / 10;
}

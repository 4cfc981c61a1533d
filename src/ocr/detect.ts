/**
 * Text detection: an image in, quads of text lines out.
 *
 * The first look is the reference's: the whole picture, shrunk to what the model takes. Text that is too small to be
 * seen at that scale leaves fine detail where no line was found. There a few windows are looked at without shrinking;
 * if they hold text, its height gives the scale for a second look, on overlapping tiles, at what the first one missed.
 */
import type { DetectionModel, DetectionParams } from "../catalog/manifest/manifest.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Point, Quad, Rect, RgbaImage } from "../types.ts";
import { boxesFromMap, type ScoredBox } from "./db-boxes.ts";
import {
  CELL,
  countDetail,
  coverDetail,
  type DetailGrid,
  findDetail,
  printHeight,
} from "./detail.ts";
import { type Found, isSame, lengthOf, mergeLooks } from "./found.ts";
import { type Frame, frameOf, probabilityMap, toImagePoint } from "./frame.ts";
import { boundsOf } from "../core/quad.ts";
import { quadSize, rectCorners } from "./geometry.ts";
import { type Size, pixelsOf, withinMemory } from "./within-memory.ts";
import { lookAtTiles } from "./tiles.ts";

/** One detected line. The quad is in pixels of the whole image. */
export interface Detection {
  readonly quad: Quad;
  /** Mean text probability inside the box. */
  readonly score: number;
}

/** How a picture is fitted to the network; `none`: at its own size, within the bounds. */
type SizeRule = Pick<DetectionParams, "limitSide" | "maxSide" | "maxPixels" | "multiple"> & {
  readonly limitType: DetectionParams["limitType"] | "none";
};

/** Input side lengths of the network for a source of the given size (PaddleX `DetResizeForTest`). */
export function detectionSize(
  width: number,
  height: number,
  params: SizeRule,
): { width: number; height: number } {
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  let scale = 1;
  if (params.limitType === "min" && short < params.limitSide) scale = params.limitSide / short;
  if (params.limitType === "max" && long > params.limitSide) scale = params.limitSide / long;
  if (long * scale > params.maxSide) scale = params.maxSide / long;
  const pixels = width * height * scale * scale;
  if (params.maxPixels !== undefined && pixels > params.maxPixels) {
    scale *= Math.sqrt(params.maxPixels / pixels);
  }
  const fit = (side: number): number =>
    Math.max(params.multiple, roundHalfEven((side * scale) / params.multiple) * params.multiple);
  return { width: fit(width), height: fit(height) };
}

/** As Python rounds: 62.5 → 62, 63.5 → 64. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export interface DetectOptions {
  /** Bound for H × W of the network's input that saves memory; the model's own bound stays. */
  readonly maxPixels?: number | undefined;
  /** Pixels of the network's input per pixel of the image, where that is known better than the model's rule. */
  readonly scale?: number | undefined;
  /** Show the network the part turned clockwise by a quarter: see {@link Frame}. */
  readonly turned?: boolean;
  /** Called before each further look with the looks that are done, and how many there will be; may throw to stop. */
  readonly onLook?: (done: number, total: number) => void;
  /** What H × W may be lowered to before the read fails for want of memory. */
  readonly minPixels?: number | undefined;
  /** Called when text is looked at with fewer pixels than it needs: there would be too many, or too little memory. */
  readonly onReduced?: (forMemory: boolean) => void;
}

/** From this scale on the first look shows all that there is. */
const FULL_SCALE = 0.7;

/** Least height of print, in pixels of the network's input, at which detectors draw a box as large as the line. */
const LEGIBLE = 6;

/** Boxes of lines that the first look could have found, in pixels of the network's input. */
const FINDABLE = 12;

/** The height that lines get in tiles. */
const TILE_LINE = 20;

/** A second look has to enlarge by so much to be worth it. */
const LEAST_GAIN = 1.25;

/** Windows that are looked at without shrinking, each a square of so many pixels of the image. */
const PROBES = 3;
const PROBE_SIDE = 30 * CELL;

/** Cells with detail that make a window worth a look: a line of small print. */
const LEAST_DETAIL = 16;

/** How many times as long as high a box has to be to be taken for a word; specks and rulings are not. */
const WORD = 2.5;

/**
 * Finds the text lines of a part of an image.
 *
 * @returns quads in the image's own frame, which start at the corner that is top-left in the frame as it was shown
 * @throws GlyphpoolError `MODEL_INVALID`, what `onLook` throws, and whatever running a model throws
 */
export async function detectLines(
  image: RgbaImage,
  part: Rect,
  lease: ModelLease<DetectionModel>,
  options: DetectOptions = {},
): Promise<Detection[]> {
  const frame = frameOf(image, part, options.turned ?? false);
  const found = await findLines(frame, lease, options);
  return found.map(({ quad: [a, b, c, d], score }) => ({
    quad: [
      toImagePoint(frame, a),
      toImagePoint(frame, b),
      toImagePoint(frame, c),
      toImagePoint(frame, d),
    ],
    score,
  }));
}

async function findLines(
  frame: Frame,
  lease: ModelLease<DetectionModel>,
  { maxPixels = Infinity, minPixels, scale: wanted, onLook, onReduced }: DetectOptions,
): Promise<Found[]> {
  const { params } = lease.model;
  const whole = { x: 0, y: 0, width: frame.width, height: frame.height };
  const rule = { ...params, maxPixels: Math.min(maxPixels, params.maxPixels ?? Infinity) };
  const sizeWithin = (pixels: number): Size => {
    const bounded = { ...rule, maxPixels: Math.min(rule.maxPixels, pixels) };
    return wanted === undefined
      ? detectionSize(frame.width, frame.height, bounded)
      : detectionSize(frame.width * wanted, frame.height * wanted, {
          ...bounded,
          limitType: "none",
        });
  };
  const { size, result: first } = await withinMemory(lease, sizeWithin, minPixels, (fitting) =>
    look(frame, whole, fitting, lease),
  );
  if (pixelsOf(size) < pixelsOf(sizeWithin(Infinity))) onReduced?.(true);
  const scale = Math.min(size.width / frame.width, size.height / frame.height);
  if (scale >= FULL_SCALE) return first;

  const legible = first.filter(({ quad }) => printHeight(frame, boundsOf(quad)) * scale >= LEGIBLE);
  const missed = findDetail(frame);
  for (const { quad } of legible) coverDetail(missed, boundsOf(quad));
  // Windows and tiles are no larger than what fits; where not even a window does, the first look has to do.
  const room = (await lease.fitRun?.(rule.maxPixels, 0)) ?? rule.maxPixels;
  if (room < PROBE_SIDE ** 2) {
    if (countDetail(missed, whole) >= LEAST_DETAIL) onReduced?.(true);
    return first;
  }
  const height = await probe(frame, missed, legible, FINDABLE / scale, lease, onLook);
  if (height === undefined) return first;
  const finer = Math.min(1, TILE_LINE / height);
  if (finer < scale * LEAST_GAIN) return first;
  const tiles = await lookAtTiles(frame, finer, lease, {
    maxPixels: Math.min(rule.maxPixels, room),
    wanted: (rect) => countDetail(missed, rect) >= LEAST_DETAIL,
    onLook: (done, total) => onLook?.(done + 1, total + 1),
  });
  if (tiles.reduced) onReduced?.(false);
  const more = boxesFromMap(tiles.map, tiles.width, tiles.height, {
    ...params,
    maxCandidates: params.maxCandidates * Math.max(1, tiles.count),
  });
  const found = more.map((box) =>
    toFound(box, frame.width / tiles.width, frame.height / tiles.height),
  );
  return mergeLooks(first, legible, found);
}

/** One look at a rectangle of the frame. */
async function look(
  frame: Frame,
  rect: Rect,
  size: { readonly width: number; readonly height: number },
  lease: ModelLease<DetectionModel>,
): Promise<Found[]> {
  const map = await probabilityMap(frame, rect, size.width, size.height, lease);
  const boxes = boxesFromMap(map, size.width, size.height, lease.model.params);
  return boxes.map((box) =>
    toFound(box, rect.width / size.width, rect.height / size.height, rect.x, rect.y),
  );
}

/** Map pixels are samples at their centres; coordinates of the frame are corners of the pixel grid. */
function toFound(
  { rect, score }: ScoredBox,
  scaleX: number,
  scaleY: number,
  left: number = 0,
  top: number = 0,
): Found {
  const place = ([x, y]: Point): Point => [left + (x + 0.5) * scaleX, top + (y + 0.5) * scaleY];
  const [a, b, c, d] = rectCorners(rect);
  const quad: Quad = [place(a), place(b), place(c), place(d)];
  const { width, height } = quadSize(quad);
  return { quad, score, height: Math.min(width, height) };
}

/**
 * Looks at windows with much detail outside of the lines that are known, until one holds text.
 *
 * @param findable lines of this height, in pixels of the frame, are not looked for
 * @returns the height of small lines there in pixels of the frame, or nothing where there is no text
 */
async function probe(
  frame: Frame,
  missed: DetailGrid,
  known: readonly Found[],
  findable: number,
  lease: ModelLease<DetectionModel>,
  onLook: DetectOptions["onLook"],
): Promise<number | undefined> {
  const windows: { readonly rect: Rect; readonly detail: number }[] = [];
  for (let y = 0; y < frame.height; y += PROBE_SIDE) {
    for (let x = 0; x < frame.width; x += PROBE_SIDE) {
      const width = Math.min(PROBE_SIDE, frame.width - x);
      const height = Math.min(PROBE_SIDE, frame.height - y);
      const rect = { x, y, width, height };
      const detail = countDetail(missed, rect);
      if (detail >= LEAST_DETAIL) windows.push({ rect, detail });
    }
  }
  windows.sort((a, b) => b.detail - a.detail);
  // Far from each other: all of the first ones may lie in one picture.
  const chosen: Rect[] = [];
  for (const { rect } of windows) {
    if (chosen.length === PROBES) break;
    const { x, y } = rect;
    const near = (other: Rect): boolean =>
      Math.max(Math.abs(other.x - x), Math.abs(other.y - y)) <= PROBE_SIDE;
    if (!chosen.some(near)) chosen.push(rect);
  }
  for (const [i, rect] of chosen.entries()) {
    onLook?.(i + 1, PROBES + 1);
    const { multiple } = lease.model.params;
    const fit = (side: number): number => Math.ceil(side / multiple) * multiple;
    const lines = await look(
      frame,
      rect,
      { width: fit(rect.width), height: fit(rect.height) },
      lease,
    );
    const heights = lines
      .filter((line) => line.height < findable && lengthOf(line) >= WORD * line.height)
      .filter((line) => !known.some((other) => isSame(line, other)))
      .map((line) => line.height)
      .sort((a, b) => a - b);
    if (heights.length > 0) return heights[Math.floor(heights.length / 4)];
  }
  return undefined;
}

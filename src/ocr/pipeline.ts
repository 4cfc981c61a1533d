/**
 * The main job: pixels in, lines of text out.
 * detect → crop → recognise → (turn doubtful lines that stand on their heads) → reading order.
 */
import type { Model, ModelSet } from "../catalog/manifest.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { ModelLease, ModelSource } from "../models/lease.ts";
import type { Line, Page, Progress, Quad, Rect, RgbaImage, Timings } from "../types.ts";
import { type Detection, detectLines } from "./detect.ts";
import { quadSize, rotateCorners } from "./geometry.ts";
import { InferenceClock } from "./inference-clock.ts";
import { findUpsideDown } from "./orientation.ts";
import { readingOrder } from "./reading-lines.ts";
import { cropQuad, recognizeLines } from "./recognize.ts";
import { findStacks } from "./stacks.ts";
import { toLine } from "./words.ts";

export interface PipelineOptions {
  /** Read only this part of the image; polygons stay in the frame of the whole image. */
  readonly region?: Rect;
  /** Stop after detection: lines carry polygons and an empty text. */
  readonly detectOnly?: boolean;
  /** The image is one line: skip detection. */
  readonly recognizeOnly?: boolean;
  /** Lines read with less confidence are left out, 0–1. Default 0: all are kept. */
  readonly minConfidence?: number;
  /** Saves memory: largest sum of the widths of lines that are recognised together, in pixels. */
  readonly maxBatchWidth?: number;
  /** Saves memory: largest size of the detector's input in pixels, where the model's own is larger. */
  readonly maxDetectionPixels?: number;
}

export interface PipelineContext {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Everything of a page but the decode time, which the caller knows. */
export type PipelineResult = Omit<Page, "timings"> & { timings: Omit<Timings, "decode" | "total"> };

/**
 * Boxes at least this much taller than wide hold text that was turned by a quarter (PaddleOCR
 * `get_rotate_crop_image`).
 */
const UPRIGHT_RATIO = 1.5;

/**
 * Lines read with less confidence than this are tried upside down as well. Text on its head reads with
 * about half the confidence; checking every line would cost as much as reading it.
 */
const DOUBTFUL = 0.75;

/**
 * Reads one image.
 *
 * @throws GlyphpoolError `ABORTED`, `INVALID_OPTION` (region outside the image), and whatever loading
 *   or running a model throws
 */
export async function readImage(
  image: RgbaImage,
  set: ModelSet,
  models: ModelSource,
  options: PipelineOptions,
  context: PipelineContext,
): Promise<PipelineResult> {
  const { signal } = context;
  const clock = new InferenceClock();
  const timings = { detect: 0, orient: 0, recognize: 0, inference: 0 };
  const part = clipRegion(options.region, image);
  const report = (stage: Progress["stage"], done: number, total: number): void =>
    context.onProgress?.({ stage, done, total });
  const borrow = async <M extends Model>(model: M): Promise<ModelLease<M>> =>
    clock.watch(await models.acquire(model, signal));
  const finish = (lines: Line[]): PipelineResult => ({
    width: image.width,
    height: image.height,
    text: lines.map((line) => line.text).join("\n"),
    lines,
    timings: { ...timings, inference: clock.milliseconds },
  });

  let detections: Detection[];
  if (options.recognizeOnly === true) {
    detections = [{ quad: uprightQuad(rectQuad(part)), score: 1 }];
  } else {
    using detector = await borrow(set.detection);
    throwIfAborted(signal);
    report("detect", 0, 1);
    const start = performance.now();
    detections = await detectLines(image, part, detector, options.maxDetectionPixels);
    detections = detections.map(({ quad, score }) => ({ quad: uprightQuad(quad), score }));
    timings.detect = performance.now() - start;
    report("detect", 1, 1);
  }
  if (options.detectOnly === true) {
    const order = readingOrder(
      detections.map((d) => d.quad),
      set.recognition.params.rightToLeft,
    );
    return finish(
      order.map((i) => {
        const { quad, score } = detections[i] as Detection;
        return { text: "", confidence: score, polygon: quad };
      }),
    );
  }
  if (detections.length === 0) return finish([]);

  using recognizer = await borrow(set.recognition);
  const { params } = recognizer.model;
  const quads = detections.map((d) => d.quad);
  // An image that is one line is the crop itself: beyond its edge there is nothing to reach for.
  const cropOf = (quad: Quad): Quad =>
    options.recognizeOnly === true ? quad : cropQuad(quad, params);
  const read = async (of: readonly Quad[], onDone?: (done: number) => void): Promise<Line[]> => {
    const start = performance.now();
    const crops = of.map(cropOf);
    const progress = (done: number): void => {
      throwIfAborted(signal);
      onDone?.(done);
    };
    const results = await recognizeLines(image, crops, recognizer, progress, options.maxBatchWidth);
    timings.recognize += performance.now() - start;
    return results.map((result, i) =>
      toLine(result, of[i] as Quad, crops[i] as Quad, params.rightToLeft),
    );
  };
  throwIfAborted(signal);
  report("recognize", 0, quads.length);
  let lines = await read(quads, (done) => report("recognize", done, quads.length));

  const doubtful = lines.flatMap((line, i) => (line.confidence < DOUBTFUL ? [i] : []));
  if (set.orientation !== undefined && doubtful.length > 0) {
    const suspects = doubtful.map((i) => quads[i] as Quad);
    using classifier = await borrow(set.orientation);
    throwIfAborted(signal);
    report("orient", 0, doubtful.length);
    const start = performance.now();
    const flags = await findUpsideDown(image, suspects, classifier);
    timings.orient = performance.now() - start;
    throwIfAborted(signal);
    report("orient", doubtful.length, doubtful.length);
    const turned = doubtful.filter((_, k) => flags[k]);
    const again = await read(turned.map((i) => rotateCorners(quads[i] as Quad, 2)));
    turned.forEach((i, k) => {
      const better = again[k] as Line;
      if (better.confidence > (lines[i] as Line).confidence) lines[i] = better;
    });
  }

  const stacks = findStacks(lines.map((line) => line.polygon));
  const columns = await read(stacks.map((stack) => stack.quad));
  stacks.forEach(({ members }, k) => {
    const column = columns[k] as Line;
    const letters = members.map((i) => lines[i] as Line);
    if (!readsBetter(column, letters)) return;
    for (const i of members) lines[i] = { ...(lines[i] as Line), text: "" };
    lines.push(column);
  });

  const least = options.minConfidence ?? 0;
  lines = lines.filter((line) => line.text !== "" && line.confidence >= least);
  const order = readingOrder(
    lines.map((line) => line.polygon),
    params.rightToLeft,
  );
  return finish(order.map((i) => lines[i] as Line));
}

/**
 * Whether a pile of boxes is one line turned by a quarter rather than a column of short entries. Digits
 * lying on their sides are read upright with little confidence, a column read sideways likewise.
 */
function readsBetter(column: Line, letters: readonly Line[]): boolean {
  const mean = letters.reduce((sum, line) => sum + line.confidence, 0) / letters.length;
  return column.text.length >= letters.length && column.confidence > Math.max(mean, DOUBTFUL);
}

/** Starts a tall box at the corner that is top-left once its text is turned to run left to right. */
function uprightQuad(quad: Quad): Quad {
  const { width, height } = quadSize(quad);
  return height >= UPRIGHT_RATIO * width ? rotateCorners(quad, 1) : quad;
}

function rectQuad({ x, y, width, height }: Rect): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** The region cut to the image, on whole pixels. */
function clipRegion(region: Rect | undefined, image: RgbaImage): Rect {
  if (region === undefined) return { x: 0, y: 0, width: image.width, height: image.height };
  const x = Math.max(0, Math.floor(region.x));
  const y = Math.max(0, Math.floor(region.y));
  const width = Math.min(image.width, Math.ceil(region.x + region.width)) - x;
  const height = Math.min(image.height, Math.ceil(region.y + region.height)) - y;
  if (!(width > 0 && height > 0)) {
    throw new GlyphpoolError(
      "INVALID_OPTION",
      `region ${JSON.stringify(region)} does not overlap the image of ${image.width} × ${image.height} pixels.`,
    );
  }
  return { x, y, width, height };
}

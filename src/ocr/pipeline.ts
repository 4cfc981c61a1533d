/**
 * The main job: pixels in, lines of text out.
 * detect → crop → recognise → (turn doubtful lines that stand on their heads) → reading order.
 */
import type { Model, ModelSet } from "../catalog/manifest/manifest.ts";
import { throwIfAborted } from "../errors.ts";
import type { ModelLease, ModelSource } from "../models/lease.ts";
import type {
  Line,
  Page,
  PageWarning,
  Progress,
  Quad,
  Rect,
  RgbaImage,
  Timings,
} from "../types.ts";
import { cropper } from "./crop-margin.ts";
import type { Detection } from "./detect.ts";
import { detectPage, lieSideways, turnHalf, uprightQuad } from "./detect-page.ts";
import { rotateCorners } from "./geometry.ts";
import { InferenceClock } from "../models/inference-clock.ts";
import { findUpsideDown } from "./orientation.ts";
import { classifyPage, longestLines, type QuarterTurns, turnOf } from "./page-orientation.ts";
import { readingOrder, textDirection } from "../structure/layout/reading-lines.ts";
import { linesDropped, MEMORY_REDUCED, RESOLUTION_REDUCED } from "./page-warnings.ts";
import { recognizeLines } from "./recognize.ts";
import { clipRegion, rectQuad } from "./region.ts";
import {
  addBorder,
  findInkRow,
  isOneLine,
  isSmall,
  moveLine,
  rowCrop,
  smallScale,
} from "./small.ts";
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
  /** The size that the detector's input may be lowered to before the read fails with `MEMORY_EXHAUSTED`, in pixels. */
  readonly minDetectionPixels?: number;
}

export interface PipelineContext {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Everything of a page but the decode time, which the caller knows. */
export type PipelineResult = Omit<Page, "timings"> & { timings: Omit<Timings, "decode" | "total"> };

/**
 * Lines read with less confidence than this are tried upside down as well. Text on its head reads with
 * about half the confidence; checking every line would cost as much as reading it.
 */
const DOUBTFUL = 0.75;

/** Lines that tell whether a page that lies on its side stands on its head once it is turned. */
const ORIENTATION_SAMPLE = 9;

/** With fewer lines each is judged alone: two of three on their heads are two lines, not a page. */
const LEAST_JURY = 5;

/** So much less confidence is enough for a picture of one line read as a whole. */
const ROW_BONUS = 0.1;

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
  const part = clipRegion(options.region, image);
  if (options.recognizeOnly === true || !isSmall(part)) {
    return await readPart(image, part, set, models, options, context);
  }
  const framed = addBorder(image, part);
  const { width, height } = framed.image;
  const whole = { x: 0, y: 0, width, height };
  const page = await readPart(framed.image, whole, set, models, options, context, true);
  const lines = page.lines.map((line) => moveLine(line, framed.left, framed.top, part));
  return { ...page, width: image.width, height: image.height, lines };
}

/** @param small whether the part is the size of a line rather than of a page */
async function readPart(
  image: RgbaImage,
  part: Rect,
  set: ModelSet,
  models: ModelSource,
  options: PipelineOptions,
  context: PipelineContext,
  small: boolean = false,
): Promise<PipelineResult> {
  const { signal } = context;
  const clock = new InferenceClock();
  const timings = { detect: 0, orient: 0, recognize: 0, inference: 0 };
  const report = (stage: Progress["stage"], done: number, total: number): void =>
    context.onProgress?.({ stage, done, total });
  const borrow = async <M extends Model>(model: M): Promise<ModelLease<M>> =>
    clock.watch(await models.acquire(model, signal));
  const warnings: PageWarning[] = [];
  const finish = (lines: Line[]): PipelineResult => ({
    width: image.width,
    height: image.height,
    rotation: turnOf(textDirection(lines.map((line) => line.polygon))),
    text: lines.map((line) => line.text).join("\n"),
    lines,
    ...(warnings.length > 0 ? { warnings } : {}),
    timings: { ...timings, inference: clock.milliseconds },
  });

  const upsideDown = async (quads: readonly Quad[]): Promise<boolean[]> => {
    if (set.orientation === undefined) return quads.map(() => false);
    using classifier = await borrow(set.orientation);
    throwIfAborted(signal);
    report("orient", 0, quads.length);
    const start = performance.now();
    const flags = await findUpsideDown(image, quads, classifier);
    timings.orient += performance.now() - start;
    throwIfAborted(signal);
    report("orient", quads.length, quads.length);
    return flags;
  };

  let turns: QuarterTurns | undefined;
  if (set.pageOrientation !== undefined && options.recognizeOnly !== true) {
    using classifier = await borrow(set.pageOrientation);
    throwIfAborted(signal);
    const start = performance.now();
    turns = await classifyPage(image, part, classifier);
    timings.orient += performance.now() - start;
  }
  let row = small ? findInkRow(image, part) : undefined;
  let detections: Detection[];
  if (options.recognizeOnly === true) {
    detections = [{ quad: uprightQuad(rectQuad(part)), score: 1 }];
  } else {
    using detector = await borrow(set.detection);
    throwIfAborted(signal);
    report("detect", 0, 1);
    const start = performance.now();
    let looks = 1;
    detections = await detectPage(image, part, detector, turns, {
      maxPixels: options.maxDetectionPixels,
      minPixels: options.minDetectionPixels,
      scale: small ? smallScale(row?.box.height) : undefined,
      onLook: (done, total) => {
        throwIfAborted(signal);
        looks = total;
        report("detect", done, total);
      },
      onReduced: (forMemory) => {
        // One of a kind, though a page may be looked at twice.
        if (warnings.length > 0) return;
        warnings.push(forMemory ? MEMORY_REDUCED : RESOLUTION_REDUCED);
      },
    });
    timings.detect = performance.now() - start;
    report("detect", looks, looks);
    if (detections.length === 0) {
      row ??= findInkRow(image, part);
      // What looks like a line is read as one: detectors miss characters that stand alone.
      if (row) detections = [{ quad: uprightQuad(rectQuad(row.box)), score: 0 }];
    }
  }
  if (set.orientation !== undefined && turns === undefined && lieSideways(detections)) {
    // Turned one way of two: before everything is read upside down, a few lines are looked at.
    const sample = longestLines(detections.map(quadOf), ORIENTATION_SAMPLE);
    const flags = await upsideDown(sample.map((i) => (detections[i] as Detection).quad));
    if (mostly(flags)) detections = detections.map(turnHalf);
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
  const quads = detections.map(quadOf);
  // An image that is one line is the crop itself: beyond its edge there is nothing to reach for.
  const margin = options.recognizeOnly === true ? undefined : params.cropMargin;
  const cropOf = cropper(margin, quads);
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
  if (row && isOneLine(row, quads)) {
    // Characters that stand alone are found in pieces, or lying on their sides.
    const [whole] = await read([rowCrop(row)]);
    if (whole && whole.text !== "" && whole.confidence >= meanConfidence(lines) - ROW_BONUS) {
      lines = [{ ...whole, polygon: rectQuad(row.box) }];
    }
  }

  const doubtful = lines.flatMap((line, i) => (line.confidence < DOUBTFUL ? [i] : []));
  if (set.orientation !== undefined && doubtful.length > 0) {
    const flags = await upsideDown(doubtful.map((i) => quads[i] as Quad));
    // On a page that stands on its head some lines are misread with confidence, too.
    const isPage = doubtful.length >= Math.max(LEAST_JURY, lines.length / 2) && mostly(flags);
    const turned = isPage ? [...lines.keys()] : doubtful.filter((_, k) => flags[k]);
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
  lines = lines.filter((line) => line.text !== "");
  const sure = lines.filter((line) => line.confidence >= least);
  if (sure.length < lines.length) warnings.push(linesDropped(lines.length - sure.length, least));
  lines = sure;
  const order = readingOrder(
    lines.map((line) => line.polygon),
    params.rightToLeft,
  );
  return finish(order.map((i) => lines[i] as Line));
}

function quadOf({ quad }: Detection): Quad {
  return quad;
}

function mostly(flags: readonly boolean[]): boolean {
  return flags.filter(Boolean).length > flags.length / 2;
}

/**
 * Whether a pile of boxes is one line turned by a quarter rather than a column of short entries. Digits
 * lying on their sides are read upright with little confidence, a column read sideways likewise.
 */
function readsBetter(column: Line, letters: readonly Line[]): boolean {
  const mean = meanConfidence(letters);
  return column.text.length >= letters.length && column.confidence > Math.max(mean, DOUBTFUL);
}

/** 0 where nothing was read. */
function meanConfidence(lines: readonly Line[]): number {
  const sum = lines.reduce(
    (total, { text, confidence }) => total + (text === "" ? 0 : confidence),
    0,
  );
  return sum / Math.max(1, lines.length);
}

/**
 * The main job: pixels in, lines of text out.
 * detect → crop → (turn upside-down lines) → recognise → reading order.
 */
import type { ModelSet } from "../catalog/manifest.ts";
import type { ModelSource } from "../models/lease.ts";
import type { Page, Progress, Rect, RgbaImage, Timings } from "../types.ts";

export interface PipelineOptions {
  /** Read only this part of the image; polygons stay in the frame of the whole image. */
  readonly region?: Rect;
  /** Stop after detection: lines carry polygons and an empty text. */
  readonly detectOnly?: boolean;
  /** The image is one line: skip detection. */
  readonly recognizeOnly?: boolean;
}

export interface PipelineContext {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Everything of a page but the decode time, which the caller knows. */
export type PipelineResult = Omit<Page, "timings"> & { timings: Omit<Timings, "decode" | "total"> };

export function readImage(
  _image: RgbaImage,
  _set: ModelSet,
  _models: ModelSource,
  _options: PipelineOptions,
  _context: PipelineContext,
): Promise<PipelineResult> {
  throw new Error("under construction");
}

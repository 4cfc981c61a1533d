/** Text detection: an image in, quads of text lines out. */
import type { DetectionModel, DetectionParams } from "../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { resizeToPlanes } from "../image/pixels/resize.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Point, Quad, Rect, RgbaImage } from "../types.ts";
import { boxesFromMap } from "./db-boxes.ts";
import { rectCorners } from "./geometry.ts";

/** One detected line. The quad is in pixels of the whole image. */
export interface Detection {
  readonly quad: Quad;
  /** Mean text probability inside the box. */
  readonly score: number;
}

/** Input side lengths of the network for a source of the given size (PaddleX `DetResizeForTest`). */
export function detectionSize(
  width: number,
  height: number,
  params: Pick<DetectionParams, "limitType" | "limitSide" | "maxSide" | "maxPixels" | "multiple">,
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
  /** Bound for H × W that saves memory; the model's own bound stays. */
  readonly maxPixels?: number | undefined;
  /**
   * Show the network the part turned clockwise by a quarter, because its text runs upwards: lines that
   * stand are found less well than lines that lie. Quads are in the image's own frame all the same, and
   * start at the corner that is top-left once the picture is turned.
   */
  readonly turned?: boolean;
}

/**
 * Finds the text lines of a part of an image.
 *
 * Network input `[1, 3, H, W]`, output `[1, 1, H, W]` probabilities.
 */
export async function detectLines(
  image: RgbaImage,
  part: Rect,
  lease: ModelLease<DetectionModel>,
  { maxPixels = Number.POSITIVE_INFINITY, turned = false }: DetectOptions = {},
): Promise<Detection[]> {
  const { params } = lease.model;
  const bound = Math.min(maxPixels, params.maxPixels ?? Number.POSITIVE_INFINITY);
  const [across, down] = turned ? [part.height, part.width] : [part.width, part.height];
  const size = detectionSize(across, down, { ...params, maxPixels: bound });
  const input = turned
    ? turnPlanes(planesOf(image, part, size.height, size.width, params), size.height, size.width)
    : planesOf(image, part, size.width, size.height, params);
  const map = await probabilityMap(lease, { data: input, dims: [1, 3, size.height, size.width] });

  const scaleX = across / size.width;
  const scaleY = down / size.height;
  return boxesFromMap(map, size.width, size.height, params).map(({ rect, score }) => {
    // Map pixels are samples at their centres; page coordinates are corners of the pixel grid.
    const corner = ([x, y]: Point): Point => {
      const u = Math.min(Math.max((x + 0.5) * scaleX, 0), across);
      const v = Math.min(Math.max((y + 0.5) * scaleY, 0), down);
      return turned ? [part.x + v, part.y + across - u] : [part.x + u, part.y + v];
    };
    const [a, b, c, d] = rectCorners(rect);
    return { quad: [corner(a), corner(b), corner(c), corner(d)], score };
  });
}

function planesOf(
  image: RgbaImage,
  part: Rect,
  width: number,
  height: number,
  params: DetectionParams,
): Float32Array {
  const planes = new Float32Array(3 * width * height);
  resizeToPlanes(image, part, width, height, params, planes);
  return planes;
}

/** Each of the planes turned clockwise by a quarter. */
function turnPlanes(planes: Float32Array, width: number, height: number): Float32Array {
  const turned = new Float32Array(planes.length);
  let from = 0;
  for (let base = 0; base < planes.length; base += width * height) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        turned[base + x * height + (height - 1 - y)] = planes[from++] as number;
      }
    }
  }
  return turned;
}

async function probabilityMap(
  lease: ModelLease<DetectionModel>,
  input: Tensor,
): Promise<Float32Array> {
  const { session, model } = lease;
  const outputs = await session.run({ [session.inputNames[0] as string]: input });
  const map = outputs[session.outputNames[0] as string];
  const [, , height, width] = input.dims;
  if (map === undefined || map.data.length !== (height as number) * (width as number)) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} is not a DB text detector: for input [${input.dims.join(", ")}] it returned [${map?.dims.join(", ") ?? ""}].`,
    );
  }
  return map.data;
}

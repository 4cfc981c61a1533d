/** A part of an image as the detector sees it: as it lies, or turned by a quarter. */
import type { DetectionModel, Normalisation } from "../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import { resizeToPlanes } from "../image/pixels/resize.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Point, Rect, RgbaImage } from "../types.ts";

export interface Frame {
  readonly image: RgbaImage;
  /** In pixels of the image, whole ones. */
  readonly part: Rect;
  /**
   * The part is turned clockwise by a quarter, because its text runs upwards: detectors find lines that stand less
   * well than lines that lie.
   */
  readonly turned: boolean;
  /** Size of the frame in pixels of the image. */
  readonly width: number;
  readonly height: number;
}

export function frameOf(image: RgbaImage, part: Rect, turned: boolean): Frame {
  const [width, height] = turned ? [part.height, part.width] : [part.width, part.height];
  return { image, part, turned, width, height };
}

/** A rectangle of the frame as one of the image. */
export function toImageRect({ part, turned, width }: Frame, rect: Rect): Rect {
  if (!turned) return { ...rect, x: part.x + rect.x, y: part.y + rect.y };
  return {
    x: part.x + rect.y,
    y: part.y + width - rect.x - rect.width,
    width: rect.height,
    height: rect.width,
  };
}

/** A point of the frame, moved into the frame where it lies outside, as one of the image. */
export function toImagePoint({ part, turned, width, height }: Frame, [x, y]: Point): Point {
  const u = Math.min(Math.max(x, 0), width);
  const v = Math.min(Math.max(y, 0), height);
  return turned ? [part.x + v, part.y + width - u] : [part.x + u, part.y + v];
}

/**
 * Runs the detector on a rectangle of the frame.
 *
 * Network input `[1, 3, height, width]`, output `[1, 1, height, width]` probabilities.
 *
 * @param rect in pixels of the frame, inside it
 * @param width of the network's input; its height likewise
 * @throws GlyphpoolError `MODEL_INVALID`, and whatever running a model throws
 */
export async function probabilityMap(
  frame: Frame,
  rect: Rect,
  width: number,
  height: number,
  { session, model }: ModelLease<DetectionModel>,
): Promise<Float32Array> {
  const data = planesOf(frame, rect, width, height, model.params);
  const dims = [1, 3, height, width];
  const outputs = await session.run({ [session.inputNames[0] as string]: { data, dims } });
  const map = outputs[session.outputNames[0] as string];
  if (map === undefined || map.data.length !== height * width) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} is not a DB text detector: for input [${dims.join(", ")}] it returned [${map?.dims.join(", ") ?? ""}].`,
    );
  }
  return map.data;
}

function planesOf(
  frame: Frame,
  rect: Rect,
  width: number,
  height: number,
  params: Normalisation,
): Float32Array {
  const source = toImageRect(frame, rect);
  const planes = new Float32Array(3 * width * height);
  if (!frame.turned) {
    resizeToPlanes(frame.image, source, width, height, params, planes);
    return planes;
  }
  resizeToPlanes(frame.image, source, height, width, params, planes);
  return turnPlanes(planes, height, width);
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

/** Detection on a whole page, whichever way up it lies. */
import type { DetectionModel } from "../catalog/manifest/manifest.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Quad, Rect, RgbaImage } from "../types.ts";
import { type Detection, detectLines, type DetectOptions } from "./detect.ts";
import { quadSize, rotateCorners } from "./geometry.ts";
import { isSideways, type QuarterTurns, UPRIGHT_RATIO } from "./page-orientation.ts";

/**
 * The lines of a page, each starting at the corner that is top-left of its text as far as its box tells.
 * A page on whose first look most lines stand is looked at once more, turned by a quarter.
 *
 * @param turns what is known of the page
 */
export async function detectPage(
  image: RgbaImage,
  part: Rect,
  detector: ModelLease<DetectionModel>,
  turns: QuarterTurns | undefined,
  options: Omit<DetectOptions, "turned">,
): Promise<Detection[]> {
  const detect = async (turned: boolean): Promise<Detection[]> => {
    const found = await detectLines(image, part, detector, { ...options, turned });
    return found.map(({ quad, score }) => ({ quad: uprightQuad(quad), score }));
  };
  if (turns !== undefined) {
    const found = await detect(turns % 2 === 1);
    return turns >= 2 ? found.map(turnHalf) : found;
  }
  const found = await detect(false);
  if (!lieSideways(found)) return found;
  const again = await detect(true);
  // Text in columns stands both ways.
  return again.length > 0 ? again : found;
}

/** Whether most lines run along the page's height. */
export function lieSideways(detections: readonly Detection[]): boolean {
  return isSideways(detections.map(({ quad }) => quad));
}

export function turnHalf({ quad, score }: Detection): Detection {
  return { quad: rotateCorners(quad, 2), score };
}

/** Starts a tall box at the corner that is top-left once its text is turned to run left to right. */
export function uprightQuad(quad: Quad): Quad {
  const { width, height } = quadSize(quad);
  return height >= UPRIGHT_RATIO * width ? rotateCorners(quad, 1) : quad;
}

/** Charts and figures: their pictures, and readers that users bring. No published ONNX model reads charts. */
import { untilAborted } from "../core/wait.ts";
import { throwIfAborted } from "../errors.ts";
import type { Rect, RgbaImage, Table } from "../types.ts";

/** What a reader found in the picture of a chart. */
export interface ChartReading {
  /** Its data, where it has some. */
  readonly table?: Table;
  /** A description, its title, whatever else it says. */
  readonly text?: string;
}

/** Reads the picture of a chart; nothing for one that it cannot read. The picture is the reader's own. */
export type ChartReader = (
  picture: RgbaImage,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<ChartReading | undefined>;

/**
 * A copy of a part of an image, at its own resolution.
 *
 * @param box in pixels; it is widened to whole ones and cut to the image
 * @returns nothing for a box outside of the image
 */
export function cropPicture(image: RgbaImage, box: Rect): RgbaImage | undefined {
  const left = Math.max(0, Math.floor(box.x));
  const top = Math.max(0, Math.floor(box.y));
  const width = Math.min(image.width, Math.ceil(box.x + box.width)) - left;
  const height = Math.min(image.height, Math.ceil(box.y + box.height)) - top;
  if (width < 1 || height < 1) return undefined;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 4;
    data.set(image.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { data, width, height };
}

/**
 * Reads the chart in a box.
 *
 * @returns nothing where the reader found nothing, or the box lies outside of the image
 * @throws GlyphpoolError `ABORTED`, and whatever the reader throws
 */
export async function readChart(
  image: RgbaImage,
  box: Rect,
  reader: ChartReader,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ChartReading | undefined> {
  throwIfAborted(signal);
  const picture = cropPicture(image, box);
  return picture && (await untilAborted(reader(picture, { signal }), signal));
}

/** Charts and figures: their pictures, and readers that users bring. No published ONNX model reads charts. */
import { untilAborted } from "../core/wait.ts";
import { throwIfAborted } from "../errors.ts";
import { cropImage } from "../image/crop.ts";
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
  const picture = cropImage(image, box);
  return picture && (await untilAborted(reader(picture, { signal }), signal));
}

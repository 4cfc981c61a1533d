/** RT-DETR: the cells of a table as boxes. */
import type { TableCellsModel } from "../../../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../../../errors.ts";
import type { Feeds, Tensor } from "../../../gpu/tensor.ts";
import { bicubicToPlanes } from "../../../image/pixels/bicubic.ts";
import { cropImage } from "../../../image/pixels/crop.ts";
import type { ModelLease } from "../../../models/lease.ts";
import type { Rect, RgbaImage } from "../../../types.ts";
import type { Edges } from "../frame.ts";

export interface DetectedCell extends Edges {
  readonly score: number;
}

/** Class, score, left, top, right, bottom. */
const COLUMNS = 6;

/**
 * Network inputs `image` `[1, 3, height, width]`, and of `im_shape` and `scale_factor` `[1, 2]` those that the
 * graph has, heights before widths; output rows of class, score and box in pixels of the part.
 *
 * @param part whole pixels inside of the image
 * @returns by falling score, in pixels of the image, without those that others cover
 * @throws GlyphpoolError `MODEL_INVALID` for a graph that is something else, and what runs throw
 */
export async function detectCells(
  image: RgbaImage,
  part: Rect,
  { session, model }: ModelLease<TableCellsModel>,
): Promise<DetectedCell[]> {
  const { params, id } = model;
  const { width, height } = params;
  const crop = cropImage(image, part);
  if (!crop) return [];
  const data = new Float32Array(3 * width * height);
  bicubicToPlanes(crop, width, height, params, data);
  const pair = (a: number, b: number): Tensor => ({ data: Float32Array.of(a, b), dims: [1, 2] });
  const known: Feeds = {
    image: { data, dims: [1, 3, height, width] },
    im_shape: pair(height, width),
    scale_factor: pair(height / crop.height, width / crop.width),
  };
  const feeds = session.inputNames.map((name): [string, Tensor] => {
    const feed = known[name];
    if (feed) return [name, feed];
    throw new GlyphpoolError("MODEL_INVALID", `${id} has an input "${name}" that is not known.`);
  });
  const names = session.outputNames.slice(0, 2);
  const outputs = await session.run(Object.fromEntries(feeds), names);
  const rows = outputs[names[0] as string];
  if (rows?.dims.at(-1) !== COLUMNS) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${id} is not a cell detector: it returned [${rows?.dims.join(", ") ?? ""}].`,
    );
  }
  const count = Math.min(outputs[names[1] ?? ""]?.data[0] ?? Infinity, rows.data.length / COLUMNS);
  const cells: DetectedCell[] = [];
  // Scores are float32, with which PaddleX compares in the same precision.
  const least = Math.fround(params.threshold);
  for (let i = 0; i < count; i++) {
    const [type, score, x1, y1, x2, y2] = rows.data.subarray(i * COLUMNS) as unknown as Row;
    const left = part.x + Math.max(0, x1);
    const top = part.y + Math.max(0, y1);
    const right = part.x + Math.min(crop.width, x2);
    const bottom = part.y + Math.min(crop.height, y2);
    if (type < 0 || score <= least || right <= left || bottom <= top) continue;
    cells.push({ left, top, right, bottom, score });
  }
  return suppress(cells, params.nms);
}

type Row = readonly [number, number, number, number, number, number];

/** PaddleX `cells_det_results_nms`: of two cells that overlap by more than `most` the surer one stays. */
function suppress(cells: readonly DetectedCell[], most: number): DetectedCell[] {
  const kept: DetectedCell[] = [];
  for (const cell of cells.toSorted((a, b) => b.score - a.score)) {
    if (kept.every((other) => intersectionOverUnion(other, cell) <= most)) kept.push(cell);
  }
  return kept;
}

export function areaOf({ left, top, right, bottom }: Edges): number {
  return (right - left) * (bottom - top);
}

/** Shared area of two boxes. */
export function intersection(a: Edges, b: Edges): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

export function intersectionOverUnion(a: Edges, b: Edges): number {
  const shared = intersection(a, b);
  return shared === 0 ? 0 : shared / (areaOf(a) + areaOf(b) - shared);
}

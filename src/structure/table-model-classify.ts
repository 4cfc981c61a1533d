/** PP-LCNet: whether the cells of a table are drawn. */
import type { TableClassificationModel } from "../catalog/manifest.ts";
import type { TableKind } from "../catalog/structure-params-table.ts";
import { GlyphpoolError } from "../errors.ts";
import { resizeToPlanes } from "../image/resize.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Rect, RgbaImage } from "../types.ts";

/**
 * Network input `[1, 3, crop, crop]`: the middle of the part, whose short side was resized to `resizeShort`
 * (PaddleX `ResizeByShort`, `Crop`); output `[1, labels]`. Of equal scores the later label counts, as in `Topk`.
 *
 * @param part whole pixels inside of the image
 * @throws GlyphpoolError `MODEL_INVALID` for a graph that is something else, and what runs throw
 */
export async function classifyTable(
  image: RgbaImage,
  part: Rect,
  { session, model }: ModelLease<TableClassificationModel>,
): Promise<TableKind> {
  const { resizeShort, crop, labels } = model.params;
  const data = new Float32Array(3 * crop * crop);
  // To cut the square out of the part is the same as to cut it out of what the part is resized to.
  const side = Math.max(1, Math.round((Math.min(part.width, part.height) * crop) / resizeShort));
  const middle = {
    x: part.x + Math.floor((part.width - side) / 2),
    y: part.y + Math.floor((part.height - side) / 2),
    width: side,
    height: side,
  };
  resizeToPlanes(image, middle, crop, crop, model.params, data);
  const outputs = await session.run({
    [session.inputNames[0] as string]: { data, dims: [1, 3, crop, crop] },
  });
  const output = outputs[session.outputNames[0] as string];
  if (output?.data.length !== labels.length) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} is no classifier of ${labels.length} kinds of tables: it returned [${output?.dims.join(", ") ?? ""}].`,
    );
  }
  return labels[output.data.lastIndexOf(Math.max(...output.data))] as TableKind;
}

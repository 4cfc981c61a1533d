/** SLANet and SLANeXt: from the picture of a table to its HTML in tokens, and a box for each cell. */
import type { TableStructureModel } from "../../../catalog/manifest/manifest.ts";
import type { TableStructureParams } from "../../../catalog/manifest/structure-params-table.ts";
import { GlyphpoolError } from "../../../errors.ts";
import type { Tensor } from "../../../gpu/tensor.ts";
import { resizeToPlanes } from "../../../image/pixels/resize.ts";
import type { ModelLease } from "../../../models/lease.ts";
import type { Rect, RgbaImage } from "../../../types.ts";
import { edgesAround, type Edges } from "../frame.ts";
import { CELL_TOKENS, TABLE_TOKENS } from "./tokens.ts";

export interface PredictedStructure {
  /** Without start and end. */
  readonly tokens: readonly string[];
  /** One for each cell, in pixels of the image; empty where the model has no output for them. */
  readonly boxes: readonly Edges[];
  /** Mean probability of the tokens. */
  readonly score: number;
}

/** Corners of a box: four points. */
const CORNERS = 8;
const EOS = TABLE_TOKENS.length - 1;

/**
 * Network input `[1, 3, side, side]`: the long side is resized to `side`, what is left stays 0 after the
 * normalisation (PaddleX `ResizeByLong`, `Normalize`, `Pad`); outputs `[1, T, 8]` and `[1, T, tokens]`.
 *
 * @param part whole pixels inside of the image
 * @throws GlyphpoolError `MODEL_INVALID` for a graph that is something else, and what runs throw
 */
export async function predictStructure(
  image: RgbaImage,
  part: Rect,
  { session, model }: ModelLease<TableStructureModel>,
): Promise<PredictedStructure> {
  const { side } = model.params;
  const scale = side / Math.max(part.width, part.height);
  const width = Math.max(1, roundHalfEven(part.width * scale));
  const height = Math.max(1, roundHalfEven(part.height * scale));
  const data = new Float32Array(3 * side * side);
  resizeToPlanes(image, part, width, height, model.params, data, side, side);
  const input = { data, dims: [1, 3, side, side] };
  const outputs = Object.values(await session.run({ [session.inputNames[0] as string]: input }));
  const probabilities = outputs.find(({ dims }) => dims.at(-1) === TABLE_TOKENS.length);
  const corners = outputs.find(({ dims }) => dims.at(-1) === CORNERS);
  if (!probabilities) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} is not a table structure model with ${TABLE_TOKENS.length} tokens: it returned ${outputs.map(({ dims }) => `[${dims.join(", ")}]`).join(" and ")}.`,
    );
  }
  return decode(probabilities, corners, part, image, model.params);
}

/** As Python rounds: 62.5 → 62, 63.5 → 64. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** PaddleX `TableLabelDecode.decode`: an end in the first place does not end it, and is not a token either. */
function decode(
  { data }: Tensor,
  corners: Tensor | undefined,
  part: Rect,
  image: RgbaImage,
  params: TableStructureParams,
): PredictedStructure {
  const count = TABLE_TOKENS.length;
  const tokens: string[] = [];
  const boxes: Edges[] = [];
  let sum = 0;
  for (let step = 0; (step + 1) * count <= data.length; step++) {
    const row = data.subarray(step * count, (step + 1) * count);
    const best = Math.max(...row);
    const token = row.indexOf(best);
    if (token === EOS && step > 0) break;
    if (token === EOS || token === 0) continue;
    const text = TABLE_TOKENS[token] as string;
    tokens.push(text);
    sum += best;
    if (corners && CELL_TOKENS.has(text)) {
      const points = corners.data.subarray(step * CORNERS, (step + 1) * CORNERS);
      boxes.push(boxOf(points, part, image, params));
    }
  }
  return { tokens, boxes, score: tokens.length > 0 ? sum / tokens.length : 0 };
}

/**
 * PaddleX `_get_bbox_scales`: of SLANet fractions of the crop; of SLANet_plus and SLANeXt fractions of the
 * padded input, whose side is that of the crop's long one. Cut to whole pixels, then to the image.
 */
function boxOf(
  points: Float32Array,
  part: Rect,
  image: RgbaImage,
  { boxes }: TableStructureParams,
): Edges {
  const long = Math.max(part.width, part.height);
  const [scaleX, scaleY] = boxes === "crop" ? [part.width, part.height] : [long, long];
  const at = (i: number): number => points[i] as number;
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  return edgesAround(
    [0, 2, 4, 6].map((i) => [
      clamp(part.x + Math.trunc(at(i) * scaleX), image.width),
      clamp(part.y + Math.trunc(at(i + 1) * scaleY), image.height),
    ]),
  );
}

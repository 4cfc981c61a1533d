import type {
  Model,
  TableCellsModel,
  TableClassificationModel,
  TableStructureModel,
} from "../../../catalog/manifest/manifest.ts";
import type { TableKind } from "../../../catalog/manifest/structure-params-table.ts";
import { GlyphpoolError, throwIfAborted } from "../../../errors.ts";
import { resizeToPlanes } from "../../../image/pixels/resize.ts";
import type { ModelLease } from "../../../models/lease.ts";
import type { Line, Rect, RgbaImage, Table } from "../../../types.ts";
import { type DraftCell, tableOf } from "../cells.ts";
import { type Edges, edgesAround, type Frame } from "../frame.ts";
import { detectCells } from "./cells.ts";
import { matchCount } from "./count.ts";
import { alignRows, LEAST_OVERLAP, matchInside, matchNearest } from "./match.ts";
import { type PredictedStructure, predictStructure } from "./structure.ts";
import { cellsPerRow, placeTokens } from "./tokens.ts";
import { type PlacedWord, placeWords, type Segment, wordsByLine } from "../words.ts";

/** PP-LCNet: whether the cells of a table are drawn. */

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
      `${model.id} is not a classifier of ${labels.length} kinds of tables: it returned [${output?.dims.join(", ") ?? ""}].`,
    );
  }
  return labels[output.data.lastIndexOf(Math.max(...output.data))] as TableKind;
}

/** Tables by models: kind, structure and cells, as the pipeline `table_recognition_v2` of PaddleX goes. */

/** The models that there are, the preferred ones first. */
export interface TableModels {
  readonly classification?: TableClassificationModel | undefined;
  readonly structure: readonly TableStructureModel[];
  /** Without any the boxes of the structure model are used. */
  readonly cells: readonly TableCellsModel[];
}

/** Loads a model, or gives a claim on a loaded one. Whoever lends ends the claim. */
export type Borrow = <M extends Model>(model: M) => Promise<ModelLease<M>>;

/** The page is taken as it is. */
const LEVEL: Frame = { cos: 1, sin: 0 };

/**
 * Reads a table. The classifier is loaded only where there are models for one kind alone.
 *
 * @param box of the table in pixels of the image
 * @param lines of the page; those that overlap the box are its text
 * @returns nothing where there is no structure model, or where no cell or no place of one is found
 * @throws GlyphpoolError `ABORTED`, `MODEL_INVALID`, and what loading and running a model throw
 */
export async function recognizeTable(
  image: RgbaImage,
  box: Rect,
  lines: readonly Line[],
  models: TableModels,
  borrow: Borrow,
  signal?: AbortSignal,
): Promise<Table | undefined> {
  const part = wholePixels(box, image);
  if (!part || models.structure.length === 0) return undefined;
  const kinds = [...models.structure, ...models.cells].map(({ params }) => params.kind);
  let kind: TableKind | undefined;
  if (models.classification && kinds.some((each) => each !== undefined)) {
    throwIfAborted(signal);
    kind = await classifyTable(image, part, await borrow(models.classification));
  }
  const structureModel = choose(models.structure, kind);
  throwIfAborted(signal);
  const structure = await predictStructure(image, part, await borrow(structureModel));
  const perRow = cellsPerRow(structure.tokens);
  if (perRow.length === 0) return undefined;

  const texts = linesOf(lines, part);
  const cellsModel = models.cells.length > 0 ? choose(models.cells, kind) : undefined;
  throwIfAborted(signal);
  let boxes: readonly (Edges | undefined)[] = structure.boxes;
  let words: PlacedWord[][];
  if (cellsModel) {
    const found = await detectCells(image, part, await borrow(cellsModel));
    const wanted = perRow.reduce((sum, count) => sum + count, 0);
    const inside = texts.filter((text) => liesIn(text, part));
    boxes = alignRows(matchCount(found, inside, wanted), perRow);
    words = matchInside(boxes, texts);
  } else if (structure.boxes.length === 0) {
    // Nothing tells which text is in which cell.
    return undefined;
  } else words = matchNearest(structure.boxes, texts);
  throwIfAborted(signal);
  return tableOf(draftsOf(structure, boxes, words), lines, LEVEL);
}

/** One for the kind, else one for both, else any. */
function choose<M extends TableStructureModel | TableCellsModel>(
  models: readonly M[],
  kind: TableKind | undefined,
): M {
  const own = kind && models.find(({ params }) => params.kind === kind);
  return own ?? models.find(({ params }) => params.kind === undefined) ?? (models[0] as M);
}

/** Coordinates are cut to whole pixels, as PaddleX cuts them. */
function wholePixels({ x, y, width, height }: Rect, image: RgbaImage): Rect | undefined {
  const [left, top] = [Math.max(0, Math.trunc(x)), Math.max(0, Math.trunc(y))];
  const right = Math.min(image.width, Math.trunc(x + width));
  const bottom = Math.min(image.height, Math.trunc(y + height));
  if (right <= left || bottom <= top) return undefined;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Lines that overlap the part, each with its words. */
function linesOf(lines: readonly Line[], { x, y, width, height }: Rect): Segment[] {
  const words = placeWords(
    lines,
    LEVEL,
    ({ left, top, right, bottom }) =>
      Math.min(right, x + width) - Math.max(left, x) > LEAST_OVERLAP &&
      Math.min(bottom, y + height) - Math.max(top, y) > LEAST_OVERLAP,
  );
  return [...wordsByLine(words)].map(([line, own]) => ({
    ...edgesAround(lines[line]?.polygon ?? []),
    words: own,
  }));
}

function liesIn({ left, top, right, bottom }: Edges, { x, y, width, height }: Rect): boolean {
  return left >= x && top >= y && right <= x + width && bottom <= y + height;
}

function draftsOf(
  { tokens }: PredictedStructure,
  boxes: readonly (Edges | undefined)[],
  words: readonly (readonly PlacedWord[])[],
): DraftCell[] {
  return placeTokens(tokens).map(({ index, ...cell }) => {
    const box = index === undefined ? undefined : boxes[index];
    return { ...cell, words: words[index ?? -1] ?? [], ...(box && { box }) };
  });
}

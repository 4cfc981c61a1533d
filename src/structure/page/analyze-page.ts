/** The structure of a page: its layout, and in its tables, formulas and charts what was asked for. */
import type { ModelSet } from "../../catalog/manifest/manifest.ts";
import type { StructureRequest, StructureStage } from "../../options/structure.ts";
import { throwIfAborted } from "../../errors.ts";
import { cropImage } from "../../image/pixels/crop.ts";
import type { ModelSource } from "../../models/lease.ts";
import type { Block, Line, Page, Progress, Rect, RgbaImage, Timings } from "../../types.ts";
import { coverage, type AssignedRegion } from "./assign-lines.ts";
import { findRulings } from "../rulings/find-rulings.ts";
import { findTables } from "../tables/find-tables.ts";
import { fillFormulas } from "./page-formulas.ts";
import { layoutOfLines, layoutOfModel, type LayoutGround } from "./page-layout.ts";
import { fillTables } from "./page-tables.ts";
import { StructureModels } from "./structure-models.ts";
import { boundsOf } from "../../core/quad.ts";
import { uprightPage, type UprightPage } from "./upright.ts";

export interface StructureContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Waits for the share of a stage that loads models; disposing the result gives it back. */
  readonly permit: (stage: StructureStage) => Promise<Disposable>;
  /** Only this part of the image. */
  readonly region: Rect | undefined;
}

export interface PageStructure {
  readonly blocks: Block[];
  readonly timings: Pick<Timings, "inference"> & { readonly structure: number };
}

const PICTURES: ReadonlySet<string> = new Set(["figure", "chart"]);

/** A line counts as inside of a region that covers so much of it. */
const LEAST_INSIDE = 0.5;

/**
 * @param page the text of the image, its polygons in the image's pixels
 * @returns blocks in reading order, their polygons in the image's pixels; `inference` counts that of the text too
 * @throws GlyphpoolError `ABORTED`, and whatever loading or running a model throws
 */
export async function analyzePage(
  image: RgbaImage,
  page: Pick<Page, "lines" | "rotation"> & { readonly timings: Pick<Timings, "inference"> },
  set: ModelSet,
  source: ModelSource,
  request: StructureRequest,
  context: StructureContext,
): Promise<PageStructure> {
  const start = performance.now();
  context.onProgress({ stage: "structure", done: 0, total: 1 });
  const models = new StructureModels(set, source, request, context);
  const upright = uprightPage(image, page.lines, page.rotation, context.region);
  const { width, height } = upright.image;
  const whole = { x: 0, y: 0, width, height };
  const lines = linesIn(whole, upright.lines);
  const rulings = findRulings(upright.image, upright.skew);
  throwIfAborted(context.signal);
  const tables = findTables(
    lines.map((i) => upright.lines[i] as Line),
    rulings,
    whole,
  );
  const { rightToLeft } = set.recognition.params;
  const ground: LayoutGround = {
    page: upright,
    lines,
    rulings,
    tables,
    rightToLeft: rightToLeft || undefined,
  };
  const regions = await regionsOf(request.content, whole, ground, models);
  throwIfAborted(context.signal);
  const blocks = regions.map((region, order) => blockOf(region, order, upright));

  const wants = new Set(request.analyses);
  const { signal } = context;
  if (wants.has("tables")) {
    await fillTables(regions, blocks, { page: upright, rulings, found: tables, signal }, models);
  }
  if (wants.has("formulas")) await fillFormulas(upright.image, regions, blocks, models, signal);
  if (wants.has("charts")) cropPictures(upright.image, regions, blocks);
  context.onProgress({ stage: "structure", done: 1, total: 1 });
  const inference = page.timings.inference + models.milliseconds;
  return { blocks, timings: { structure: performance.now() - start, inference } };
}

async function regionsOf(
  content: StructureRequest["content"],
  whole: Rect,
  ground: LayoutGround,
  models: StructureModels,
): Promise<AssignedRegion[]> {
  if (content !== "page") return [{ type: content, box: whole, score: 1, lines: ground.lines }];
  const found = await models.detectLayout(ground.page.image);
  return found ? layoutOfModel(ground, found) : layoutOfLines(ground);
}

function blockOf(
  { type, box, score, level, lines }: AssignedRegion,
  order: number,
  upright: UprightPage,
): Block {
  return {
    type,
    polygon: upright.back(box),
    order,
    confidence: score,
    text: lines.map((i) => upright.lines[i]?.text ?? "").join("\n"),
    lines: [...lines],
    ...(level === undefined ? {} : { level }),
  };
}

function linesIn(whole: Rect, lines: readonly Line[]): number[] {
  return lines.flatMap((line, i) =>
    coverage(boundsOf(line.polygon), whole) >= LEAST_INSIDE ? [i] : [],
  );
}

/** Of figures and charts, as they would be read; what is made of them is the caller's affair. */
function cropPictures(
  image: RgbaImage,
  regions: readonly AssignedRegion[],
  blocks: readonly Block[],
): void {
  for (const [i, { type, box }] of regions.entries()) {
    const picture = PICTURES.has(type) ? cropImage(image, box) : undefined;
    if (picture) (blocks[i] as Block).image = picture;
  }
}

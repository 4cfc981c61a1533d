import type { BlockType, Rect, RgbaImage } from "../../../types.ts";
import type { LayoutModel, LayoutRegionsModel } from "../../../catalog/manifest/manifest.ts";
import type { LayoutParams } from "../../../catalog/manifest/structure-params.ts";
import { GlyphpoolError, throwIfAborted } from "../../../errors.ts";
import type { Feeds, Session, Tensor } from "../../../gpu/tensor.ts";
import { bicubicToPlanes } from "../../../image/pixels/bicubic.ts";
import type { ModelLease } from "../../../models/lease.ts";
import { filterBoxes, type LayoutBox } from "./nms.ts";
import type { LayoutRegion } from "../region.ts";

/** From the classes of PaddleX's layout models to types of blocks. */

/** Of all three label sets: PP-DocLayoutV2 and V3, plus-L, and L, M, S. */
const TYPES: Readonly<Record<string, BlockType>> = {
  abstract: "abstract",
  algorithm: "algorithm",
  aside_text: "sidebar",
  chart: "chart",
  chart_title: "caption",
  content: "contents",
  display_formula: "formula",
  doc_title: "title",
  figure_title: "caption",
  footer: "footer",
  footer_image: "footer",
  footnote: "footnote",
  formula: "formula",
  formula_number: "formula-number",
  header: "header",
  header_image: "header",
  image: "figure",
  inline_formula: "inline-formula",
  number: "page-number",
  paragraph_title: "heading",
  reference: "reference",
  reference_content: "reference",
  seal: "seal",
  table: "table",
  table_title: "caption",
  text: "text",
  vertical_text: "text",
  // A source or remark under a figure or table: it belongs to that, not to the foot of the page.
  vision_footnote: "caption",
};

/** Classes that a manifest names and this does not are running text. */
export function blockTypeOf(label: string): BlockType {
  return TYPES[label] ?? "text";
}

/** Layout by a model: the families of PaddleX behind one interface. */

export interface LayoutOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Class, score, left, top, right, bottom; behind them the order keys. */
const COLUMNS = 6;
const MOST_COLUMNS = 8;

/**
 * Finds the parts of a page. Models with an order key (PP-DocLayoutV2 and V3) give every part its place, also
 * those that PaddleX leaves out of its numbering (headers, pictures, tables …).
 *
 * @returns in reading order where the model has one, else by falling score
 * @throws GlyphpoolError `MODEL_INVALID` for a graph that is not a layout detector, `ABORTED`, and what runs throw
 */
export async function detectLayout(
  image: RgbaImage,
  lease: ModelLease<LayoutModel>,
  { signal }: LayoutOptions = {},
): Promise<LayoutRegion[]> {
  const boxes = await detectBoxes(image, lease, signal);
  return boxes.map((box, order) => ({
    type: blockTypeOf(box.label),
    box: rectOf(box),
    score: box.score,
    ...(box.keys.length > 0 ? { order } : {}),
  }));
}

/** Finds the regions of a page that are each read as a whole: articles, sidebars (PP-DocBlockLayout). */
export async function detectRegions(
  image: RgbaImage,
  lease: ModelLease<LayoutRegionsModel>,
  { signal }: LayoutOptions = {},
): Promise<Rect[]> {
  return (await detectBoxes(image, lease, signal)).map(rectOf);
}

async function detectBoxes(
  image: RgbaImage,
  { session, model }: ModelLease<LayoutModel | LayoutRegionsModel>,
  signal: AbortSignal | undefined,
): Promise<LayoutBox[]> {
  throwIfAborted(signal);
  const { params, id } = model;
  // The third output of V3 are masks of 200 × 200 for each box: they are not fetched.
  const names = session.outputNames.slice(0, 2);
  const outputs = await session.run(feedsOf(image, session, params, id), names);
  throwIfAborted(signal);
  const rows = outputs[names[0] as string];
  const count = outputs[names[1] ?? ""]?.data[0];
  const boxes = rows && boxesOf(rows, count, params);
  if (!boxes) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${id} is not a layout detector: it returned [${rows?.dims.join(", ") ?? ""}].`,
    );
  }
  return filterBoxes(boxes, params, image.width, image.height);
}

/**
 * `scale_factor` holds height before width, as `im_shape` does, which is the size of the network's input; with
 * both the graph returns pixels of the picture.
 */
function feedsOf(
  image: RgbaImage,
  { inputNames }: Session,
  params: LayoutParams,
  id: string,
): Feeds {
  const { width, height } = params;
  const data = new Float32Array(3 * width * height);
  bicubicToPlanes(image, width, height, params, data);
  const pair = (a: number, b: number): Tensor => ({ data: Float32Array.of(a, b), dims: [1, 2] });
  const known: Feeds = {
    image: { data, dims: [1, 3, height, width] },
    im_shape: pair(height, width),
    scale_factor: pair(height / image.height, width / image.width),
  };
  const feeds = inputNames.map((name): [string, Tensor] => {
    const feed = known[name];
    if (feed) return [name, feed];
    const names = Object.keys(known).join(", ");
    throw new GlyphpoolError("MODEL_INVALID", `${id} has an input "${name}" beside ${names}.`);
  });
  return Object.fromEntries(feeds);
}

/** @param count how many rows hold boxes; absent: all */
function boxesOf(
  { data, dims }: Tensor,
  count: number | undefined,
  { labels }: LayoutParams,
): LayoutBox[] | undefined {
  const columns = dims.at(-1) ?? 0;
  if (columns < COLUMNS || columns > MOST_COLUMNS) return undefined;
  const boxes: LayoutBox[] = [];
  const rows = Math.min(count ?? Infinity, data.length / columns);
  for (let at = 0; at < rows * columns; at += columns) {
    const row = data.subarray(at, at + columns);
    // Rows that hold nothing have the class −1.
    const label = labels[row[0] as number];
    const [, score, left, top, right, bottom] = row as unknown as LayoutRow;
    if (label === undefined) continue;
    boxes.push({ label, score, left, top, right, bottom, keys: [...row.subarray(COLUMNS)] });
  }
  return boxes;
}

type LayoutRow = readonly [number, number, number, number, number, number];

function rectOf({ left, top, right, bottom }: LayoutBox): Rect {
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The lines of a read page in their order, and its blocks with them. */
import type { ReadingOrder } from "../../options/engine.ts";
import type { Block, Line, Page, Rect, RgbaImage } from "../../types.ts";
import { findPictures } from "../layout/pictures.ts";
import { isRowwise } from "../layout/row-wise.ts";
import { findRulings } from "../rulings/find-rulings.ts";
import { textOrder } from "../text-order.ts";
import { boundsOf } from "../../core/quad.ts";
import { uprightPage } from "./upright.ts";

export interface OrderContext {
  readonly order: Exclude<ReadingOrder, "source">;
  readonly rightToLeft: boolean | undefined;
  /** Only this part of the image. */
  readonly region: Rect | undefined;
}

export interface OrderedPage {
  readonly lines: Line[];
  readonly text: string;
  readonly blocks?: Block[];
}

/** Fewer lines have one order only. */
const LEAST_LINES = 2;

/**
 * @param page its lines row by row, their polygons in the image's pixels
 * @param blocks what the structure was found to be; absent where it was not asked for
 */
export function orderPage(
  image: RgbaImage,
  { lines, rotation }: Pick<Page, "lines" | "rotation">,
  blocks: readonly Block[] | undefined,
  { order, rightToLeft, region }: OrderContext,
): OrderedPage {
  const inOrder = ((): readonly number[] => {
    if (lines.length < LEAST_LINES) return [...lines.keys()];
    if (!blocks || order === "rows") {
      const upright = uprightPage(image, lines, rotation, region);
      const { width, height } = upright.image;
      const rulings = order === "rows" ? undefined : findRulings(upright.image, upright.skew);
      const found = { lines: upright.lines, width, height, rightToLeft };
      if (!rulings) return textOrder(found, order);
      const pictures = findPictures(upright.image, upright.lines, rulings);
      return textOrder({ ...found, rulings, pictures }, order);
    }
    const tables = blocks.filter(({ type }) => type === "table");
    const isRows = isRowwise(
      lines,
      tables.map(({ polygon }) => boundsOf(polygon)),
    );
    return isRows ? [...lines.keys()] : blocks.flatMap((block) => block.lines);
  })();
  const known = new Set(inOrder);
  // Lines outside of the region that was analysed belong to no block.
  const all = [...known, ...[...lines.keys()].filter((index) => !known.has(index))];
  const places = new Map(all.map((index, place) => [index, place]));
  const ordered = all.map((index) => lines[index] as Line);
  return {
    lines: ordered,
    text: ordered.map(({ text }) => text).join("\n"),
    ...(blocks && {
      blocks: blocks.map((block) => ({
        ...block,
        lines: block.lines.map((index) => places.get(index) as number),
      })),
    }),
  };
}

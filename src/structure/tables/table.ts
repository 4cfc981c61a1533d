/** One table of a page: from lines of text and rulings to a grid of cells. */
import type { Line, Table } from "../../types.ts";
import type { TableRegion } from "./find-tables.ts";
import type { Ruling, Rulings } from "../rulings/ruling.ts";
import { tableOf } from "./cells.ts";
import { levelFrame, rectInFrame, type Edges } from "./frame.ts";
import { readOpen } from "./open.ts";
import { readRuled } from "./ruled.ts";
import { tableRulings } from "./rulings.ts";
import { placeWords, usualHeight } from "./words.ts";

/** Heights of the text by which rulings and lines may reach beyond the region. */
const MARGIN = 0.5;

/**
 * Reads a table without a model.
 *
 * @param lines of the whole page; those whose middle lies in the region are its text
 * @param rulings of the whole page
 */
export function readTable(region: TableRegion, lines: readonly Line[], rulings: Rulings): Table {
  const frame = levelFrame(lines);
  const box = rectInFrame(region.box, frame);
  const words = placeWords(lines, frame, (line) => {
    const [x, y] = [(line.left + line.right) / 2, (line.top + line.bottom) / 2];
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
  const height = usualHeight(words);
  const own = rulingsIn(tableRulings(rulings, words, frame), box, MARGIN * height);
  const ruled = region.kind === "ruled" ? readRuled(words, own, height) : [];
  // A region may come from a model that knows nothing of rulings.
  const cells = ruled.length > 0 ? ruled : readOpen(words, own.horizontal);
  return tableOf(cells, lines, frame);
}

function rulingsIn({ horizontal, vertical }: Rulings, box: Edges, margin: number): Rulings {
  const within = (low: number, high: number, from: number, to: number) => (ruling: Ruling) =>
    ruling.at >= low - margin &&
    ruling.at <= high + margin &&
    (ruling.from + ruling.to) / 2 >= from &&
    (ruling.from + ruling.to) / 2 <= to;
  return {
    horizontal: horizontal.filter(within(box.top, box.bottom, box.left, box.right)),
    vertical: vertical.filter(within(box.left, box.right, box.top, box.bottom)),
  };
}

/** The text of the cells that a model found. */
import type { Edges } from "../frame.ts";
import { areaOf, intersection, intersectionOverUnion } from "./cells.ts";
import { segmentOf, type PlacedWord, type Segment } from "../words.ts";

/** A text is in the cell that holds more than this part of its area (PaddleX `match_table_and_ocr`). */
const LEAST_INSIDE = 0.7;
/** Boxes whose tops are no farther from that of the row's first one stand in its row: pixels. */
const ROW_TOLERANCE = 10;
/** Pixels in both directions from which a line counts as a part of the table. */
export const LEAST_OVERLAP = 3;

/**
 * Texts by cell: a line of text is cut between words where it runs through several cells (PaddleX
 * `split_ocr_bboxes_by_table_cells` cuts where it covers half of two cells, and reads the parts again). What no
 * cell holds is left out.
 */
export function matchInside(
  cells: readonly (Edges | undefined)[],
  lines: readonly Segment[],
): PlacedWord[][] {
  const found = cells.map((): PlacedWord[] => []);
  for (const piece of lines.flatMap((line) => cutByCells(line, cells))) {
    const shares = cells.map((cell) => (cell ? intersection(cell, piece) / areaOf(piece) : 0));
    const most = Math.max(0, ...shares);
    if (most > LEAST_INSIDE) found[shares.indexOf(most)]?.push(...piece.words);
  }
  return found;
}

/**
 * The same for boxes that a structure model drew around the texts, which are seldom right by a pixel: each
 * text goes to the cell with the greatest IoU, of those without any to the nearest one (`match_table_and_ocr` of
 * the first pipeline, `table_recognition_post_processing.py`).
 */
export function matchNearest(cells: readonly Edges[], lines: readonly Segment[]): PlacedWord[][] {
  const found = cells.map((): PlacedWord[] => []);
  for (const piece of lines.flatMap((line) => cutByCells(line, cells))) {
    let best = -1;
    let [overlap, far] = [-1, Infinity];
    for (const [i, cell] of cells.entries()) {
      const [own, distance] = [intersectionOverUnion(cell, piece), distanceOf(cell, piece)];
      if (own > overlap || (own === overlap && distance < far)) {
        best = i;
        [overlap, far] = [own, distance];
      }
    }
    found[best]?.push(...piece.words);
  }
  return found;
}

/** Differences of all sides, those of the nearer corner twice. */
function distanceOf(a: Edges, b: Edges): number {
  const first = Math.abs(a.left - b.left) + Math.abs(a.top - b.top);
  const last = Math.abs(a.right - b.right) + Math.abs(a.bottom - b.bottom);
  return first + last + Math.min(first, last);
}

/** Between words of different cells; a word in none goes with the one before it. */
function cutByCells(line: Segment, cells: readonly (Edges | undefined)[]): Segment[] {
  const pieces: { cell: Edges | undefined; words: PlacedWord[] }[] = [];
  for (const word of line.words.toSorted((a, b) => a.left - b.left)) {
    const [x, y] = [(word.left + word.right) / 2, (word.top + word.bottom) / 2];
    const cell = cells.find(
      (each) => each && x >= each.left && x < each.right && y >= each.top && y < each.bottom,
    );
    const last = pieces.at(-1);
    if (!last || (cell && last.cell && cell !== last.cell)) pieces.push({ cell, words: [word] });
    else {
      last.words.push(word);
      last.cell ??= cell;
    }
  }
  return pieces.length > 1 ? pieces.map(({ words }) => segmentOf(words)) : [line];
}

/**
 * Detected cells for the cells of a structure (PaddleX `sort_table_cells_boxes`, `map_and_get_max`): both are
 * taken row by row, so that a cell too many or too few does not move all that follow.
 *
 * @param perRow cells that begin in each row of the structure
 * @returns one for each cell of the structure; absent where its row has fewer boxes
 */
export function alignRows(
  boxes: readonly Edges[],
  perRow: readonly number[],
): (Edges | undefined)[] {
  const { sorted, starts } = sortRows(boxes);
  let first = 0;
  const begins = perRow.map((count) => {
    const start = starts.findLast((at) => at <= first) ?? first;
    first += count;
    return start;
  });
  return perRow.flatMap((count, row) => {
    const from = begins[row] as number;
    const own = sorted.slice(from, begins[row + 1] ?? sorted.length);
    return Array.from({ length: count }, (_, i) => own[i]);
  });
}

/** By rows, each from the left; and the place at which each row begins, with the end of the last. */
function sortRows(boxes: readonly Edges[]): { sorted: Edges[]; starts: number[] } {
  const rows: Edges[][] = [];
  for (const box of boxes.toSorted((a, b) => a.top - b.top)) {
    const first = rows.at(-1)?.[0];
    if (first && Math.abs(box.top - first.top) <= ROW_TOLERANCE) rows.at(-1)?.push(box);
    else rows.push([box]);
  }
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) as number) + row.length);
  return { sorted: rows.flatMap((row) => row.toSorted((a, b) => a.left - b.left)), starts };
}

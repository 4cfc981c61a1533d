/** Tables whose cells are drawn: the grid of the rulings tells everything. */
import type { Rulings } from "../rulings/ruling.ts";
import { isValue, type DraftCell } from "./cells.ts";
import type { Edges } from "./frame.ts";
import { boundsOfGrid, crossingSets, gridOf } from "./grid.ts";
import { compactCells, joinCells, type GridCell } from "./spans.ts";
import type { PlacedWord } from "./words.ts";

/** Lines of the grid nearer to each other than this are one: heights of the text. */
const LEAST_CELL = 0.5;
/** Pixels by which rulings may miss each other: heights of the text, and at least. */
const MISS = 0.4;
const LEAST_MISS = 4;

/** How far the ends of rulings may be from what they meet, in pixels. */
export function missOf(height: number): number {
  return Math.max(LEAST_MISS, MISS * height);
}

/** A cell that rulings enclose. */
export interface RuledCell extends GridCell {
  readonly box: Edges;
}

/**
 * The cells between the rulings of a region; none where no rulings cross.
 *
 * @param height usual height of its text in pixels
 */
export function ruledCells(rulings: Rulings, height: number): RuledCell[] {
  const sets = crossingSets(rulings, missOf(height));
  const own = {
    horizontal: sets.flatMap(({ horizontal }) => horizontal),
    vertical: sets.flatMap(({ vertical }) => vertical),
  };
  if (own.horizontal.length === 0) return [];
  const bounds = boundsOfGrid(own, missOf(height));
  const grid = gridOf(own, bounds, Math.max(LEAST_MISS, LEAST_CELL * height));
  const cells = joinCells(grid.ys.length - 1, grid.xs.length - 1, (row, column, side) =>
    side === "right" ? !grid.beside(column + 1, row) : !grid.below(row + 1, column),
  );
  const boxed = cells.map((cell) => ({
    ...cell,
    box: {
      left: grid.xs[cell.column] as number,
      right: grid.xs[cell.column + cell.columnSpan] as number,
      top: grid.ys[cell.row] as number,
      bottom: grid.ys[cell.row + cell.rowSpan] as number,
    },
  }));
  return compactCells(boxed);
}

/** Words by the cell in which their middles lie; those outside of all are left out. */
export function wordsByCell(
  cells: readonly RuledCell[],
  words: readonly PlacedWord[],
): Map<RuledCell, PlacedWord[]> {
  const found = new Map<RuledCell, PlacedWord[]>(cells.map((cell) => [cell, []]));
  for (const word of words) {
    const [x, y] = [(word.left + word.right) / 2, (word.top + word.bottom) / 2];
    const cell = cells.find(
      ({ box }) => x >= box.left && x < box.right && y >= box.top && y < box.bottom,
    );
    if (cell) found.get(cell)?.push(word);
  }
  return found;
}

export function readRuled(
  words: readonly PlacedWord[],
  rulings: Rulings,
  height: number,
): DraftCell[] {
  const cells = ruledCells(rulings, height);
  const found = wordsByCell(cells, words);
  const drafts = cells.map((cell) => ({ ...cell, words: found.get(cell) ?? [], header: false }));
  const rows = headerRows(drafts);
  return drafts.map((cell) => ({ ...cell, header: cell.row < rows }));
}

/**
 * Rows at the top that name columns: as deep as the cells of the first row reach, where those are all
 * filled and none is a value. One row of a table is not its header.
 */
function headerRows(cells: readonly DraftCell[]): number {
  const rows = Math.max(0, ...cells.map(({ row, rowSpan }) => row + rowSpan));
  const first = cells.filter(({ row }) => row === 0);
  const depth = Math.max(0, ...first.map(({ rowSpan }) => rowSpan));
  const head = cells.filter(({ row }) => row < depth);
  // The corner above the names of the rows is often empty.
  const named = head.filter(({ words, column }) => column === 0 || words.length > 0);
  const isNamed =
    first.length > 1 && named.length === head.length && !head.some(({ words }) => isNumeric(words));
  return isNamed && depth < rows ? depth : 0;
}

function isNumeric(words: readonly PlacedWord[]): boolean {
  return words.length > 0 && words.every(({ text }) => isValue(text));
}

/** What table structure models write: HTML in tokens, as the cells of a grid. */
import type { GridCell } from "../spans.ts";

const SPANS: readonly number[] = Array.from({ length: 19 }, (_, i) => i + 2);

/**
 * The tokens by class: PaddleX's dictionary of SLANet_plus and SLANeXt (`_SLANEXT_CHARACTER_DICT`) as
 * `TableLabelDecode` makes it ready: `<td>` gives way to `<td></td>` at the end, start and end stand around.
 */
export const TABLE_TOKENS: readonly string[] = [
  "sos",
  "<thead>",
  "</thead>",
  "<tbody>",
  "</tbody>",
  "<tr>",
  "</tr>",
  "<td",
  ">",
  "</td>",
  ...SPANS.map((span) => ` colspan="${span}"`),
  ...SPANS.map((span) => ` rowspan="${span}"`),
  "<td></td>",
  "eos",
];

/** Tokens for which the model gives a box. */
export const CELL_TOKENS: ReadonlySet<string> = new Set(["<td", "<td></td>"]);

/** A cell that the model wrote. */
export interface TokenCell extends GridCell {
  readonly header: boolean;
  /** Its place among the cells that were written; absent for one that was added to fill the grid. */
  readonly index?: number;
}

interface Written {
  rowSpan: number;
  columnSpan: number;
  readonly header: boolean;
}

/** Cells in rows as they were written. */
function writtenRows(tokens: readonly string[]): Written[][] {
  const rows: Written[][] = [];
  let header = false;
  let open: Written | undefined;
  for (const token of tokens) {
    if (token === "<thead>") header = true;
    else if (token === "</thead>") header = false;
    else if (token === "<tr>") rows.push([]);
    else if (CELL_TOKENS.has(token)) {
      open = { rowSpan: 1, columnSpan: 1, header };
      if (rows.length === 0) rows.push([]);
      rows.at(-1)?.push(open);
    } else {
      const span = /^ (row|col)span="(\d+)"$/.exec(token);
      if (open && span?.[1] === "row") open.rowSpan = Number(span[2]);
      if (open && span?.[1] === "col") open.columnSpan = Number(span[2]);
    }
  }
  return rows;
}

/** How many cells each row begins, rows without any left out. */
export function cellsPerRow(tokens: readonly string[]): number[] {
  return writtenRows(tokens)
    .map((row) => row.length)
    .filter((count) => count > 0);
}

/**
 * Places the cells as HTML places them: each in the first free column of its row. A model may write spans
 * that do not fit; they are cut, and places that nothing fills get an empty cell.
 *
 * @returns cells that cover the grid without overlapping
 */
export function placeTokens(tokens: readonly string[]): TokenCell[] {
  const rows = writtenRows(tokens).filter((row) => row.length > 0);
  const taken = rows.map((): boolean[] => []);
  const cells: TokenCell[] = [];
  let index = 0;
  for (const [row, written] of rows.entries()) {
    let column = 0;
    for (const { rowSpan, columnSpan, header } of written) {
      while (taken[row]?.[column]) column++;
      let right = column + 1;
      while (right < column + columnSpan && !taken[row]?.[right]) right++;
      const down = Math.min(rowSpan, rows.length - row);
      for (let r = row; r < row + down; r++) {
        for (let c = column; c < right; c++) (taken[r] as boolean[])[c] = true;
      }
      cells.push({
        row,
        column,
        rowSpan: down,
        columnSpan: right - column,
        header,
        index: index++,
      });
      column = right;
    }
  }
  const columns = Math.max(0, ...cells.map((cell) => cell.column + cell.columnSpan));
  for (const [row, places] of taken.entries()) {
    const header = rows[row]?.[0]?.header ?? false;
    for (let column = 0; column < columns; column++) {
      if (!places[column]) cells.push({ row, column, rowSpan: 1, columnSpan: 1, header });
    }
  }
  return cells;
}

/** Cells of a grid of which some borders are missing. */

/** A cell by its place in the grid. */
export interface GridCell {
  readonly row: number;
  readonly column: number;
  readonly rowSpan: number;
  readonly columnSpan: number;
}

/**
 * Joins neighbours without a border between them. Cells are rectangles: where the joined ones make another
 * shape, all that its bounds hold is joined too.
 *
 * @param open whether there is no border below (`down`) or to the right of a place
 * @returns by row, then by column; together they cover the grid
 */
export function joinCells(
  rows: number,
  columns: number,
  open: (row: number, column: number, side: "right" | "down") => boolean,
): GridCell[] {
  const owner = Int32Array.from({ length: rows * columns }, (_, i) => i);
  const rootOf = (i: number): number => {
    while (owner[i] !== i) i = owner[i] = owner[owner[i] as number] as number;
    return i;
  };
  /** Keeps the smaller index as the root. @returns whether anything changed */
  const join = (a: number, b: number): boolean => {
    const [low, high] = [rootOf(a), rootOf(b)].sort((p, q) => p - q) as [number, number];
    owner[high] = low;
    return low !== high;
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (column + 1 < columns && open(row, column, "right")) join(at, at + 1);
      if (row + 1 < rows && open(row, column, "down")) join(at, at + columns);
    }
  }
  for (;;) {
    const bounds = boundsOf(rows, columns, rootOf);
    let changed = false;
    for (const [root, { row, column, rowSpan, columnSpan }] of bounds) {
      for (let r = row; r < row + rowSpan; r++) {
        for (let c = column; c < column + columnSpan; c++) {
          changed = join(root, r * columns + c) || changed;
        }
      }
    }
    if (!changed) {
      return [...bounds.values()].sort((a, b) => a.row - b.row || a.column - b.column);
    }
  }
}

function boundsOf(
  rows: number,
  columns: number,
  rootOf: (i: number) => number,
): Map<number, GridCell> {
  const bounds = new Map<number, GridCell>();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const root = rootOf(row * columns + column);
      const found = bounds.get(root);
      if (!found) {
        bounds.set(root, { row, column, rowSpan: 1, columnSpan: 1 });
        continue;
      }
      const left = Math.min(found.column, column);
      const right = Math.max(found.column + found.columnSpan, column + 1);
      bounds.set(root, {
        row: found.row,
        column: left,
        rowSpan: row + 1 - found.row,
        columnSpan: right - left,
      });
    }
  }
  return bounds;
}

/** Rows and columns in which no cell begins do not exist; without them the others move up. */
export function compactCells<T extends GridCell>(cells: readonly T[]): T[] {
  const starts = (of: (cell: GridCell) => number): number[] =>
    [...new Set(cells.map(of))].sort((a, b) => a - b);
  const rows = starts(({ row }) => row);
  const columns = starts(({ column }) => column);
  const place = (list: readonly number[], at: number): number => {
    const found = list.findIndex((start) => start >= at);
    return found < 0 ? list.length : found;
  };
  return cells.map((cell) => {
    const row = place(rows, cell.row);
    const column = place(columns, cell.column);
    return {
      ...cell,
      row,
      column,
      rowSpan: place(rows, cell.row + cell.rowSpan) - row,
      columnSpan: place(columns, cell.column + cell.columnSpan) - column,
    };
  });
}

/** The assignment problem by shortest augmenting paths (Jonker and Volgenant 1987). */

/**
 * Pairs rows with columns at the least sum of costs. All rows, or all columns where those are fewer, get a partner.
 *
 * @param costs a rectangular matrix, rows × columns
 * @returns the column of each row, -1 for a row without one
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  if (columns === 0) return costs.map(() => -1);
  if (rows > columns) {
    const turned = Array.from({ length: columns }, (_, c) => costs.map((row) => row[c] as number));
    const result = costs.map(() => -1);
    for (const [column, row] of assign(turned).entries()) result[row] = column;
    return result;
  }
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);
  const columnOf = new Int32Array(rows).fill(-1);
  for (let free = 0; free < rows; free++) {
    const shortest = new Float64Array(columns).fill(Infinity);
    const from = new Int32Array(columns).fill(-1);
    const seen = new Uint8Array(columns);
    // From the last column to the first, and of equals a free one: ties fall as in SciPy, which the benchmarks use.
    const open = Array.from({ length: columns }, (_, i) => columns - 1 - i);
    const tree = [free];
    let row = free;
    let least = 0;
    let sink = -1;
    while (sink < 0) {
      let place = -1;
      let lowest = Infinity;
      for (const [i, c] of open.entries()) {
        const reduced =
          (costs[row]![c] as number) - (rowPrice[row] as number) - (columnPrice[c] as number);
        if (least + reduced < (shortest[c] as number)) {
          shortest[c] = least + reduced;
          from[c] = row;
        }
        const length = shortest[c] as number;
        if (length < lowest || (length === lowest && rowOf[c] === -1)) {
          lowest = length;
          place = i;
        }
      }
      least = lowest;
      const next = open[place] as number;
      const last = open.pop() as number;
      if (place < open.length) open[place] = last;
      seen[next] = 1;
      row = rowOf[next] as number;
      if (row < 0) sink = next;
      else tree.push(row);
    }
    for (const member of tree) {
      const own = columnOf[member] as number;
      rowPrice[member]! += least - (own < 0 ? 0 : (shortest[own] as number));
    }
    for (let c = 0; c < columns; c++) {
      if (seen[c]) columnPrice[c]! -= least - (shortest[c] as number);
    }
    for (let column = sink; column >= 0;) {
      const owner = from[column] as number;
      const before = columnOf[owner] as number;
      rowOf[column] = owner;
      columnOf[owner] = column;
      column = before;
    }
  }
  return [...columnOf];
}

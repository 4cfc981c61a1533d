/** Connected regions of a probability map, found in one pass over horizontal runs. */
import type { Point } from "../types.ts";

/** One 8-connected region above the threshold. */
export interface Component {
  /** Number of pixels. */
  pixels: number;
  /** Ends of every horizontal run: enough for the convex hull, whatever the shape. */
  readonly outline: Point[];
}

/**
 * Finds the 8-connected regions of pixels with `map[i] > threshold`.
 *
 * The reference uses OpenCV's `findContours(RETR_LIST)`; only the convex hull of a contour matters
 * downstream, and that is the hull of the run ends. Contours of holes are not reported: the
 * reference reports them and then drops nearly all by their score.
 *
 * @param map row-major `[height, width]`
 * @returns regions ordered by their topmost, then leftmost, pixel
 */
export function findComponents(
  map: Float32Array | Uint8Array,
  width: number,
  height: number,
  threshold: number,
): Component[] {
  // Union-find over runs; a run is [row, first column, last column].
  const parent: number[] = [];
  const rows: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const find = (run: number): number => {
    let root = run;
    while (parent[root] !== root) root = parent[root] as number;
    while (parent[run] !== root) {
      const next = parent[run] as number;
      parent[run] = root;
      run = next;
    }
    return root;
  };

  let previousFirst = 0;
  let previousEnd = 0;
  for (let y = 0; y < height; y++) {
    const first = parent.length;
    const offset = y * width;
    let above = previousFirst;
    for (let x = 0; x < width; x++) {
      if (!((map[offset + x] as number) > threshold)) continue;
      const start = x;
      while (x + 1 < width && (map[offset + x + 1] as number) > threshold) x++;
      const run = parent.length;
      parent.push(run);
      rows.push(y);
      starts.push(start);
      ends.push(x);
      // Runs of the row above that touch [start − 1, x + 1]; both rows are sorted by column.
      while (above < previousEnd && (ends[above] as number) < start - 1) above++;
      for (let a = above; a < previousEnd && (starts[a] as number) <= x + 1; a++) {
        const ra = find(a);
        const rb = find(run);
        // The older root wins, so components keep the order of their first run.
        if (ra < rb) parent[rb] = ra;
        else parent[ra] = rb;
      }
    }
    previousFirst = first;
    previousEnd = parent.length;
  }

  const byRoot = new Map<number, Component>();
  for (let run = 0; run < parent.length; run++) {
    const root = find(run);
    let component = byRoot.get(root);
    if (component === undefined) {
      component = { pixels: 0, outline: [] };
      byRoot.set(root, component);
    }
    const y = rows[run] as number;
    const start = starts[run] as number;
    const end = ends[run] as number;
    component.pixels += end - start + 1;
    component.outline.push([start, y]);
    if (end !== start) component.outline.push([end, y]);
  }
  return [...byRoot.values()];
}

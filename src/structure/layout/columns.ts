/** Rows into runs: rows of one column that stand directly below one another. */
import { heightOf, sharedX, widthOf, type Box } from "./frame.ts";
import type { Row } from "./rows.ts";

/** Space between two rows of a run, in heights of the lower print: text of double spacing has one. */
const MOST_GAP = 1.5;
/** Heights of two rows of a run. A row without tall letters is found a third lower than its neighbours. */
const MOST_GROWTH = 1.5;
/** White space around a stroke that parts two rows, in heights. */
const STROKE_GAP = 0.5;
/** Shared width, as a part of the shorter row. */
const LEAST_OVERLAP = 0.2;
/** Two rows are side by side when their middles differ by less, in heights. */
const SAME_ROW = 0.5;

/**
 * A row continues a run when it is the only one directly below the run's last row, and that one the only one
 * directly above it: a heading over two columns joins neither.
 *
 * @param barriers figures and tables; no run goes through one
 * @param strokes horizontal ones; they end a run where they take room, not on ruled paper or under words
 * @returns runs, each from top to bottom
 */
export function findRuns(
  rows: readonly Row[],
  barriers: readonly Box[] = [],
  strokes: readonly Box[] = [],
): Row[][] {
  const sorted = rows.toSorted((a, b) => a.top - b.top);
  const below = sorted.map((row, i) => directlyBelow(row, i, sorted));
  const above = new Map<Row, number>();
  for (const row of below.flat()) above.set(row, (above.get(row) ?? 0) + 1);

  const next = new Map<Row, Row>();
  for (const [i, found] of below.entries()) {
    const row = sorted[i] as Row;
    const [only] = found;
    if (!only || found.length > 1 || above.get(only) !== 1 || !alike(row, only)) continue;
    if (barriers.some((barrier) => isBetween(barrier, row, only))) continue;
    const apart = only.top - row.bottom > STROKE_GAP * Math.min(row.height, only.height);
    if (apart && strokes.some((stroke) => isBetween(stroke, row, only))) continue;
    next.set(row, only);
  }
  const continued = new Set(next.values());
  return sorted
    .filter((row) => !continued.has(row))
    .map((first) => {
      const run: Row[] = [];
      for (let at: Row | undefined = first; at; at = next.get(at)) run.push(at);
      return run;
    });
}

/** The nearest rows below, side by side, as far as they are within the distance of a run. */
function directlyBelow(row: Row, at: number, sorted: readonly Row[]): Row[] {
  const found: Row[] = [];
  const limit = row.bottom + MOST_GAP * row.height;
  for (let i = at + 1; i < sorted.length; i++) {
    const other = sorted[i] as Row;
    if (other.top > limit) break;
    const smaller = Math.min(row.height, other.height);
    if (middle(other) - middle(row) <= SAME_ROW * smaller) continue;
    if (other.top - row.bottom > MOST_GAP * smaller) continue;
    if (sharedX(row, other) > LEAST_OVERLAP * Math.min(widthOf(row), widthOf(other))) {
      found.push(other);
    }
  }
  const nearest = Math.min(...found.map(middle));
  return found.filter((other) => middle(other) - nearest < SAME_ROW * other.height);
}

function alike(a: Row, b: Row): boolean {
  return Math.max(a.height, b.height) <= MOST_GROWTH * Math.min(a.height, b.height);
}

/** Whether something lies between two rows and spans at least half of the narrower one. */
function isBetween(barrier: Box, upper: Row, lower: Row): boolean {
  const y = (barrier.top + barrier.bottom) / 2;
  if (y <= middle(upper) || y >= middle(lower)) return false;
  const shorter = Math.min(widthOf(upper), widthOf(lower));
  return Math.min(sharedX(barrier, upper), sharedX(barrier, lower)) > shorter / 2;
}

function middle(box: Box): number {
  return box.top + heightOf(box) / 2;
}

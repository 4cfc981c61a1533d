/** Rulings that cross each other, as the grid of a table. */
import type { Ruling, Rulings } from "../rulings/ruling.ts";
import type { Edges } from "./frame.ts";

/** Lines of the grid; there is one row less than `ys` and one column less than `xs`. */
export interface Grid {
  /** Rising. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** Whether a ruling lies on line `ys[line]` along a column; outer borders count always. */
  readonly below: (line: number, column: number) => boolean;
  /** Whether a ruling lies on line `xs[line]` along a row. */
  readonly beside: (line: number, row: number) => boolean;
}

/** Part of a cell's side that a ruling must cover to part it from the next one. */
const LEAST_COVER = 0.5;

/** Whether two rulings cross or meet. */
export function meet(horizontal: Ruling, vertical: Ruling, tolerance: number): boolean {
  return (
    vertical.at >= horizontal.from - tolerance &&
    vertical.at <= horizontal.to + tolerance &&
    horizontal.at >= vertical.from - tolerance &&
    horizontal.at <= vertical.to + tolerance
  );
}

/**
 * Sets of rulings that hang together. What ends in the open is not of a grid and left out: underlines,
 * and strokes of letters.
 */
export function crossingSets({ horizontal, vertical }: Rulings, tolerance: number): Rulings[] {
  let [across, down] = [[...horizontal], [...vertical]];
  for (let before = -1; before !== across.length + down.length;) {
    before = across.length + down.length;
    down = down.filter((v) => across.filter((h) => meet(h, v, tolerance)).length >= 2);
    across = across.filter((h) => down.some((v) => meet(h, v, tolerance)));
  }
  const sets: Rulings[] = [];
  const left = new Set<Ruling>(across);
  for (const first of across) {
    if (!left.delete(first)) continue;
    const set = { horizontal: [first], vertical: new Set<Ruling>() };
    for (const h of set.horizontal) {
      for (const v of down) {
        if (set.vertical.has(v) || !meet(h, v, tolerance)) continue;
        set.vertical.add(v);
        for (const other of across) {
          if (meet(other, v, tolerance) && left.delete(other)) set.horizontal.push(other);
        }
      }
    }
    sets.push({ horizontal: set.horizontal, vertical: [...set.vertical] });
  }
  return sets;
}

export function boundsOfRulings({ horizontal, vertical }: Rulings): Edges {
  return {
    left: Math.min(...horizontal.map(({ from }) => from), ...vertical.map(({ at }) => at)),
    right: Math.max(...horizontal.map(({ to }) => to), ...vertical.map(({ at }) => at)),
    top: Math.min(...vertical.map(({ from }) => from), ...horizontal.map(({ at }) => at)),
    bottom: Math.max(...vertical.map(({ to }) => to), ...horizontal.map(({ at }) => at)),
  };
}

/**
 * The same of a grid, which may be open at its sides. One line that runs out of it, with a letter that touches it,
 * moves no border: two have to.
 */
export function boundsOfGrid({ horizontal, vertical }: Rulings, tolerance: number): Edges {
  const lowest = (crossing: readonly Ruling[], lines: readonly Ruling[], sign: 1 | -1): number => {
    const outer = Math.min(...lines.map(({ at }) => sign * at));
    const ends = crossing
      .map(({ from, to }) => (sign === 1 ? from : -to))
      .filter((end) => end <= outer + tolerance)
      .sort((a, b) => a - b);
    return sign * Math.min(outer, ends[1] ?? outer);
  };
  return {
    left: lowest(horizontal, vertical, 1),
    right: lowest(horizontal, vertical, -1),
    top: lowest(vertical, horizontal, 1),
    bottom: lowest(vertical, horizontal, -1),
  };
}

/** @param least smallest distance of two lines of the grid: pixels */
export function gridOf(rulings: Rulings, box: Edges, least: number): Grid {
  const xs = withEnds(cluster(rulings.vertical, least), box.left, box.right, least);
  const ys = withEnds(cluster(rulings.horizontal, least), box.top, box.bottom, least);
  const covers = (
    list: readonly Ruling[],
    at: number,
    from: number,
    to: number,
    isOuter: boolean,
  ): boolean => {
    if (isOuter) return true;
    let covered = 0;
    for (const ruling of list) {
      if (Math.abs(ruling.at - at) > least) continue;
      covered += Math.max(0, Math.min(ruling.to, to) - Math.max(ruling.from, from));
    }
    return covered >= LEAST_COVER * (to - from);
  };
  const x = (i: number): number => xs[i] as number;
  const y = (i: number): number => ys[i] as number;
  return {
    xs,
    ys,
    below: (line, column) =>
      covers(
        rulings.horizontal,
        y(line),
        x(column),
        x(column + 1),
        line === 0 || line === ys.length - 1,
      ),
    beside: (line, row) =>
      covers(rulings.vertical, x(line), y(row), y(row + 1), line === 0 || line === xs.length - 1),
  };
}

/** Positions that are one line of the grid: their mean, weighted with the lengths. */
function cluster(rulings: readonly Ruling[], least: number): number[] {
  const groups: { at: number; weight: number; last: number }[] = [];
  for (const { at, from, to } of rulings.toSorted((a, b) => a.at - b.at)) {
    const weight = to - from;
    const group = groups.at(-1);
    if (group && at - group.last <= least) {
      group.at += ((at - group.at) * weight) / (group.weight + weight);
      group.weight += weight;
      group.last = at;
    } else groups.push({ at, weight, last: at });
  }
  return groups.map(({ at }) => at);
}

/** Tables are often open at the sides: their rows and columns end all the same. */
function withEnds(lines: readonly number[], from: number, to: number, least: number): number[] {
  const inner = lines.filter((at) => at > from + least && at < to - least);
  const first = lines.find((at) => at <= from + least);
  const last = lines.findLast((at) => at >= to - least);
  return [first ?? from, ...inner, last ?? to];
}

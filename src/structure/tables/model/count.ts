/** As many cell boxes as the structure has cells. */
import { union, type Edges } from "../frame.ts";
import { areaOf, intersection, type DetectedCell } from "./cells.ts";

/** A text counts as covered when the cells share so much of its area, one of them or all that come first. */
const COVERED = 0.6;
/** With so few boxes, as a part of what is wanted, the texts alone are taken. */
const TOO_FEW = 0.6;
const MOST_ROUNDS = 30;

/**
 * PaddleX `cells_det_results_reprocessing`. Too many cells: the surest. Texts outside of all cells stand for the
 * missing ones; where there are too many of those, neighbours are put together.
 *
 * @param cells by falling score
 * @param texts boxes of the lines that lie wholly in the table
 */
export function matchCount(
  cells: readonly DetectedCell[],
  texts: readonly Edges[],
  wanted: number,
): Edges[] {
  if (cells.length === wanted) return [...cells];
  const tooMany = cells.length > wanted;
  const kept: Edges[] = cells.slice(0, wanted);
  const missed = texts.filter((text) => {
    let covered = 0;
    return !kept.some((cell) => {
      covered += intersection(text, cell) / areaOf(text);
      return covered >= COVERED;
    });
  });
  let found = kept;
  if (missed.length > 0) {
    found = tooMany
      ? combine([...kept, ...missed], wanted)
      : [...kept, ...combine(missed, wanted - kept.length)];
  }
  return found.length <= TOO_FEW * wanted ? combine(texts, wanted) : found;
}

/**
 * Groups boxes by their middles with k-means (Lloyd 1982). PaddleX starts at random places; here the start is
 * spread over the boxes in their order, so that the same table gives the same cells.
 */
function combine(boxes: readonly Edges[], count: number): Edges[] {
  if (count >= boxes.length) return [...boxes];
  if (count < 1) return [];
  const points = boxes.map(({ left, top, right, bottom }) => [
    (left + right) / 2,
    (top + bottom) / 2,
  ]);
  const start = (i: number): number => Math.floor(((i + 0.5) * boxes.length) / count);
  let centers = Array.from({ length: count }, (_, i) => points[start(i)] as number[]);
  let groups: number[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = points.map((point) => nearest(point, centers));
    if (next.every((group, i) => group === groups[i])) break;
    groups = next;
    centers = centers.map((center, group) => {
      const members = points.filter((_, i) => groups[i] === group);
      if (members.length === 0) return center;
      return [0, 1].map(
        (k) => members.reduce((sum, p) => sum + (p[k] as number), 0) / members.length,
      );
    });
  }
  return centers.flatMap((_, group) => {
    const members = boxes.filter((_box, i) => groups[i] === group);
    return members.length > 0 ? [union(members)] : [];
  });
}

function nearest(
  [x = 0, y = 0]: readonly number[],
  centers: readonly (readonly number[])[],
): number {
  const distances = centers.map(([cx = 0, cy = 0]) => (cx - x) ** 2 + (cy - y) ** 2);
  return distances.indexOf(Math.min(...distances));
}

/** Where the pictures of a drawing operator lie. */
import { OPS } from "../pdf-js.ts";
import { multiply } from "../matrix.ts";
import type { Matrix } from "../matrix.ts";
import { boxAround } from "./box.ts";
import type { Box } from "./box.ts";

/** Boxes around the pictures of one operator; none for an operator that draws no picture. */
export function pictureBoxes(operator: number, args: readonly unknown[], matrix: Matrix): Box[] {
  switch (operator) {
    case OPS.paintImageXObject:
    case OPS.paintImageMaskXObject:
    case OPS.paintInlineImageXObject:
      return [unitBox(matrix)];
    case OPS.paintInlineImageXObjectGroup:
    case OPS.paintImageMaskXObjectGroup:
      return transformsOf(operator, args).map(({ transform }) =>
        unitBox(multiply(matrix, transform)),
      );
    case OPS.paintImageXObjectRepeat:
    case OPS.paintImageMaskXObjectRepeat:
      return repeats(operator, args).map((each) => unitBox(multiply(matrix, each)));
    default:
      return [];
  }
}

/** A picture fills the unit square of its matrix. */
function unitBox(matrix: Matrix): Box {
  return boxAround(matrix, [0, 0, 1, 1]);
}

/** Pictures of one colour: scans in black and white. */
export function isMask(operator: number): boolean {
  return MASKS.has(operator);
}

const MASKS: ReadonlySet<number> = new Set([
  OPS.paintImageMaskXObject,
  OPS.paintImageMaskXObjectGroup,
  OPS.paintImageMaskXObjectRepeat,
]);

/** Pictures of a group carry the matrix of each. */
function transformsOf(
  operator: number,
  args: readonly unknown[],
): { readonly transform: readonly number[] }[] {
  // Masks: [images]; inline images: [one large image, map of its parts].
  const list = operator === OPS.paintImageMaskXObjectGroup ? args[0] : args[1];
  return ((list ?? []) as { transform?: number[] }[]).filter(
    (entry): entry is { transform: number[] } => Array.isArray(entry.transform),
  );
}

/** One picture at many places: images [id, sx, sy, x, y, …], masks [image, a, b, c, d, [x, y, …]]. */
function repeats(operator: number, args: readonly unknown[]): number[][] {
  const masks = operator === OPS.paintImageMaskXObjectRepeat;
  const [a, b, c, d] = (masks ? args.slice(1, 5) : [args[1], 0, 0, args[2]]) as number[];
  const places = Array.from((masks ? args[5] : args[3]) as ArrayLike<number>);
  const result: number[][] = [];
  for (let i = 0; i + 1 < places.length; i += 2) {
    result.push([a, b, c, d, places[i], places[i + 1]] as number[]);
  }
  return result;
}

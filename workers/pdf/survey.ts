/** What a page is made of, from its list of drawing operators, without drawing it. */
import { OPS } from "./pdf-js.ts";
import type { PDFPageProxy, PageViewport } from "./pdf-js.ts";
import { multiply } from "./matrix.ts";
import type { Matrix } from "./matrix.ts";
import type { TextLayer } from "./worker-api.ts";

/** Cells along each side of the page: enough to tell a scan from a picture. */
const GRID = 50;

/** Text rendering modes that draw nothing: invisible, and clipping only. */
const INVISIBLE: ReadonlySet<number> = new Set([3, 7]);

interface State {
  readonly matrix: Matrix;
  readonly textMode: number;
}

export type Survey = Pick<TextLayer, "imageCoverage" | "invisible">;

/** Costs the decoding of the page's images. */
export async function surveyPage(page: PDFPageProxy, viewport: PageViewport): Promise<Survey> {
  const { fnArray, argsArray } = await page.getOperatorList();
  return survey(fnArray, argsArray, viewport);
}

export function survey(
  operators: readonly number[],
  operands: readonly unknown[],
  viewport: Pick<PageViewport, "width" | "height" | "transform">,
): Survey {
  const covered = new Uint8Array(GRID * GRID);
  const start: State = { matrix: multiply(viewport.transform, []), textMode: 0 };
  let state = start;
  const saved: State[] = [];
  const shown = { visible: 0, invisible: 0 };
  for (const [i, operator] of operators.entries()) {
    const args = (operands[i] ?? []) as unknown[];
    switch (operator) {
      case OPS.save:
        saved.push(state);
        break;
      case OPS.restore:
      case OPS.paintFormXObjectEnd:
        state = saved.pop() ?? start;
        break;
      case OPS.paintFormXObjectBegin:
        saved.push(state);
        state = moved(state, args[0]);
        break;
      case OPS.transform:
        state = moved(state, args);
        break;
      case OPS.setTextRenderingMode:
        state = { ...state, textMode: Number(args[0]) };
        break;
      case OPS.showText:
      case OPS.showSpacedText:
      case OPS.nextLineShowText:
      case OPS.nextLineSetSpacingShowText:
        shown[INVISIBLE.has(state.textMode) ? "invisible" : "visible"]++;
        break;
      case OPS.paintImageXObject:
      case OPS.paintImageMaskXObject:
      case OPS.paintInlineImageXObject:
        cover(covered, state.matrix, viewport);
        break;
      case OPS.paintInlineImageXObjectGroup:
      case OPS.paintImageMaskXObjectGroup:
        for (const { transform } of transformsOf(operator, args)) {
          cover(covered, multiply(state.matrix, transform), viewport);
        }
        break;
      case OPS.paintImageXObjectRepeat:
      case OPS.paintImageMaskXObjectRepeat:
        for (const matrix of repeats(operator, args)) {
          cover(covered, multiply(state.matrix, matrix), viewport);
        }
        break;
    }
  }
  const { visible, invisible } = shown;
  return {
    imageCoverage: covered.reduce((sum, cell) => sum + cell, 0) / covered.length,
    invisible: invisible === 0 ? "none" : visible === 0 ? "all" : "some",
  };
}

function moved(state: State, matrix: unknown): State {
  if (!matrix) return state;
  return { ...state, matrix: multiply(state.matrix, Array.from(matrix as ArrayLike<number>)) };
}

/** Images of a group carry the matrix of each. */
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

/** One image at many places: images [id, sx, sy, x, y, …], masks [image, a, b, c, d, [x, y, …]]. */
function repeats(operator: number, args: readonly unknown[]): number[][] {
  const isMask = operator === OPS.paintImageMaskXObjectRepeat;
  const [a, b, c, d] = (isMask ? args.slice(1, 5) : [args[1], 0, 0, args[2]]) as number[];
  const places = Array.from((isMask ? args[5] : args[3]) as ArrayLike<number>);
  const result: number[][] = [];
  for (let i = 0; i + 1 < places.length; i += 2) {
    result.push([a, b, c, d, places[i], places[i + 1]] as number[]);
  }
  return result;
}

/** An image fills the unit square of its matrix; slanted ones count as the rectangle around them. */
function cover(
  covered: Uint8Array,
  [a, b, c, d, e, f]: Matrix,
  { width, height }: Pick<PageViewport, "width" | "height">,
): void {
  const left = cellAt(e + Math.min(0, a, c, a + c), width);
  const right = cellAt(e + Math.max(0, a, c, a + c), width);
  const top = cellAt(f + Math.min(0, b, d, b + d), height);
  const bottom = cellAt(f + Math.max(0, b, d, b + d), height);
  for (let y = top; y < bottom; y++) covered.fill(1, y * GRID + left, y * GRID + right);
}

function cellAt(place: number, size: number): number {
  return Math.round(Math.min(1, Math.max(0, place / size)) * GRID) || 0;
}

/** One page as pixels. */
import { GlyphpoolError, throwIfAborted } from "../../src/errors.ts";
import { MAX_SIDE, contextOf, freeCanvas } from "./canvas.ts";
import type { CanvasMaker } from "./canvas.ts";
import { OPS } from "./pdf-js.ts";
import type { PDFPageProxy } from "./pdf-js.ts";
import type { RenderRequest, RenderedPage } from "./worker-api.ts";

/** Points per inch. */
const POINTS = 72;

export interface PixelSize {
  readonly width: number;
  readonly height: number;
  /** Pixels per point. */
  readonly scale: number;
}

/**
 * The size of a page in pixels, never more than allowed.
 *
 * @param width points
 * @param height points
 * @throws GlyphpoolError `PDF_CORRUPT` for a page without an area
 */
export function pixelSize(
  width: number,
  height: number,
  dpi: number,
  maxPixels: number,
): PixelSize {
  if (!(width > 0 && height > 0 && Number.isFinite(width * height))) {
    const message = `The PDF is damaged: a page measures ${width} × ${height} points.`;
    throw new GlyphpoolError("PDF_CORRUPT", message);
  }
  const scale = Math.min(
    dpi / POINTS,
    Math.sqrt(maxPixels / (width * height)),
    MAX_SIDE / Math.max(width, height),
  );
  // Rounded down, so that the product stays below the limit; the sum of products in a scale is not exact.
  const pixels = (points: number): number => Math.max(1, Math.floor(points * scale + 1e-6));
  return { width: pixels(width), height: Math.min(pixels(height), maxPixels), scale };
}

/**
 * @param without the texts that are left out, counted from 0 as the page shows them
 * @throws GlyphpoolError `ABORTED`, `IMAGE_TOO_LARGE`, `BACKEND_UNAVAILABLE`; whatever pdf.js throws
 */
export async function renderPage(
  page: PDFPageProxy,
  make: CanvasMaker,
  { dpi, maxPixels, part }: Pick<RenderRequest, "dpi" | "maxPixels" | "part">,
  signal: AbortSignal,
  without?: ReadonlySet<number>,
): Promise<RenderedPage> {
  const points = page.getViewport({ scale: 1 });
  const [left, top, right, bottom] = part ?? [0, 0, points.width, points.height];
  const { width, height, scale } = pixelSize(right - left, bottom - top, dpi, maxPixels);
  const canvas = make(width, height);
  try {
    const context = contextOf(canvas, false);
    const task = page.render({
      // With a context pdf.js takes no other; its types only know those of a document.
      canvas: null,
      canvasContext: context as unknown as CanvasRenderingContext2D,
      viewport: page.getViewport({ scale, offsetX: -left * scale, offsetY: -top * scale }),
      ...(without ? { operationsFilter: leaveOut(without) } : {}),
    });
    const onAbort = (): void => task.cancel();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      throwIfAborted(signal);
      await task.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    const { data } = context.getImageData(0, 0, width, height);
    return { image: { data, width, height }, dpi: scale * POINTS };
  } finally {
    freeCanvas(canvas);
  }
}

interface OperatorList {
  readonly fnArray: readonly number[];
  readonly argsArray: unknown[];
}

/** Draws blanks instead of some texts: what follows on the same line still has to stand where it belongs. */
function leaveOut(texts: ReadonlySet<number>): (index: number, list: OperatorList) => boolean {
  let [next, text] = [0, -1];
  return (index, { fnArray, argsArray }) => {
    for (; next <= index; next++) {
      if (fnArray[next] !== OPS.showText) continue;
      text++;
      if (texts.has(text)) argsArray[next] = blanked(argsArray[next]);
    }
    return true;
  };
}

/** The same texts with glyphs that no font has. */
function blanked(args: unknown): unknown {
  const [glyphs] = args as [(object | number)[]];
  const blank = { isInFont: false, fontChar: " ", unicode: "", accent: null, operatorListId: "" };
  return [glyphs.map((glyph) => (typeof glyph === "number" ? glyph : { ...glyph, ...blank }))];
}

/** What pdf.js draws on, the same in browsers and in Deno but for who makes the canvas. */
import { GlyphpoolError } from "../../src/errors.ts";

export type Canvas = OffscreenCanvas;
export type Context = OffscreenCanvasRenderingContext2D;

/** @throws GlyphpoolError `BACKEND_UNAVAILABLE` where there is no canvas */
export type CanvasMaker = (width: number, height: number) => Canvas;

interface Entry {
  canvas: Canvas | null;
  context: Context | null;
}

/** Longest side of a canvas, in pixels. Browsers draw nothing on a longer one, without a word. */
export const MAX_SIDE = 16_384;

export interface CanvasFactory {
  create(width: number, height: number): Entry;
  reset(entry: Entry, width: number, height: number): void;
  destroy(entry: Entry): void;
  getNoAlphaContext(canvas: Canvas): Context;
}

/**
 * The class that pdf.js wants for the canvases that it needs besides the page's.
 *
 * @param maxPixels largest width × height
 */
export function canvasFactory(make: CanvasMaker, maxPixels: number): new () => CanvasFactory {
  function check(width: number, height: number): void {
    // So that a false condition also catches NaN.
    if (width > 0 && height > 0 && width * height <= maxPixels) return;
    const message = `The page needs a canvas of ${width} × ${height}, but at most ${maxPixels} pixels are allowed.`;
    throw new GlyphpoolError("IMAGE_TOO_LARGE", message);
  }
  return class {
    create(width: number, height: number): Entry {
      check(width, height);
      const canvas = make(width, height);
      return { canvas, context: contextOf(canvas, true) };
    }

    reset({ canvas }: Entry, width: number, height: number): void {
      check(width, height);
      if (!canvas) return;
      canvas.width = width;
      canvas.height = height;
    }

    destroy(entry: Entry): void {
      if (entry.canvas) freeCanvas(entry.canvas);
      entry.canvas = entry.context = null;
    }

    getNoAlphaContext(canvas: Canvas): Context {
      return contextOf(canvas, false);
    }
  };
}

/** In main memory: the pixels are read back anyway, and a GPU process would hold them a second time. */
export function contextOf(canvas: Canvas, alpha: boolean): Context {
  const context = canvas.getContext("2d", { alpha, willReadFrequently: true });
  if (!context) throw new GlyphpoolError("INTERNAL", "The canvas has no 2d context.");
  return context;
}

/** Gives the pixels back now rather than with the next garbage collection. */
export function freeCanvas(canvas: Canvas): void {
  canvas.width = canvas.height = 0;
}

/** Filters need a document. Without one pdf.js computes soft masks itself. */
export class NoFilters {
  addFilter(): string {
    return "none";
  }
  addHCMFilter(): string {
    return "none";
  }
  addAlphaFilter(): string {
    return "none";
  }
  addLuminosityFilter(): string {
    return "none";
  }
  addKnockoutFilter(): string {
    return "none";
  }
  addHighlightHCMFilter(): string {
    return "none";
  }
  addSelectionHCMFilter(): string {
    return "none";
  }
  addSelectionFilter(): string {
    return "none";
  }
  createSelectionStyle(): null {
    return null;
  }
  destroy(): void {}
}

/** The PDF worker in Deno: both halves of pdf.js in one thread, as it runs in Node. */
// These two have to stay the first imports.
import "./process/without-environment.deno.ts";
import { onTrouble } from "./pdf/warnings.ts";
import type { CanvasMaker } from "./pdf/canvas.ts";
import { loadCanvas } from "./pdf/canvas.deno.ts";
import { bufferLimit, closeNetwork, limitBuffers } from "./pdf/guard.ts";
import { servePdf } from "./pdf/serve.ts";
// Offers itself to the display half, which would otherwise import it by a path.
import "pdfjs-dist/legacy/build/pdf.worker.mjs";

// A promise that nobody waits for must not take the worker with it.
globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());

const canvas: Promise<CanvasMaker> = loadCanvas();
let make: CanvasMaker | undefined;

servePdf({
  makeCanvas: (width, height) => (make as CanvasMaker)(width, height),
  async start({ maxPixels }) {
    make = await canvas;
    closeNetwork();
    limitBuffers(bufferLimit(maxPixels));
  },
  onTrouble,
  processBytes: () => Deno.memoryUsage().rss,
});

/**
 * The display half of pdf.js. Only this file imports it, and always the legacy build: the other one needs parts of
 * the language that are younger than the browsers that Glyphpool runs in, and does not start in Deno.
 */
// Has to come first: pdf.js warns while it loads.
import "./warnings.ts";
import { GlobalWorkerOptions, OPS, getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import type { PDFDocumentProxy, PDFPageProxy, PageViewport } from "pdfjs-dist";

export { GlobalWorkerOptions, OPS, getDocument };
export type { PDFDocumentProxy, PDFPageProxy, PageViewport };

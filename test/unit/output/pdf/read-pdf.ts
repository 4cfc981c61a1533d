/** Reads a PDF back: as it was written, as pdf.js sees it, and as poppler does. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFRef,
} from "@cantoo/pdf-lib";
import type { Point } from "../../../../src/types.ts";

/** Text and corners, clockwise from the top-left of the text, in the page's own coordinates. */
export interface TextObject {
  readonly text: string;
  readonly corners: readonly Point[];
}

function streams(doc: PDFDocument, index: number): PDFRawStream[] {
  const contents = doc.getPage(index).node.Contents();
  const items: PDFObject[] =
    contents instanceof PDFArray ? contents.asArray() : contents ? [contents] : [];
  return items
    .map((item) => (item instanceof PDFRef ? doc.context.lookup(item) : item))
    .filter((item) => item instanceof PDFRawStream);
}

const decode = (stream: PDFRawStream): string =>
  new TextDecoder("latin1").decode(decodePDFRawStream(stream).decode());

/** The operators of each content stream, in order. */
export async function contentStreams(bytes: Uint8Array, index: number = 0): Promise<string[]> {
  return streams(await PDFDocument.load(bytes), index).map(decode);
}

/** What a reader has to make of our layer, going by the specification; spaces are left out. */
export async function textObjects(bytes: Uint8Array, index: number = 0): Promise<TextObject[]> {
  const doc = await PDFDocument.load(bytes);
  const fonts = doc.getPage(index).node.Resources()?.lookup(PDFName.of("Font"), PDFDict);
  const found: TextObject[] = [];
  for (const stream of streams(doc, index)) {
    if (!stream.dict.has(PDFName.of("GlyphpoolLayer"))) continue;
    const shown = /\/(\w+) ([\d.]+) Tf ([\d.]+) Tz\n([-\d. ]+) Tm\n<([0-9A-F]+)> Tj/g;
    for (const [, font = "", size, scale, matrix = "", codes = ""] of decode(stream).matchAll(
      shown,
    )) {
      const unicode = toUnicode(fonts?.lookup(PDFName.of(font), PDFDict));
      const letters = codes.match(/.{4}/g) ?? [];
      const text = letters.map((code) => unicode.get(code)).join("");
      if (text.trim() === "") continue;
      const [a, b, c, d, e, f] = matrix.split(" ").map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      // Advance 500, ascent 800, descent -200 of 1000.
      const width = (letters.length * 0.5 * Number(size) * Number(scale)) / 100;
      const at = (x: number, y: number): Point => [a * x + c * y + e, b * x + d * y + f];
      const [top, bottom] = [0.8 * Number(size), -0.2 * Number(size)];
      found.push({ text, corners: [at(0, top), at(width, top), at(width, bottom), at(0, bottom)] });
    }
  }
  return found;
}

function toUnicode(font: PDFDict | undefined): Map<string, string> {
  const cmap = decode(font?.lookup(PDFName.of("ToUnicode")) as PDFRawStream);
  return new Map(
    Array.from(cmap.matchAll(/^<([0-9A-F]{4})> <([0-9A-F]+)>$/gm), ([, code = "", utf16 = ""]) => [
      code,
      String.fromCharCode(...(utf16.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16))),
    ]),
  );
}

/** The text of a page as pdf.js extracts it, in the order of the file. Node 20 lacks two things that it needs. */
export async function pdfJsText(bytes: Uint8Array, page: number = 1): Promise<string> {
  const promise = Promise as unknown as Record<string, unknown>;
  promise["withResolvers"] ??= function withResolvers() {
    let resolve: unknown;
    let reject: unknown;
    const made = new Promise((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise: made, resolve, reject };
  };
  promise["try"] ??= async (run: (...values: unknown[]) => unknown, ...values: unknown[]) =>
    await run(...values);
  const { getDocument } = await import("pdfjs-dist/legacy/build/pdf.mjs");
  const task = getDocument({ data: bytes.slice(), verbosity: 0 });
  try {
    const content = await (await (await task.promise).getPage(page)).getTextContent();
    return content.items
      .map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : ""))
      .join("");
  } finally {
    await task.destroy();
  }
}

export const hasPoppler: boolean = spawnSync("pdftotext", ["-v"]).status === 0;

export const hasMuPdf: boolean = spawnSync("mutool", ["-v"]).status === 0;

/** The text of all pages as MuPDF finds it. */
export function muPdfText(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "glyphpool-"));
  try {
    const file = join(folder, "a.pdf");
    writeFileSync(file, bytes);
    return spawnSync("mutool", ["draw", "-F", "txt", file], { encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The output of `pdftotext`. */
export function pdfToText(bytes: Uint8Array, ...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "glyphpool-pdf-"));
  try {
    writeFileSync(join(folder, "a.pdf"), bytes);
    const { stdout, stderr, status } = spawnSync(
      "pdftotext",
      ["-enc", "UTF-8", ...options, join(folder, "a.pdf"), "-"],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Words with left, top, right and bottom as poppler finds them on the page as it is seen, in points. */
export function popplerWords(
  bytes: Uint8Array,
  ...options: string[]
): { text: string; box: readonly number[] }[] {
  const words = pdfToText(bytes, "-bbox", ...options).matchAll(
    /<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<\/word>/g,
  );
  return Array.from(words, ([, ...cells]) => ({
    text: cells[4] ?? "",
    box: cells.slice(0, 4).map(Number),
  }));
}

/** What a page of a PDF says about itself, and how an invisible layer is put under it. */
import {
  PDFArray,
  type PDFContext,
  PDFBool,
  PDFDict,
  PDFName,
  PDFNumber,
  type PDFPageLeaf,
  PDFRef,
  PDFStream,
} from "@cantoo/pdf-lib";
import type { PdfBox } from "./frame.ts";

const CONTENTS = PDFName.of("Contents");
const RESOURCES = PDFName.of("Resources");
const FONT = PDFName.of("Font");
/** Marks our layer, so that a document that is read again does not get a second one. */
const LAYER = PDFName.of("GlyphpoolLayer");

/** What readers take for a page without a size: US Letter. */
const NO_SIZE: PdfBox = { left: 0, bottom: 0, width: 612, height: 792 };

/** The part of a page that is seen: the crop box as far as it lies on the page. */
export function visibleBox(page: PDFPageLeaf): PdfBox {
  const media = boxOf(page, "MediaBox") ?? NO_SIZE;
  const crop = boxOf(page, "CropBox");
  if (crop === undefined) return media;
  const left = Math.max(crop.left, media.left);
  const bottom = Math.max(crop.bottom, media.bottom);
  const width = Math.min(crop.left + crop.width, media.left + media.width) - left;
  const height = Math.min(crop.bottom + crop.height, media.bottom + media.height) - bottom;
  return width > 0 && height > 0 ? { left, bottom, width, height } : media;
}

/** Corners may be given in any order. */
function boxOf(page: PDFPageLeaf, name: string): PdfBox | undefined {
  const { context } = page;
  const array = context.lookup(page.getInheritableAttribute(PDFName.of(name)));
  if (!(array instanceof PDFArray) || array.size() !== 4) return undefined;
  const [x0, y0, x1, y1] = array.asArray().map((item) => {
    const number = context.lookup(item);
    return number instanceof PDFNumber ? number.asNumber() : Number.NaN;
  }) as [number, number, number, number];
  const box = {
    left: Math.min(x0, x1),
    bottom: Math.min(y0, y1),
    width: Math.abs(x1 - x0),
    height: Math.abs(y1 - y0),
  };
  return box.width > 0 && box.height > 0 ? box : undefined;
}

/** Degrees clockwise; 0 where the page says nothing. */
export function rotationOf(page: PDFPageLeaf): number {
  const rotate = page.context.lookup(page.getInheritableAttribute(PDFName.of("Rotate")));
  return rotate instanceof PDFNumber ? rotate.asNumber() : 0;
}

/** Gives the font a name among the page's resources, which other pages may share. */
export function nameFont(page: PDFPageLeaf, font: PDFRef): string {
  const resources = dictIn(page, RESOURCES, page.Resources());
  const fonts = dictIn(resources, FONT, page.context.lookup(resources.get(FONT)));
  for (let number = 0; ; number++) {
    const name = `Glyphpool${number}`;
    const key = PDFName.of(name);
    const taken = fonts.get(key);
    if (taken !== undefined && taken !== font) continue;
    fonts.set(key, font);
    return name;
  }
}

function dictIn(parent: PDFDict, key: PDFName, found: unknown): PDFDict {
  if (found instanceof PDFDict) return found;
  const made = parent.context.obj({});
  parent.set(key, made);
  return made;
}

/**
 * Puts text before everything else of the page. There the graphics state is the page's own, whatever the
 * page's streams leave behind, and invisible text cannot be seen to lie below.
 */
export function addLayer(page: PDFPageLeaf, operators: string): void {
  const { context } = page;
  const kept = streamsOf(page).filter((ref) => !removeLayer(context, ref));
  const layer = context.flateStream(operators);
  layer.dict.set(LAYER, PDFBool.True);
  page.set(CONTENTS, context.obj([context.register(layer), ...kept]));
}

function streamsOf(page: PDFPageLeaf): PDFRef[] {
  const contents = page.get(CONTENTS);
  const found = page.context.lookup(contents);
  const items = found instanceof PDFArray ? found.asArray() : [contents];
  return items.filter((item) => item instanceof PDFRef);
}

/** @returns whether it was a layer of ours */
function removeLayer(context: PDFContext, ref: PDFRef): boolean {
  const stream = context.lookup(ref);
  if (!(stream instanceof PDFStream) || !stream.dict.has(LAYER)) return false;
  context.delete(ref);
  return true;
}

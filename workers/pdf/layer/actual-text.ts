/**
 * What the document says that some of its glyphs stand for (`/ActualText` of marked content): pdf.js does not pass it
 * on. Only pages with marks that may have such a text are looked at, by the library that also writes PDFs.
 */
import type { PDFDict, PDFDocument, PDFObject } from "@cantoo/pdf-lib";
import { marksOf } from "./content-marks.ts";
import type { Mark } from "./content-marks.ts";

/** Larger documents would be held in memory a second time. Bytes. */
const MAX_BYTES = 64 * 2 ** 20;
/** Forms inside of forms. */
const MAX_DEPTH = 12;
/** Marks of a page; more is not a text. */
const MAX_MARKS = 100_000;

export class ActualTexts {
  readonly #load: () => Promise<Uint8Array>;
  readonly #password: string | undefined;
  #document: Promise<PDFDocument | undefined> | undefined;

  /** @param load gives the bytes of the document */
  constructor(load: () => Promise<Uint8Array>, password: string | undefined) {
    this.#load = load;
    this.#password = password;
  }

  /**
   * @param page from 1
   * @returns for each mark named Span without a number, in drawing order, its text; nothing where it has none
   */
  async of(page: number): Promise<readonly (string | undefined)[]> {
    try {
      this.#document ??= this.#open();
      const document = await this.#document;
      if (!document) return [];
      const lib = await import("@cantoo/pdf-lib");
      const { node } = document.getPage(page - 1);
      const texts: (string | undefined)[] = [];
      const lookUp = (object: PDFObject | undefined): PDFObject | undefined =>
        object && document.context.lookup(object);
      const dictIn = (dict: PDFDict | undefined, name: string): PDFDict | undefined => {
        const found = lookUp(dict?.get(lib.PDFName.of(name)));
        return found instanceof lib.PDFDict ? found : undefined;
      };
      const bytesOf = (object: PDFObject | undefined): Uint8Array[] => {
        const found = lookUp(object);
        if (found instanceof lib.PDFArray) return found.asArray().flatMap(bytesOf);
        if (found instanceof lib.PDFRawStream) return [lib.decodePDFRawStream(found).decode()];
        return [];
      };
      const textIn = (
        { properties, text }: Mark,
        resources: PDFDict | undefined,
      ): string | undefined => {
        if (properties === undefined) return text;
        const found = lookUp(
          dictIn(dictIn(resources, "Properties"), properties)?.get(lib.PDFName.of("ActualText")),
        );
        const isText = found instanceof lib.PDFString || found instanceof lib.PDFHexString;
        return isText ? found.decodeText() : undefined;
      };
      const walk = (
        parts: readonly Uint8Array[],
        resources: PDFDict | undefined,
        depth: number,
      ): void => {
        for (const mark of marksOf(parts)) {
          if (texts.length > MAX_MARKS) return;
          if (mark.form === undefined) texts.push(textIn(mark, resources));
          else if (depth < MAX_DEPTH) {
            const form = lookUp(dictIn(resources, "XObject")?.get(lib.PDFName.of(mark.form)));
            const isForm =
              form instanceof lib.PDFRawStream &&
              form.dict.get(lib.PDFName.of("Subtype")) === lib.PDFName.of("Form");
            if (isForm) walk(bytesOf(form), dictIn(form.dict, "Resources") ?? resources, depth + 1);
          }
        }
      };
      walk(bytesOf(node.get(lib.PDFName.of("Contents"))), node.Resources(), 0);
      return texts;
    } catch {
      // A document that only pdf.js can read keeps the text of its glyphs.
      return [];
    }
  }

  async #open(): Promise<PDFDocument | undefined> {
    const bytes = await this.#load();
    if (bytes.byteLength > MAX_BYTES) return undefined;
    const { PDFDocument: Document } = await import("@cantoo/pdf-lib");
    return await Document.load(bytes, { password: this.#password ?? "", updateMetadata: false });
  }
}

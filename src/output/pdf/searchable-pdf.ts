/** Searchable PDF: pages with their text, invisible, under what is seen of them. */
import { PDFDocument, PDFName, type PDFRef, PDFString } from "@cantoo/pdf-lib";
import { invalidOption } from "../../options/rules.ts";
import { GlyphpoolError } from "../../errors.ts";
import type { DocumentPage } from "../../types.ts";
import { uprightMatrix } from "./exif-orientation.ts";
import {
  ADVANCE,
  BLANK_GLYPH,
  FONT_ASCENT,
  FONT_DESCENT,
  glyphlessFont,
} from "./glyphless-font.ts";
import { pdfFrame } from "./frame.ts";
import { embedImage } from "./image.ts";
import { addLayer, nameFont, rotationOf, visibleBox } from "./page.ts";
import { sourceNotes } from "./source-notes.ts";
import type { SourceNote } from "./source-note.ts";
import { invisibleText } from "./text.ts";
import { rounded } from "../place.ts";
import { SOFTWARE, SOFTWARE_VERSION } from "../software.ts";
import { TextCodes } from "./text-codes.ts";
import { checkWriterInfo } from "../writer.ts";

export interface SearchablePdfOptions {
  /** The original PDF. All of its pages are kept as they are; those that are added get a text layer. */
  readonly source?: Uint8Array;
  /** Opens an encrypted source. What is saved is not encrypted. */
  readonly password?: string;
  readonly title?: string;
  /** BCP 47 tag. */
  readonly language?: string;
}

/** What is seen of a page. */
export type PdfBackground =
  | {
      /** A new page with this picture, whose bytes go into the file as they are. */
      readonly kind: "image";
      readonly bytes: Uint8Array;
      readonly type: "image/jpeg" | "image/png";
      /** Pixels of the picture as it is seen, upright as its EXIF data say. */
      readonly width: number;
      readonly height: number;
    }
  | {
      /** A page of the source. */
      readonly kind: "source";
      /** From 0 on. */
      readonly index: number;
    };

/** Pixels per inch of a page that does not tell: between a screen and a scanner. */
const UNKNOWN_DPI = 150;
/** PDF units per inch. */
const UNITS_PER_INCH = 72;
/** A page may not be longer. (PDF 32000-1:2008, annex C) */
const LONGEST_SIDE = 14_400;

/**
 * Collects the pages of one PDF. Everything that was added lies in memory until the end: the compressed
 * pictures and about a hundred bytes for each word.
 */
export class SearchablePdf {
  readonly #doc: PDFDocument;
  readonly #sourcePages: number;
  readonly #codes = new TextCodes();
  readonly #font: PDFRef;
  /** What the source promises and the result may not keep: signatures, PDF/A. */
  readonly notes: readonly SourceNote[];

  private constructor(doc: PDFDocument, sourcePages: number, notes: readonly SourceNote[]) {
    this.#doc = doc;
    this.#sourcePages = sourcePages;
    this.#font = doc.context.nextRef();
    this.notes = notes;
  }

  /**
   * @throws GlyphpoolError `INVALID_OPTION`; `PDF_PASSWORD_REQUIRED` or `PDF_PASSWORD_WRONG` where the
   * source is encrypted; `PDF_CORRUPT` where it cannot be read
   */
  static async create(options: SearchablePdfOptions = {}): Promise<SearchablePdf> {
    const { source, password, title, language } = options;
    checkWriterInfo({
      ...(title === undefined ? {} : { title }),
      ...(language === undefined ? {} : { language }),
    });
    if (source !== undefined && !(source instanceof Uint8Array)) {
      throw invalidOption("source", source, "the bytes of a PDF");
    }
    const doc = source ? await openSource(source, password) : await newDocument();
    if (title !== undefined) doc.setTitle(title, { showInWindowTitleBar: true });
    if (language !== undefined) doc.setLanguage(language);
    return new SearchablePdf(doc, source ? doc.getPageCount() : 0, source ? sourceNotes(doc) : []);
  }

  /**
   * Adds the text of a page. Over an image a new page is made, after all that are there. A page of the
   * source keeps its place; an earlier layer of Glyphpool is replaced. Text that came from the source's
   * own layer (`source` of the page, or of a line where that is `mixed`) is there already and not written again.
   *
   * @throws GlyphpoolError `INVALID_OPTION` for a page that the source does not have, `INVALID_INPUT` for
   * a picture that cannot be read or is not of the size that was told
   */
  async add(page: DocumentPage, background: PdfBackground): Promise<void> {
    if (background.kind === "image") await this.#addImage(page, background);
    else this.#addToSource(page, background.index);
  }

  /**
   * The bytes of the file. More pages can be added afterwards, and the whole saved again.
   *
   * @throws GlyphpoolError `INVALID_INPUT` where there is no page
   */
  async save(): Promise<Uint8Array> {
    if (this.#doc.getPageCount() === 0) {
      throw new GlyphpoolError("INVALID_INPUT", "A PDF needs a page; none was added.");
    }
    if (this.#codes.size > 0) this.#writeFont();
    return await this.#doc.save({ addDefaultPage: false, updateFieldAppearances: false });
  }

  async #addImage(
    page: DocumentPage,
    background: Extract<PdfBackground, { kind: "image" }>,
  ): Promise<void> {
    const { context } = this.#doc;
    const { bytes, type, width, height } = background;
    const image = await embedImage(this.#doc, bytes, type);
    if (image.width !== width || image.height !== height) {
      const message = `The background is ${image.width} × ${image.height} pixels, not ${width} × ${height}.`;
      throw new GlyphpoolError("INVALID_INPUT", message);
    }
    const longest = Math.max(page.width, page.height);
    const scale = Math.min(UNITS_PER_INCH / (page.dpi ?? UNKNOWN_DPI), LONGEST_SIDE / longest);
    const [w, h] = [rounded(page.width * scale, 3), rounded(page.height * scale, 3)];
    const { node } = this.#doc.addPage([w, h]);
    node.set(PDFName.of("Resources"), context.obj({ XObject: { Picture: image.ref } }));
    const matrix = uprightMatrix(image.orientation, w, h).join(" ");
    const picture = context.register(context.stream(`q\n${matrix} cm\n/Picture Do\nQ\n`));
    node.set(PDFName.of("Contents"), context.obj([picture]));
    const box = { left: 0, bottom: 0, width: w, height: h };
    const toPdf = pdfFrame(page, box, 0);
    this.#addText(page, node, toPdf);
  }

  #addToSource(page: DocumentPage, index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.#sourcePages) {
      const allowed =
        this.#sourcePages === 0 ? "none without a source" : `0 to ${this.#sourcePages - 1}`;
      throw invalidOption("background.index", index, allowed);
    }
    if (page.source === "layer") return;
    const { node } = this.#doc.getPage(index);
    // What the page has as text of its own is not written again.
    const lines = page.lines.filter(({ source }) => source !== "layer");
    this.#addText({ ...page, lines }, node, pdfFrame(page, visibleBox(node), rotationOf(node)));
  }

  #addText(
    page: DocumentPage,
    node: ReturnType<PDFDocument["getPage"]>["node"],
    toPdf: ReturnType<typeof pdfFrame>,
  ): void {
    if (page.lines.length === 0) return;
    addLayer(node, invisibleText(page, toPdf, this.#codes, nameFont(node, this.#font)));
  }

  /** (PDF 32000-1:2008, 9.7: a composite font whose codes are glyph numbers) */
  #writeFont(): void {
    const { context } = this.#doc;
    const name = "GlyphLessFont";
    const file = glyphlessFont();
    const descriptor = context.register(
      context.obj({
        Type: "FontDescriptor",
        FontName: name,
        Flags: 5, // fixed width, symbols
        FontBBox: [0, FONT_DESCENT, ADVANCE, FONT_ASCENT],
        ItalicAngle: 0,
        Ascent: FONT_ASCENT,
        Descent: FONT_DESCENT,
        CapHeight: FONT_ASCENT,
        StemV: 80,
        FontFile2: context.register(context.flateStream(file, { Length1: file.length })),
      }),
    );
    // Every code shows the one blank glyph.
    const glyphs = new Uint8Array(2 * (this.#codes.size + 1));
    for (let code = 1; code <= this.#codes.size; code++) glyphs[2 * code + 1] = BLANK_GLYPH;
    const descendant = context.register(
      context.obj({
        Type: "Font",
        Subtype: "CIDFontType2",
        BaseFont: name,
        CIDSystemInfo: {
          Registry: PDFString.of("Adobe"),
          Ordering: PDFString.of("Identity"),
          Supplement: 0,
        },
        FontDescriptor: descriptor,
        DW: ADVANCE,
        CIDToGIDMap: context.register(context.flateStream(glyphs)),
      }),
    );
    const font = context.obj({
      Type: "Font",
      Subtype: "Type0",
      BaseFont: name,
      Encoding: "Identity-H",
      DescendantFonts: [descendant],
      ToUnicode: context.register(context.flateStream(this.#codes.toUnicode())),
    });
    context.assign(this.#font, font);
  }
}

async function newDocument(): Promise<PDFDocument> {
  const doc = await PDFDocument.create();
  const name = `${SOFTWARE} ${SOFTWARE_VERSION}`;
  doc.setProducer(name);
  doc.setCreator(name);
  return doc;
}

async function openSource(source: Uint8Array, password: string | undefined): Promise<PDFDocument> {
  try {
    const doc = await PDFDocument.load(source, { password: password ?? "", updateMetadata: false });
    doc.getPages();
    return doc;
  } catch (cause) {
    throw sourceError(cause, password);
  }
}

function sourceError(cause: unknown, password: string | undefined): GlyphpoolError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!/password/i.test(message)) {
    return new GlyphpoolError("PDF_CORRUPT", "The source is no PDF that can be added to.", {
      cause,
    });
  }
  return password === undefined
    ? new GlyphpoolError("PDF_PASSWORD_REQUIRED", "The source needs a password.", { cause })
    : new GlyphpoolError("PDF_PASSWORD_WRONG", "The password does not open the source.", { cause });
}

/** The pages of a PDF: the text that they hold where it can be seen, and what is read of the ink that it leaves. */
import type { ResolvedPagesOptions } from "../../options/pages.ts";
import type { OpenInput } from "../../pool/call.ts";
import type { DocumentPage, Line, Page, PageWarning } from "../../types.ts";
import type { DocumentSource, PagePicture, PreparedPage, ReadPart } from "../document-source.ts";
import type { PdfDocument } from "./document.ts";
import { boundsOf } from "../../core/quad.ts";
import { addRecognised, saysTheSame } from "./known-lines.ts";
import type { PageBox, PdfPageInfo, RenderedPage, TextLayer } from "./worker-types.ts";
import { PartReader, added } from "./part-reader.ts";
import { layerLines } from "./text-lines.ts";
import { textOrder } from "../../structure/text-order.ts";

/** Points per inch. */
const POINTS = 72;
/** Less of the hidden words on ink is a layer that lies beside its page, 0–1. */
const LEAST_SUPPORT = 0.6;
/** Lines of hidden text that are compared with the pixels, of each page until so many pages were right. */
const SAMPLES = 2;
const ENOUGH_PAGES = 3;

/** What is known of a page before anything is recognised. */
interface KnownPage {
  readonly lines: readonly Line[];
  readonly ink: readonly PageBox[];
  readonly warnings: readonly PageWarning[];
}

export class PdfSource implements DocumentSource {
  readonly #pdf: PdfDocument;
  readonly #options: ResolvedPagesOptions;
  readonly #parts: PartReader;
  /** Pages whose hidden text was compared with their pixels and is right. */
  #proven = 0;

  constructor(pdf: PdfDocument, options: ResolvedPagesOptions) {
    this.#pdf = pdf;
    this.#options = options;
    this.#parts = new PartReader(pdf, options);
  }

  get count(): number {
    return this.#pdf.pageCount;
  }

  async prepare(number: number, signal: AbortSignal, read: ReadPart): Promise<PreparedPage> {
    const { text, pictures } = this.#options;
    const repaired = this.#pdf.repaired ? [DOCUMENT_REPAIRED] : [];
    if (text === "ocr") return await this.#readAll(number, repaired, signal, read);
    const start = performance.now();
    const look = text === "auto";
    const layer = await this.#pdf.textLayer(number, { signal, look, pictures });
    const decode = performance.now() - start;
    const damage = layer.damaged ? [...repaired, PAGE_DAMAGED] : repaired;
    if (text === "layer") {
      const lines = layerLines(layer, this.#options.dpi);
      const page = this.#pageOf(number, layer.page, lines, decode);
      return await this.#finish(withWarnings(page, damage), signal);
    }
    const known = await this.#check(number, layer, signal, read);
    const warnings = [...damage, ...known.warnings];
    // A page without text may be drawn, letter by letter: only its pixels tell.
    if (known.lines.length === 0) return await this.#readAll(number, warnings, signal, read);
    let page = this.#pageOf(number, layer.page, known.lines, decode);
    if (known.ink.length > 0) page = await this.#complete(page, layer.page, known, signal, read);
    return await this.#finish(withWarnings(page, warnings), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pdf.close();
  }

  /** With its picture where the structure is still missing. */
  async #finish(page: DocumentPage, signal: AbortSignal): Promise<PreparedPage> {
    if (!this.#options.structure) return { page };
    const { lines, width, height, rotation, source, warnings } = page;
    const picture = await this.#picture(page.number, signal);
    return {
      ...picture,
      source,
      known: { lines, width, height, rotation },
      ...(warnings ? { warnings } : {}),
    };
  }

  /** Which lines of the layer are right, and what is left to be read. */
  async #check(
    number: number,
    layer: TextLayer,
    signal: AbortSignal,
    read: ReadPart,
  ): Promise<KnownPage> {
    const { dpi } = this.#options;
    const all = layerLines(layer, dpi);
    const { ink, unseen } = layer;
    if (unseen) {
      const warnings = ink.length > 0 && all.length > 0 ? [PICTURES_NOT_READ] : [];
      return { lines: all, ink: [], warnings };
    }
    if (!layer.runs.some(({ hidden }) => hidden)) return { lines: all, ink, warnings: [] };
    const hidden = layerLines({ runs: layer.runs.filter((run) => run.hidden) }, dpi);
    const isRight =
      layer.support >= LEAST_SUPPORT &&
      (await this.#compare(number, layer.page, hidden, signal, read));
    if (isRight) return { lines: all, ink, warnings: [] };
    const lines = layerLines({ runs: layer.runs.filter((run) => !run.hidden) }, dpi);
    const { width, height } = layer.page;
    return { lines, ink: [[0, 0, width, height]], warnings: [LAYER_IGNORED] };
  }

  /** Whether some hidden lines say what the page shows where they lie. */
  async #compare(
    number: number,
    page: PdfPageInfo,
    hidden: readonly Line[],
    signal: AbortSignal,
    read: ReadPart,
  ): Promise<boolean> {
    if (this.#proven >= ENOUGH_PAGES) return true;
    const samples = hidden
      .filter(({ text }) => (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= 4)
      .toSorted((a, b) => b.text.length - a.text.length)
      .slice(0, SAMPLES);
    if (samples.length === 0) return true;
    for (const sample of samples) {
      const { x, y, width, height } = boundsOf(sample.polygon);
      const points = POINTS / this.#options.dpi;
      const box = [x, y - height, x + width, y + 2 * height].map((value) => value * points);
      const part = box as unknown as PageBox;
      const { lines } = await this.#parts.read(number, page, part, {}, read, signal);
      if (!saysTheSame(sample, lines)) continue;
      this.#proven++;
      return true;
    }
    return false;
  }

  /** Reads what the known lines leave, and adds it. */
  async #complete(
    page: DocumentPage,
    size: PdfPageInfo,
    { lines, ink }: KnownPage,
    signal: AbortSignal,
    read: ReadPart,
  ): Promise<DocumentPage> {
    const box: PageBox = [
      Math.min(...ink.map(([left]) => left)),
      Math.min(...ink.map(([, top]) => top)),
      Math.max(...ink.map(([, , right]) => right)),
      Math.max(...ink.map(([, , , bottom]) => bottom)),
    ];
    const options = { known: lines, withoutText: true };
    const found = await this.#parts.read(page.number, size, box, options, read, signal);
    const together = this.#ordered(addRecognised(lines, found.lines), page);
    const isMixed = together.some(({ source }) => source === "ocr");
    const full = isMixed
      ? ({ ...page, source: "mixed", lines: together, text: textOf(together) } as const)
      : page;
    return withWarnings({ ...full, timings: added(page.timings, found.timings) }, found.warnings);
  }

  /** The page by its pixels alone. */
  async #readAll(
    number: number,
    warnings: readonly PageWarning[],
    signal: AbortSignal,
    read: ReadPart,
  ): Promise<PreparedPage> {
    const size = await this.#pdf.info(number, { signal });
    const { width, height } = size;
    if (!this.#parts.isTall(width, height)) {
      const picture = await this.#picture(number, signal);
      return { ...picture, warnings: once([...warnings, ...(picture.warnings ?? [])]) };
    }
    const box: PageBox = [0, 0, width, height];
    const start = performance.now();
    const found = await this.#parts.read(number, size, box, {}, read, signal);
    const page = this.#pageOf(number, size, found.lines, 0);
    const timings = added({ ...page.timings, total: performance.now() - start }, found.timings);
    const all = { ...page, source: "ocr", timings } as const;
    return await this.#finish(withWarnings(all, [...warnings, ...found.warnings]), signal);
  }

  /** Drawn ahead; drawn once more where the worker that got the pixels has died. */
  async #picture(number: number, signal: AbortSignal): Promise<PagePicture> {
    const { dpi, maxPixels } = this.#options;
    const draw = (until: AbortSignal): Promise<RenderedPage> =>
      this.#pdf.render(number, { dpi, maxPixels, signal: until });
    let drawn: RenderedPage | undefined = await draw(signal);
    const { width, height } = drawn.image;
    return {
      ...(drawn.damaged ? { warnings: [PAGE_DAMAGED] } : {}),
      dpi: drawn.dpi,
      bytes: width * height * 4,
      repeatable: true,
      open: async (again): Promise<OpenInput> => {
        const { image } = drawn ?? (await draw(again ?? signal));
        drawn = undefined;
        return {
          input: { kind: "pixels", image },
          transfer: [image.data.buffer as ArrayBuffer],
        };
      },
    };
  }

  #pageOf(number: number, size: PdfPageInfo, given: readonly Line[], decode: number): DocumentPage {
    const { dpi } = this.#options;
    const width = Math.round((size.width * dpi) / POINTS);
    const height = Math.round((size.height * dpi) / POINTS);
    const lines = this.#ordered(given, { width, height });
    return {
      number,
      source: "layer",
      dpi,
      width,
      height,
      rotation: 0,
      text: textOf(lines),
      lines,
      timings: { decode, detect: 0, orient: 0, recognize: 0, inference: 0, total: decode },
    };
  }

  #ordered(lines: readonly Line[], { width, height }: Pick<Page, "width" | "height">): Line[] {
    const { order } = this.#options;
    if (order === "source") return [...lines];
    return textOrder({ lines, width, height }, order).map((i) => lines[i] as Line);
  }
}

const PICTURES_NOT_READ: PageWarning = {
  code: "PICTURES_NOT_READ",
  message:
    "The page has pictures whose text, if any, was not read, because pages cannot be drawn here. " +
    "In Deno that needs the package @napi-rs/canvas and --allow-ffi.",
};

const DOCUMENT_REPAIRED: PageWarning = {
  code: "DOCUMENT_REPAIRED",
  message:
    "The PDF is damaged. It was repaired as far as possible, but pages or text may be missing; " +
    "ask for an intact file.",
};

const PAGE_DAMAGED: PageWarning = {
  code: "PAGE_DAMAGED",
  message: "A part of this page is damaged and could not be read; ask for an intact file.",
};

const LAYER_IGNORED: PageWarning = {
  code: "TEXT_LAYER_IGNORED",
  message:
    "The invisible text of this page does not say what the page shows, so the page was read. " +
    'Use `text: "layer"` to get it nevertheless.',
};

function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join("\n");
}

function withWarnings(page: DocumentPage, more: readonly PageWarning[]): DocumentPage {
  if (more.length === 0) return page;
  return { ...page, warnings: once([...(page.warnings ?? []), ...more]) };
}

/** One of each code. */
function once(warnings: readonly PageWarning[]): PageWarning[] {
  return [...new Map(warnings.map((warning) => [warning.code, warning])).values()];
}

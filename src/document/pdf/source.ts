/** The pages of a PDF: the text that they hold where it can be seen, and what is read of the ink that it leaves. */
import type { ResolvedPagesOptions } from "../../options/pages.ts";
import type { OpenInput } from "../../pool/call.ts";
import type { DocumentPage, Line, Page, PageWarning, Quad, RgbaImage } from "../../types.ts";
import type { DocumentSource, PagePicture, PreparedPage, ReadPart } from "../document-source.ts";
import type { PdfDocument } from "./document.ts";
import {
  addRecognised,
  around,
  blank,
  cutOut,
  enclose,
  movedLines,
  saysTheSame,
} from "./known-lines.ts";
import type { PageBox, RenderedPage, TextLayer } from "./worker-types.ts";
import { layerLines } from "./text-lines.ts";
import { textOrder } from "../../structure/text-order.ts";

/** Points per inch. */
const POINTS = 72;
/** Less of the hidden words on ink is a layer that lies beside its page, 0–1. */
const LEAST_SUPPORT = 0.6;
/** Lines of hidden text that are compared with the pixels, of each page until so many pages were right. */
const SAMPLES = 2;
const ENOUGH_PAGES = 3;
/** Around what is read, in inches: letters at the edge of a picture need some paper. */
const MARGIN = 0.08;

/** What is known of a page before anything is recognised. */
interface KnownPage {
  readonly lines: readonly Line[];
  readonly ink: readonly PageBox[];
  readonly warnings: readonly PageWarning[];
}

export class PdfSource implements DocumentSource {
  readonly #pdf: PdfDocument;
  readonly #options: ResolvedPagesOptions;
  /** Pages whose hidden text was compared with their pixels and is right. */
  #proven = 0;

  constructor(pdf: PdfDocument, options: ResolvedPagesOptions) {
    this.#pdf = pdf;
    this.#options = options;
  }

  get count(): number {
    return this.#pdf.pageCount;
  }

  async prepare(number: number, signal: AbortSignal, read: ReadPart): Promise<PreparedPage> {
    const { text, pictures, structure } = this.#options;
    if (text === "ocr") return await this.#picture(number, signal);
    const start = performance.now();
    const look = text === "auto";
    const layer = await this.#pdf.textLayer(number, { signal, look, pictures });
    const decode = performance.now() - start;
    if (text === "layer") {
      return await this.#finish(
        this.#layerPage(number, layer, layerLines(layer, this.#options.dpi), decode),
        signal,
      );
    }
    const known = await this.#check(number, layer, signal, read);
    // A page without text may be drawn, letter by letter: only its pixels tell.
    if (known.lines.length === 0)
      return { ...(await this.#picture(number, signal)), warnings: known.warnings };
    let page = this.#layerPage(number, layer, known.lines, decode);
    if (known.ink.length > 0) page = await this.#complete(page, known, signal, read);
    if (known.warnings.length > 0)
      page = { ...page, warnings: [...(page.warnings ?? []), ...known.warnings] };
    return structure ? await this.#finish(page, signal) : { page };
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
      layer.support >= LEAST_SUPPORT && (await this.#compare(number, hidden, signal, read));
    if (isRight) return { lines: all, ink, warnings: [] };
    const lines = layerLines({ runs: layer.runs.filter((run) => !run.hidden) }, dpi);
    const { width, height } = layer.page;
    return { lines, ink: [[0, 0, width, height]], warnings: [LAYER_IGNORED] };
  }

  /** Whether some hidden lines say what the page shows where they lie. */
  async #compare(
    number: number,
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
    const { image } = await this.#draw(number, signal, false);
    for (const sample of samples) {
      const place = around(sample.polygon);
      const part = enclose([place], place.height, image);
      const page = await read(cutPicture(image, part), signal);
      if (!saysTheSame(sample, movedLines(page, part))) continue;
      this.#proven++;
      return true;
    }
    return false;
  }

  /** Reads what the known lines leave, and adds it. */
  async #complete(
    page: DocumentPage,
    { lines, ink }: KnownPage,
    signal: AbortSignal,
    read: ReadPart,
  ): Promise<DocumentPage> {
    const { image, dpi } = await this.#draw(page.number, signal, true);
    // A very large page was drawn at less than the dpi that its lines are in.
    const scale = this.#options.dpi / dpi;
    const moved = (line: Line): Quad =>
      line.polygon.map(([x, y]) => [x / scale, y / scale]) as unknown as Quad;
    for (const line of lines) blank(image, moved(line));
    const rects = ink.map(([left, top, right, bottom]) => {
      const pixels = dpi / POINTS;
      return {
        x: left * pixels,
        y: top * pixels,
        width: (right - left) * pixels,
        height: (bottom - top) * pixels,
      };
    });
    const part = enclose(rects, MARGIN * dpi, image);
    const found = await read(cutPicture(image, part), signal);
    const recognised = movedLines(found, part).map((line) => scaled(line, scale));
    const together = this.#ordered(addRecognised(lines, recognised), page);
    const { timings } = page;
    const sum = Object.fromEntries(
      Object.entries(timings).map(([name, ms]) => [
        name,
        ms + (found.timings[name as keyof Page["timings"]] ?? 0),
      ]),
    ) as unknown as Page["timings"];
    const isMixed = together.some(({ source }) => source === "ocr");
    return {
      ...page,
      ...(isMixed ? { source: "mixed", lines: together, text: textOf(together) } : {}),
      ...(found.warnings ? { warnings: found.warnings } : {}),
      timings: sum,
    };
  }

  async #draw(number: number, signal: AbortSignal, withoutText: boolean): Promise<RenderedPage> {
    const { dpi, maxPixels } = this.#options;
    return await this.#pdf.render(number, { dpi, maxPixels, signal, withoutText });
  }

  /** Drawn ahead; drawn once more where the worker that got the pixels has died. */
  async #picture(number: number, signal: AbortSignal): Promise<PagePicture> {
    let drawn: RenderedPage | undefined = await this.#draw(number, signal, false);
    const { width, height } = drawn.image;
    return {
      dpi: drawn.dpi,
      bytes: width * height * 4,
      repeatable: true,
      open: async (again): Promise<OpenInput> => {
        const { image } = drawn ?? (await this.#draw(number, again ?? signal, false));
        drawn = undefined;
        return {
          input: { kind: "pixels", image },
          transfer: [image.data.buffer as ArrayBuffer],
        };
      },
    };
  }

  #layerPage(
    number: number,
    layer: TextLayer,
    given: readonly Line[],
    decode: number,
  ): DocumentPage {
    const { dpi } = this.#options;
    const width = Math.round((layer.page.width * dpi) / POINTS);
    const height = Math.round((layer.page.height * dpi) / POINTS);
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

const LAYER_IGNORED: PageWarning = {
  code: "TEXT_LAYER_IGNORED",
  message:
    "The invisible text of this page does not say what the page shows, so the page was read. " +
    'Use `text: "layer"` to get it nevertheless.',
};

function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join("\n");
}

/** Copied each time: a worker that gets the pixels may die. */
function cutPicture(image: RgbaImage, part: ReturnType<typeof enclose>): PagePicture {
  return {
    bytes: part.width * part.height * 4,
    repeatable: true,
    open: async (): Promise<OpenInput> => {
      const copy = cutOut(image, part);
      return {
        input: { kind: "pixels", image: copy },
        transfer: [copy.data.buffer as ArrayBuffer],
      };
    },
  };
}

function scaled(line: Line, factor: number): Line {
  const scale = (quad: Quad): Quad =>
    quad.map(([x, y]) => [x * factor, y * factor]) as unknown as Quad;
  return {
    ...line,
    polygon: scale(line.polygon),
    ...(line.words
      ? { words: line.words.map((word) => ({ ...word, polygon: scale(word.polygon) })) }
      : {}),
  };
}

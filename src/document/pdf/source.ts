/** The pages of a PDF: their text layer where it is good, else their picture. */
import type { ResolvedPagesOptions } from "../../options/pages.ts";
import type { OpenInput } from "../../pool/read-job.ts";
import type { DocumentPage } from "../../types.ts";
import type { DocumentSource, PagePicture, PreparedPage } from "../document-source.ts";
import type { PdfDocument } from "./document.ts";
import type { RenderedPage, TextLayer } from "./link.ts";
import { judgeLayer, layerLines } from "./text-layer.ts";

/** Points per inch. */
const POINTS = 72;

export class PdfSource implements DocumentSource {
  readonly #pdf: PdfDocument;
  readonly #options: ResolvedPagesOptions;

  constructor(pdf: PdfDocument, options: ResolvedPagesOptions) {
    this.#pdf = pdf;
    this.#options = options;
  }

  get count(): number {
    return this.#pdf.pageCount;
  }

  async prepare(number: number, signal: AbortSignal): Promise<PreparedPage> {
    const { text } = this.#options;
    if (text === "ocr") return await this.#picture(number, signal);
    const start = performance.now();
    const layer = await this.#pdf.textLayer(number, { signal });
    // A page without text may be drawn, letter by letter: only its pixels tell.
    if (text === "auto" && !judgeLayer(layer).usable) {
      return await this.#picture(number, signal);
    }
    const page = this.#layerPage(number, layer, performance.now() - start);
    if (!this.#options.structure) return { page };
    const { lines, width, height, rotation } = page;
    const picture = await this.#picture(number, signal);
    return { ...picture, known: { lines, width, height, rotation } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pdf.close();
  }

  /** Drawn ahead; drawn once more where the worker that got the pixels has died. */
  async #picture(number: number, signal: AbortSignal): Promise<PagePicture> {
    const { dpi, maxPixels } = this.#options;
    let drawn: RenderedPage | undefined = await this.#pdf.render(number, {
      dpi,
      maxPixels,
      signal,
    });
    const { width, height } = drawn.image;
    return {
      dpi: drawn.dpi,
      bytes: width * height * 4,
      repeatable: true,
      open: async (again): Promise<OpenInput> => {
        const { image } =
          drawn ?? (await this.#pdf.render(number, { dpi, maxPixels, signal: again ?? signal }));
        drawn = undefined;
        return {
          input: { kind: "pixels", image },
          transfer: [image.data.buffer as ArrayBuffer],
        };
      },
    };
  }

  #layerPage(number: number, layer: TextLayer, decode: number): DocumentPage {
    const { dpi } = this.#options;
    const lines = layerLines(layer, dpi);
    return {
      number,
      source: "layer",
      dpi,
      width: Math.round((layer.page.width * dpi) / POINTS),
      height: Math.round((layer.page.height * dpi) / POINTS),
      rotation: 0,
      text: lines.map((line) => line.text).join("\n"),
      lines,
      timings: { decode, detect: 0, orient: 0, recognize: 0, inference: 0, total: decode },
    };
  }
}

/** What the pages of a document look like: pictures as they are, pages of PDFs and TIFFs drawn when they are seen. */
import type { EncodeOptions } from "../options/engine.ts";
import type { PdfDocument } from "../document/pdf/document.ts";
import type { PdfService } from "../document/pdf/service.ts";
import type { DocumentPage, EncodedImage } from "../types.ts";
import { Lazy } from "../core/lazy.ts";
import { make } from "./dom.ts";
import type { ReadPage } from "./reading.ts";
import type { Part } from "./source.ts";

/** Dots per inch of a PDF's page that is as wide as its text layer was read: the engine's default. */
const FULL_DPI = 200;
const LEAST_DPI = 24;
/** Width of a page of paper, before its own is known. */
const PREVIEW_INCHES = 8.3;
/** Of a JPEG that goes into a PDF. */
const QUALITY = 0.9;

/** Makes a page of a TIFF into something that browsers show; see `Engine.encode`. */
export type Encode = (file: Blob, options: EncodeOptions) => Promise<EncodedImage>;

/** Somebody looks at it: before the pages that are read ahead. */
const SEEN = 1;

export class Pictures implements Disposable {
  readonly #encode: Encode;
  readonly #workerFolder: () => string | undefined;
  readonly #urls = new Map<Part, string>();
  readonly #documents = new Map<Part, Lazy<PdfDocument>>();
  readonly #stop = new AbortController();
  readonly #service = new Lazy<PdfService>(async () => {
    const { PdfService: Service } = await import("../document/pdf/service.ts");
    return new Service({ folder: this.#workerFolder() });
  });

  /** @param workerFolder URL of the folder that holds the scripts of the workers, if it is not where a bundler put them */
  constructor(encode: Encode, workerFolder: () => string | undefined) {
    this.#encode = encode;
    this.#workerFolder = workerFolder;
  }

  /**
   * The page with so many pixels in its width, or a picture as it is.
   *
   * @returns nothing where the page could not be drawn
   */
  async of({ page, part }: ReadPage, width: number): Promise<HTMLElement | undefined> {
    if (page.error || this.#stop.signal.aborted) return undefined;
    try {
      if (part.kind === "tiff") return await this.#frame(part, page, width);
      return part.kind === "pdf"
        ? await this.#draw(part, page.number, (page.dpi ?? FULL_DPI) * (width / page.width))
        : await this.#image(part);
    } catch {
      return undefined;
    }
  }

  /** The first page of a file that is not read yet; nothing where it cannot be drawn. */
  async preview(part: Part, width: number): Promise<HTMLElement | undefined> {
    if (this.#stop.signal.aborted) return undefined;
    try {
      if (part.kind === "image") return await this.#image(part);
      // A TIFF is decoded by the worker that reads it.
      return part.kind === "pdf" ? await this.#draw(part, 1, width / PREVIEW_INCHES) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The page as a JPEG, in the size of its text layer. */
  async jpeg(read: ReadPage): Promise<Uint8Array | undefined> {
    const { width, height } = read.page;
    const picture = await this.of(read, width);
    if (!picture) return undefined;
    const canvas = make("canvas", { width, height });
    const source = picture as HTMLImageElement | HTMLCanvasElement;
    canvas.getContext("2d")?.drawImage(source, 0, 0, width, height);
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
    return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    void this.#service.take().then((service) => service?.close());
  }

  async #image(part: Part): Promise<HTMLImageElement> {
    let url = this.#urls.get(part);
    if (!url) this.#urls.set(part, (url = URL.createObjectURL(part.file)));
    const image = make("img", { alt: "", draggable: "false" });
    image.src = url;
    await image.decode();
    return image;
  }

  async #frame(part: Part, page: DocumentPage, width: number): Promise<HTMLCanvasElement> {
    const { signal } = this.#stop;
    const options = { page: page.number, signal, priority: SEEN };
    const { bytes, type } = await this.#encode(part.file, options);
    const resizeWidth = Math.max(1, Math.min(page.width, Math.round(width)));
    const blob = new Blob([bytes], { type });
    // The canvas is as large as it is seen, and the picture itself gone.
    const bitmap = await createImageBitmap(blob, { resizeWidth, resizeQuality: "high" });
    const canvas = make("canvas", { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  }

  async #draw(part: Part, number: number, dpi: number): Promise<HTMLCanvasElement> {
    const { signal } = this.#stop;
    const document = await this.#open(part);
    const wanted = Math.min(FULL_DPI, Math.max(LEAST_DPI, dpi));
    const { image } = await document.render(number, { dpi: wanted, signal });
    const { width, height, data } = image;
    const canvas = make("canvas", { width, height });
    const pixels = new ImageData(new Uint8ClampedArray(data), width, height);
    canvas.getContext("2d")?.putImageData(pixels, 0, 0);
    return canvas;
  }

  async #open(part: Part): Promise<PdfDocument> {
    const { signal } = this.#stop;
    let document = this.#documents.get(part);
    if (!document) {
      document = new Lazy(async () => (await this.#service.get()).open(part.file, { signal }));
      this.#documents.set(part, document);
    }
    return await document.get();
  }
}

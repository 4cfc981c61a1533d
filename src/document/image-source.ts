/** Documents that are pictures: a list of images, or one file with several of them. */
import { takeInput } from "../input/open-input.ts";
import type { ImageInput, ImageLimits } from "../types.ts";
import type { DocumentSource, PagePicture } from "./document-source.ts";

/** Each image is a page. Files are opened when their turn comes. */
export class ImageListSource implements DocumentSource {
  readonly #images: readonly ImageInput[];
  readonly #limits: ImageLimits;

  constructor(images: readonly ImageInput[], limits: ImageLimits) {
    this.#images = images;
    this.#limits = limits;
  }

  get count(): number {
    return this.#images.length;
  }

  async prepare(number: number): Promise<PagePicture> {
    const { open, bytes, repeatable, close } = await takeInput(
      this.#images[number - 1] as ImageInput,
      this.#limits,
    );
    return { open, bytes: bytes ?? 0, repeatable: repeatable ?? false, close };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A TIFF file with a page for each of its images. */
export class TiffSource implements DocumentSource {
  readonly #list: ImageListSource;
  readonly count: number;

  /**
   * @param bytes nobody else's: they stay as long as the document is read
   * @param count how many images they hold
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, count: number, limits: ImageLimits) {
    this.count = count;
    // A blob is not copied for every page, at least not in browsers.
    this.#list = new ImageListSource([new Blob([bytes])], limits);
  }

  async prepare(number: number): Promise<PagePicture> {
    return { ...(await this.#list.prepare(1)), frame: number - 1 };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

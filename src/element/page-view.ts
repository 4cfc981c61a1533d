/** The page that is looked at: its picture, and over it the text, the blocks and what was searched for. */
import type { Block, Quad } from "../types.ts";
import { make } from "./dom.ts";
import type { Pictures } from "./pictures.ts";
import { explain } from "./explain.ts";
import type { ReadPage } from "./reading.ts";
import type { Part } from "./source.ts";
import { makeTextLayer, overlay } from "./text-layer.ts";

/** What is shown over the picture beside the text, which is always there. */
export interface Overlays {
  readonly blocks: boolean;
  readonly confidence: boolean;
}

/** A page whose blocks are named over it. Plain text would only be noise. */
const QUIET: ReadonlySet<string> = new Set(["text"]);
/** A picture is drawn anew when it is shown so much larger than it was drawn. */
const SHARPEN = 1.3;

export class PageView {
  readonly element: HTMLElement = make("section", {
    class: "stage",
    part: "page",
    tabindex: 0,
    "aria-label": "Page",
  });
  readonly #sheet = make("div", { class: "sheet" });
  /** Picture and text, in the picture's own direction; turned as a whole. */
  readonly #paper = make("div", { class: "paper" });
  readonly #layer = make("div", { class: "layer" });
  readonly #marks = make("div", { class: "marks", "aria-hidden": "true" });
  readonly #resized: ResizeObserver;
  #read: ReadPage | undefined;
  #pictures: Pictures | undefined;
  /** Width in pixels that the picture was drawn for; 0 while there is none. */
  #drawn = 0;
  /** Degrees clockwise, in quarters, by which the page is turned on the screen. */
  #angle = 0;
  /** What is shown of a file whose first page is not read yet. */
  #preview: { readonly part: Part; picture?: HTMLElement } | undefined;

  constructor() {
    this.element.append(this.#sheet);
    this.#resized = new ResizeObserver(() => this.#fit());
    this.#resized.observe(this.#sheet);
  }

  /** Shows a page, or none. */
  show(read: ReadPage | undefined, pictures: Pictures | undefined, count: number): void {
    const same = read?.part === this.#read?.part && read?.page.number === this.#read?.page.number;
    this.#read = read;
    this.#pictures = pictures;
    if (!read) {
      this.#preview = undefined;
      this.#sheet.replaceChildren();
      this.#drawn = 0;
      return;
    }
    const { page, index, part } = read;
    this.element.setAttribute("aria-label", `Page ${index + 1} of ${count}`);
    if (page.error) {
      this.#sheet.style.aspectRatio = "1 / 1.4";
      this.#sheet.replaceChildren(
        make("p", { class: "failed" }, [`This page could not be read. ${explain(page.error)}`]),
      );
      return;
    }
    this.#layer.replaceChildren(blocksOf(page.blocks ?? []), this.#marks, makeTextLayer(page));
    if (!same) {
      this.#angle = (((Math.round(page.rotation / 90) % 4) + 4) * 90) % 360;
      this.#drawn = 0;
      this.#marks.replaceChildren();
      const before = this.#preview?.part === part && page.number === 1 && this.#preview.picture;
      this.#sheet.classList.toggle("bare", !before);
      this.#paper.replaceChildren(...(before ? [before, this.#layer] : [this.#layer]));
      this.#sheet.replaceChildren(this.#paper);
      this.element.scrollTop = 0;
    }
    this.#preview = undefined;
    this.#fit();
  }

  /** Shows what a file looks like while its first page is read. */
  preview(part: Part, pictures: Pictures): void {
    const preview: { readonly part: Part; picture?: HTMLElement } = { part };
    this.#preview = preview;
    void this.#showPreview(preview, pictures);
  }

  /** Turns the page by a quarter, clockwise. */
  turn(): void {
    this.#angle = (this.#angle + 90) % 360;
    this.#fit();
  }

  set overlays({ blocks, confidence }: Overlays) {
    this.element.classList.toggle("show-blocks", blocks);
    this.element.classList.toggle("show-confidence", confidence);
  }

  /** Width of the sheet as a part of the stage's. */
  set zoom(factor: number) {
    this.#sheet.style.setProperty("--zoom", String(factor));
  }

  /** Marks what was found; the current one is scrolled to. */
  mark(quads: readonly Quad[], current: readonly Quad[]): void {
    const boxes = quads.map((quad) => overlay(quad, make("mark", { class: "found" })));
    const now = current.map((quad) => overlay(quad, make("mark", { class: "found current" })));
    this.#marks.replaceChildren(...boxes, ...now);
    const [first] = now;
    if (!first) return;
    const { top, left } = first.getBoundingClientRect();
    const stage = this.element.getBoundingClientRect();
    this.element.scrollBy({
      top: top - stage.top - stage.height / 3,
      left: left - stage.left - stage.width / 3,
    });
  }

  #fit(): void {
    const { clientWidth } = this.#sheet;
    const read = this.#read;
    if (!read || read.page.error || clientWidth === 0) return;
    const { width, height } = read.page;
    const lies = this.#angle % 180 !== 0;
    this.#sheet.style.aspectRatio = lies ? `${height} / ${width}` : `${width} / ${height}`;
    const scale = clientWidth / (lies ? height : width);
    Object.assign(this.#paper.style, {
      width: `${width * scale}px`,
      height: `${height * scale}px`,
      transform: this.#angle === 0 ? "" : `translate(-50%, -50%) rotate(${this.#angle}deg)`,
      inset: this.#angle === 0 ? "0 auto auto 0" : "50% auto auto 50%",
    });
    this.#layer.style.transform = `scale(${scale})`;
    const wanted = width * scale * Math.min(3, globalThis.devicePixelRatio);
    if (wanted > this.#drawn * SHARPEN) {
      this.#drawn = wanted;
      void this.#draw(read, wanted);
    }
  }

  async #showPreview(
    preview: { readonly part: Part; picture?: HTMLElement },
    pictures: Pictures,
  ): Promise<void> {
    const picture = await pictures.preview(preview.part, this.element.clientWidth);
    if (!picture || this.#preview !== preview) return;
    preview.picture = picture;
    picture.classList.add("picture");
    const { width, height } =
      picture instanceof HTMLImageElement
        ? { width: picture.naturalWidth, height: picture.naturalHeight }
        : (picture as HTMLCanvasElement);
    this.#sheet.style.aspectRatio = `${width} / ${height}`;
    this.#paper.removeAttribute("style");
    this.#paper.replaceChildren(picture);
    this.#sheet.classList.remove("bare");
    this.#sheet.replaceChildren(this.#paper);
  }

  async #draw(read: ReadPage, width: number): Promise<void> {
    const picture = await this.#pictures?.of(read, width);
    if (this.#read?.page.number !== read.page.number || this.#read.part !== read.part) return;
    if (!picture) return;
    picture.classList.add("picture");
    this.#sheet.classList.remove("bare");
    this.#paper.replaceChildren(picture, this.#layer);
  }
}

function blocksOf(blocks: readonly Block[]): HTMLElement {
  const boxes = blocks.map(({ type, polygon }) => {
    const box = overlay(polygon, make("div", { class: `block ${type}` }));
    if (!QUIET.has(type)) box.append(make("span", {}, [type.replace("-", " ")]));
    return box;
  });
  return make("div", { class: "blocks", "aria-hidden": "true" }, boxes);
}

/** The page that is looked at: its picture, and over it the text, the blocks and what was searched for. */
import type { Block, Quad } from "../types.ts";
import { make } from "./dom.ts";
import type { Pictures } from "./pictures.ts";
import type { ReadPage } from "./reading.ts";
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
  readonly #layer = make("div", { class: "layer" });
  readonly #marks = make("div", { class: "marks", "aria-hidden": "true" });
  readonly #resized: ResizeObserver;
  #read: ReadPage | undefined;
  #pictures: Pictures | undefined;
  /** Width in pixels that the picture was drawn for; 0 while there is none. */
  #drawn = 0;

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
      this.#sheet.replaceChildren();
      this.#drawn = 0;
      return;
    }
    const { page, index } = read;
    this.element.setAttribute("aria-label", `Page ${index + 1} of ${count}`);
    if (page.error) {
      this.#sheet.style.aspectRatio = "1 / 1.4";
      this.#sheet.replaceChildren(
        make("p", { class: "failed", role: "alert" }, [
          `This page could not be read. ${page.error.message}`,
        ]),
      );
      return;
    }
    this.#sheet.style.aspectRatio = `${page.width} / ${page.height}`;
    this.#layer.replaceChildren(blocksOf(page.blocks ?? []), this.#marks, makeTextLayer(page));
    if (!same) {
      this.#sheet.classList.add("bare");
      this.#drawn = 0;
      this.#marks.replaceChildren();
      this.#sheet.replaceChildren(this.#layer);
      this.element.scrollTop = 0;
    }
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
    this.#layer.style.transform = `scale(${clientWidth / read.page.width})`;
    const wanted = clientWidth * Math.min(3, globalThis.devicePixelRatio);
    if (wanted > this.#drawn * SHARPEN) {
      this.#drawn = wanted;
      void this.#draw(read, wanted);
    }
  }

  async #draw(read: ReadPage, width: number): Promise<void> {
    const picture = await this.#pictures?.of(read, width);
    if (this.#read?.page.number !== read.page.number || this.#read.part !== read.part) return;
    if (!picture) return;
    picture.classList.add("picture");
    this.#sheet.classList.remove("bare");
    this.#sheet.replaceChildren(picture, this.#layer);
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

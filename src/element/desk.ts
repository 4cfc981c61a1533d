/** What a reader shows: the way in, the pages, the text beside them, and how far the reading is. */
import type { Progress } from "../types.ts";
import { button, make } from "./dom.ts";
import { EXPORT_FORMATS } from "./export-formats.ts";
import type { ExportFormat } from "./export-formats.ts";
import { fileButtons } from "./file-input.ts";
import { OutputView } from "./output-view.ts";
import { PageView } from "./page-view.ts";
import { Pictures } from "./pictures.ts";
import type { Encode } from "./pictures.ts";
import type { ReadPage, ReadingProgress } from "./reading.ts";
import { quadsOf } from "./search.ts";
import type { Match } from "./search.ts";
import type { Part } from "./source.ts";
import { SearchBar } from "./search-bar.ts";
import { Thumbnails } from "./thumbnails.ts";
import { spell } from "./time-left.ts";

export interface DeskListeners {
  readonly onFiles: (files: File[]) => void;
  readonly onCancel: () => void;
  readonly encode: Encode;
  /** URL of the folder that holds the scripts of the workers, if it is not where a bundler put them. */
  readonly workerFolder: () => string | undefined;
}

/** From a whole page at a glance to single letters. */
const ZOOMS = [0.5, 0.75, 1, 1.5, 2, 3] as const;
const FIT = 2;

export class Desk {
  readonly element: HTMLElement = make("div", { class: "desk empty", part: "desk" });
  readonly #title = make("span", { class: "title", part: "title" });
  readonly #place = make("output", { class: "place" });
  readonly #bar = make("progress", { max: 1, "aria-label": "Reading" });
  readonly #state = make("span", { class: "state", part: "state" });
  readonly #notice = make("p", {
    class: "notice",
    part: "notice",
    role: "status",
    "aria-live": "polite",
  });
  readonly #view = new PageView();
  readonly #output: OutputView;
  readonly #thumbnails = new Thumbnails((index) => this.#choose(index));
  readonly #search = new SearchBar(
    () => this.#pages,
    (match, all) => this.#mark(match, all),
  );
  readonly #makePictures: () => Pictures;
  readonly #overlays = { blocks: false, confidence: false };
  #pages: ReadPage[] = [];
  #pictures: Pictures;
  #current = 0;
  #zoom: number = FIT;
  #name = "";
  #matches: readonly Match[] = [];
  #match: Match | undefined;

  constructor({ onFiles, onCancel, encode, workerFolder }: DeskListeners) {
    this.#makePictures = () => new Pictures(encode, workerFolder);
    this.#pictures = this.#makePictures();
    this.#output = new OutputView({
      onDownload: (format) => void this.#download(format),
      onNotice: (text) => this.notify(text),
    });
    const welcome = make("div", { class: "welcome", part: "dropzone" }, [
      make("slot", { name: "empty" }, [
        make("p", { class: "call" }, ["Drop a picture or a PDF here"]),
        make("p", { class: "hint" }, ["or paste one. It is read on this device and not uploaded."]),
      ]),
      fileButtons(onFiles),
    ]);
    const open = fileButtons(onFiles);
    open.classList.add("again");
    const toolbar = make("div", { class: "toolbar", part: "toolbar" }, [
      open,
      this.#title,
      this.#pager(),
      this.#search.element,
      this.#toggle("Blocks", "blocks"),
      this.#toggle("Confidence", "confidence"),
      make("span", { class: "zoom" }, [
        button("⟳", () => this.#view.turn(), { class: "icon", "aria-label": "Turn the page" }),
        button("−", () => this.#setZoom(this.#zoom - 1), {
          class: "icon",
          "aria-label": "Smaller",
        }),
        button("+", () => this.#setZoom(this.#zoom + 1), { class: "icon", "aria-label": "Larger" }),
      ]),
      make("slot", { name: "toolbar" }),
    ]);
    const progress = make("div", { class: "progress", part: "progress" }, [
      this.#bar,
      this.#state,
      button("Cancel", onCancel, { class: "cancel", part: "button cancel" }),
    ]);
    const sheets = make("div", { class: "sheets" }, [
      this.#thumbnails.element,
      this.#view.element,
      this.#output.element,
    ]);
    const footer = make("slot", { name: "footer" });
    this.element.append(welcome, toolbar, progress, this.#notice, sheets, footer);
  }

  get pages(): readonly ReadPage[] {
    return this.#pages;
  }

  /** A new document: what was shown is gone. */
  start(name: string): void {
    this.clear();
    this.#name = name;
    this.#title.textContent = name;
    this.#title.title = name;
    this.element.classList.remove("empty");
    this.element.classList.add("busy");
    this.#bar.removeAttribute("value");
    this.#state.textContent = "Starting";
  }

  /** Shows the picture at once; its text follows. */
  preview(part: Part): void {
    this.#view.preview(part, this.#pictures);
  }

  add(read: ReadPage): void {
    this.#pages.push(read);
    this.#thumbnails.add(read, this.#pictures);
    this.element.classList.toggle("several", this.#pages.length > 1);
    if (this.#pages.length === 1) this.#choose(0);
    else this.#show();
    this.#search.refresh(false);
  }

  update(read: ReadPage): void {
    this.#pages[read.index] = read;
    if (read.index === this.#current) {
      this.#view.show(read, this.#pictures, this.#pages.length);
      this.#show();
    }
  }

  progress(progress: ReadingProgress): void {
    const { done, total, left, detail } = progress;
    const part =
      detail?.stage === "download" && detail.total ? detail.done / detail.total : undefined;
    if (part === undefined && done === 0) this.#bar.removeAttribute("value");
    else this.#bar.value = part ?? done / total;
    this.#state.textContent = describe(detail) ?? describePages(done, total, left);
  }

  /**
   * The reading is over, however it ended.
   *
   * @param failed whether the text tells of a failure
   */
  finish(text: string, failed: boolean): void {
    this.element.classList.remove("busy");
    // A single picture that failed leaves nothing to look at: the way in is shown again.
    const none = this.#pages.length === 0 || (failed && this.#pages.length === 1);
    this.element.classList.toggle("empty", none);
    if (none) this.#view.show(undefined, undefined, 0);
    this.notify(text, failed);
  }

  /** Shown, and read out by screen readers; a failure at once. */
  notify(text: string, failed = false): void {
    this.#notice.classList.toggle("error", failed);
    this.#notice.setAttribute("role", failed ? "alert" : "status");
    this.#notice.textContent = text;
  }

  clear(): void {
    this.#pictures[Symbol.dispose]();
    this.#pictures = this.#makePictures();
    this.#pages = [];
    this.#current = 0;
    this.#matches = [];
    this.#match = undefined;
    this.#thumbnails.clear();
    this.#search.clear();
    this.#view.show(undefined, undefined, 0);
    this.#output.show([], undefined, "");
    this.notify("");
    this.element.classList.remove("busy", "several");
    this.element.classList.add("empty");
  }

  #pager(): HTMLElement {
    const step = (by: number): void => {
      const last = this.#pages.length - 1;
      this.#choose(Math.min(last, Math.max(0, this.#current + by)));
    };
    return make("span", { class: "pager" }, [
      button("‹", () => step(-1), { class: "icon", "aria-label": "Previous page" }),
      this.#place,
      button("›", () => step(1), { class: "icon", "aria-label": "Next page" }),
    ]);
  }

  #toggle(label: string, name: "blocks" | "confidence"): HTMLElement {
    const toggle = button(
      label,
      () => {
        this.#overlays[name] = !this.#overlays[name];
        toggle.setAttribute("aria-pressed", String(this.#overlays[name]));
        this.#view.overlays = this.#overlays;
      },
      { class: "toggle", part: "button toggle", "aria-pressed": "false" },
    );
    return toggle;
  }

  #setZoom(step: number): void {
    this.#zoom = Math.min(ZOOMS.length - 1, Math.max(0, step));
    this.#view.zoom = ZOOMS[this.#zoom] ?? 1;
  }

  #choose(index: number): void {
    const read = this.#pages[index];
    if (!read) return;
    this.#current = index;
    this.#view.show(read, this.#pictures, this.#pages.length);
    this.#thumbnails.choose(index);
    this.#show();
    this.#drawMarks();
  }

  #show(): void {
    this.#place.value = `${this.#current + 1} / ${this.#pages.length}`;
    this.#output.show(this.#pages, this.#pages[this.#current], this.#name);
  }

  #mark(match: Match | undefined, all: readonly Match[]): void {
    this.#matches = all;
    this.#match = match;
    if (match && match.page !== this.#current) this.#choose(match.page);
    else this.#drawMarks();
  }

  #drawMarks(): void {
    const lines = this.#pages[this.#current]?.page.lines ?? [];
    const boxes = ({ pieces }: Match) =>
      pieces.flatMap((piece) => {
        const line = lines[piece.line];
        return line ? quadsOf(line, piece) : [];
      });
    const here = this.#matches.filter(({ page }) => page === this.#current);
    const current = here.find((match) => match === this.#match);
    this.#view.mark(
      here.filter((match) => match !== current).flatMap(boxes),
      current ? boxes(current) : [],
    );
  }

  async #download(format: ExportFormat): Promise<void> {
    const { extension, label } = EXPORT_FORMATS[format];
    try {
      const { exportDocument } = await import("./exports.ts");
      const file = await exportDocument(this.#pages, format, this.#name, this.#pictures);
      const url = URL.createObjectURL(file);
      const link = make("a", {
        href: url,
        download: `${this.#name.replace(/\.[^.]+$/, "") || "document"}.${extension}`,
      });
      link.click();
      // The download has to have begun.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      this.notify(`${label}: saved.`);
    } catch (error) {
      this.notify(`${label} could not be written: ${(error as Error).message}`);
    }
  }
}

function describe(detail: Progress | undefined): string | undefined {
  if (detail?.stage === "load") return `Loading ${detail.name ?? "a model"}`;
  if (detail?.stage !== "download") return undefined;
  const of = detail.total === undefined ? "" : ` of ${megabytes(detail.total)}`;
  return `Downloading ${detail.name ?? "a model"}: ${megabytes(detail.done)}${of}`;
}

function describePages(done: number, total: number, left: number | undefined): string {
  const pages = total === 1 ? "Reading the page" : `Page ${Math.min(done + 1, total)} of ${total}`;
  return left === undefined || done >= total ? pages : `${pages}, about ${spell(left)} left`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

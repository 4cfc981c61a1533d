/** What was read, beside the page: as it reads, and as text, Markdown, HTML and JSON; to copy and to download. */
import { button, make } from "./dom.ts";
import { showBlocks } from "./blocks-view.ts";
import { EXPORT_FORMATS } from "./export-formats.ts";
import type { ExportFormat } from "./export-formats.ts";
import type { ReadPage } from "./reading.ts";

const VIEWS = {
  read: "Reading",
  text: "Text",
  md: "Markdown",
  html: "HTML",
  json: "JSON",
} as const;
type View = keyof typeof VIEWS;

export interface OutputListeners {
  readonly onDownload: (format: ExportFormat) => void;
  /** For people who cannot see that something happened. */
  readonly onNotice: (text: string) => void;
}

export class OutputView {
  readonly element: HTMLElement = make("section", {
    class: "output",
    part: "output",
    "aria-label": "Text",
  });
  readonly #tabs = new Map<View, HTMLButtonElement>();
  readonly #panel = make("div", { class: "panel", role: "tabpanel", id: "panel", tabindex: 0 });
  readonly #warnings = make("ul", { class: "warnings", part: "warnings", hidden: true });
  readonly #all = make("input", { type: "checkbox" });
  readonly #scope = make("label", { class: "scope" }, [this.#all, "All pages"]);
  readonly #format = make("select", { "aria-label": "Format of the download" });
  readonly #copyButton = button("Copy", () => void this.#copy(), {
    class: "copy",
    part: "button copy",
  });
  readonly #downloadButton = button(
    "Download",
    () => this.#listeners.onDownload(this.#format.value as ExportFormat),
    { class: "download", part: "primary download" },
  );
  readonly #listeners: OutputListeners;
  #view: View = "read";
  #pages: readonly ReadPage[] = [];
  #current: ReadPage | undefined;
  #title = "";
  /** Counts what was shown, to know when it is no more what is wanted. */
  #turn = 0;

  constructor(listeners: OutputListeners) {
    this.#listeners = listeners;
    const list = make("div", { class: "tabs", role: "tablist", "aria-label": "Show as" });
    for (const [view, label] of Object.entries(VIEWS) as [View, string][]) {
      const tab = button(label, () => this.#choose(view), {
        role: "tab",
        id: `tab-${view}`,
        "aria-controls": "panel",
      });
      this.#tabs.set(view, tab);
      list.append(tab);
    }
    list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#all.addEventListener("change", () => this.#render());
    for (const [format, { label }] of Object.entries(EXPORT_FORMATS)) {
      this.#format.append(make("option", { value: format }, [label]));
    }
    const actions = make("div", { class: "actions", part: "actions" }, [
      this.#scope,
      this.#copyButton,
      this.#format,
      this.#downloadButton,
    ]);
    this.element.append(list, this.#warnings, this.#panel, actions);
    this.#choose("read");
  }

  /** @param pages all that are there @param current the one that is looked at */
  show(pages: readonly ReadPage[], current: ReadPage | undefined, title: string): void {
    const known = this.#current;
    this.#pages = pages;
    this.#current = current;
    this.#title = title;
    this.#scope.hidden = pages.length < 2;
    // There is nothing to copy before a page was read.
    const none = pages.every(({ page }) => page.error);
    for (const control of [this.#copyButton, this.#format, this.#downloadButton]) {
      control.disabled = none;
    }
    // The pages that come in while one is looked at change nothing of it.
    if (known !== current || this.#all.checked) this.#render();
  }

  #choose(view: View): void {
    this.#view = view;
    for (const [name, tab] of this.#tabs) {
      tab.setAttribute("aria-selected", String(name === view));
      tab.tabIndex = name === view ? 0 : -1;
    }
    this.#panel.setAttribute("aria-labelledby", `tab-${view}`);
    this.#render();
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const views = [...this.#tabs.keys()];
    const next = views[(views.indexOf(this.#view) + step + views.length) % views.length] ?? "read";
    this.#choose(next);
    this.#tabs.get(next)?.focus();
  }

  get #shown(): readonly ReadPage[] {
    if (this.#all.checked && this.#pages.length > 1) return this.#pages;
    return this.#current && !this.#current.page.error ? [this.#current] : [];
  }

  /** The writers are loaded with the first text that somebody wants to see as such. */
  async #text(): Promise<string> {
    const pages = this.#shown;
    if (pages.length === 0) return "";
    const { writeText } = await import("./exports.ts");
    return writeText(pages, this.#view === "read" ? "text" : this.#view, this.#title);
  }

  #render(): void {
    const turn = ++this.#turn;
    const pages = this.#shown;
    const notes = pages.flatMap(({ page }) => (page.warnings ?? []).map(({ message }) => message));
    this.#warnings.hidden = notes.length === 0;
    this.#warnings.replaceChildren(...[...new Set(notes)].map((note) => make("li", {}, [note])));
    if (this.#view === "read") {
      const nodes = showBlocks(pages.flatMap(({ page }) => (page.error ? [] : [page])));
      const empty = make("p", { class: "nothing" }, ["There is no text on this page."]);
      this.#panel.replaceChildren(
        make("article", {}, nodes.length > 0 || pages.length === 0 ? nodes : [empty]),
      );
      return;
    }
    void this.#renderText(turn);
  }

  async #renderText(turn: number): Promise<void> {
    const text = await this.#text();
    // Another view may have been chosen meanwhile.
    if (turn !== this.#turn) return;
    this.#panel.replaceChildren(make("pre", {}, [make("code", {}, [text])]));
  }

  async #copy(): Promise<void> {
    const text = await this.#text();
    try {
      await navigator.clipboard.writeText(text);
      this.#listeners.onNotice("Copied.");
    } catch {
      // A frame without the permission: the text is chosen, so that the keyboard copies it.
      const range = document.createRange();
      range.selectNodeContents(this.#panel);
      const selection = document.getSelection();
      selection?.removeAllRanges();
      selection?.addRange(range);
      this.#listeners.onNotice("The browser allows no copying here; the text is selected.");
    }
  }
}

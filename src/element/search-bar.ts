/** The field that searches the document, and the steps from match to match. */
import { button, make } from "./dom.ts";
import { findText } from "./search.ts";
import type { Match } from "./search.ts";
import type { ReadPage } from "./reading.ts";

/** Milliseconds without a key after which is searched. */
const PAUSE = 120;

export class SearchBar {
  readonly element: HTMLElement;
  readonly #field = make("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search the document",
    autocomplete: "off",
    spellcheck: "false",
  });
  readonly #count = make("output", { class: "count" });
  readonly #steps: HTMLElement;
  readonly #pages: () => readonly ReadPage[];
  readonly #onMatch: (match: Match | undefined, all: readonly Match[]) => void;
  #matches: Match[] = [];
  #current = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onMatch gets the match to be shown, and all that there are */
  constructor(
    pages: () => readonly ReadPage[],
    onMatch: (match: Match | undefined, all: readonly Match[]) => void,
  ) {
    this.#pages = pages;
    this.#onMatch = onMatch;
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.refresh(true), PAUSE);
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#step(event.shiftKey ? -1 : 1);
    });
    this.#steps = make("span", { class: "steps", hidden: true }, [
      button("‹", () => this.#step(-1), { class: "icon", "aria-label": "Previous match" }),
      button("›", () => this.#step(1), { class: "icon", "aria-label": "Next match" }),
    ]);
    this.element = make("div", { class: "search", role: "search", part: "search" }, [
      this.#field,
      this.#count,
      this.#steps,
    ]);
  }

  /** Searches again: the words or the pages have changed. @param jump whether the first match is shown */
  refresh(jump: boolean): void {
    const pages = this.#pages().map(({ page }) => page);
    this.#matches = findText(pages, this.#field.value);
    if (jump || this.#current >= this.#matches.length) this.#current = 0;
    this.#tell(jump);
  }

  focus(): void {
    this.#field.focus();
  }

  clear(): void {
    this.#field.value = "";
    this.refresh(false);
  }

  #step(by: number): void {
    const { length } = this.#matches;
    if (length === 0) return;
    this.#current = (this.#current + by + length) % length;
    this.#tell(true);
  }

  #tell(jump: boolean): void {
    const { length } = this.#matches;
    this.#steps.hidden = length === 0;
    const asked = this.#field.value.trim() !== "";
    this.#count.value = asked ? (length === 0 ? "none" : `${this.#current + 1} of ${length}`) : "";
    this.#onMatch(jump ? this.#matches[this.#current] : undefined, this.#matches);
  }
}

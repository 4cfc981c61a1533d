/** All pages, small: a list of which one is chosen. */
import type { Page } from "../types.ts";
import { make } from "./dom.ts";
import type { Pictures } from "./pictures.ts";
import type { ReadPage } from "./reading.ts";

/** CSS pixels; screens are at most twice as fine for a thumbnail's purpose. */
const WIDTH = 88;

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowRight: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
  PageDown: 8,
  PageUp: -8,
  Home: -Infinity,
  End: Infinity,
};

export class Thumbnails {
  readonly element: HTMLElement = make("div", {
    class: "thumbnails",
    part: "thumbnails",
    role: "listbox",
    "aria-label": "Pages",
    tabindex: 0,
  });
  readonly #onChoose: (index: number) => void;
  readonly #seen: IntersectionObserver;
  readonly #items = new Map<Element, { read: ReadPage; pictures: Pictures }>();
  #chosen = 0;

  /** @param onChoose gets the index of a page */
  constructor(onChoose: (index: number) => void) {
    this.#onChoose = onChoose;
    // Hundreds of pages are not drawn before somebody scrolls to them.
    this.#seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) void this.#draw(target);
    });
    this.element.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      const last = this.element.childElementCount - 1;
      if (step === undefined || last < 0) return;
      event.preventDefault();
      this.#onChoose(Math.min(last, Math.max(0, this.#chosen + step)));
    });
  }

  add(read: ReadPage, pictures: Pictures): void {
    const { page, index } = read;
    const ratio = page.width > 0 ? `${page.width} / ${page.height}` : "1 / 1.4";
    const frame = make("span", { class: "frame" });
    frame.style.aspectRatio = ratio;
    const item = make(
      "div",
      {
        role: "option",
        id: `page-${index}`,
        class: page.error ? "thumbnail failed" : "thumbnail",
        "aria-selected": "false",
      },
      [
        frame,
        make("span", { class: "number" }, [
          make("span", {}, [make("span", { class: "unseen" }, ["Page "]), `${index + 1}`]),
          page.error ? make("span", { class: "sure" }, ["failed"]) : sureness(page),
        ]),
      ],
    );
    item.addEventListener("click", () => this.#onChoose(index));
    this.#items.set(item, { read, pictures });
    this.#seen.observe(item);
    this.element.append(item);
  }

  choose(index: number): void {
    this.#chosen = index;
    for (const [place, item] of [...this.element.children].entries()) {
      item.setAttribute("aria-selected", String(place === index));
      if (place === index) item.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.element.setAttribute("aria-activedescendant", `page-${index}`);
  }

  clear(): void {
    this.#seen.disconnect();
    this.#items.clear();
    this.element.replaceChildren();
    this.element.removeAttribute("aria-activedescendant");
  }

  async #draw(item: Element): Promise<void> {
    const known = this.#items.get(item);
    this.#seen.unobserve(item);
    this.#items.delete(item);
    if (!known) return;
    const scale = Math.min(2, globalThis.devicePixelRatio);
    const picture = await known.pictures.of(known.read, WIDTH * scale);
    if (picture) item.querySelector(".frame")?.replaceChildren(picture);
  }
}

/** How sure the recogniser was of its words, as the height of a rule. */
function sureness({ lines }: Pick<Page, "lines">): HTMLElement {
  const words = lines.flatMap((line) => line.words ?? [line]);
  const sum = words.reduce((total, { confidence }) => total + confidence, 0);
  const mean = words.length > 0 ? Math.round((100 * sum) / words.length) : 0;
  return make("span", { class: "sure" }, words.length > 0 ? [`${mean} %`] : []);
}

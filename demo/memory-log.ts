/** What happened to the memory, the latest first. */
import { make } from "../src/element/dom.ts";

/** Lines that are kept. */
const LENGTH = 80;

export class MemoryLog {
  readonly element: HTMLElement = make("section", { class: "log", "aria-label": "Events" }, [
    make("h3", {}, ["Events"]),
  ]);
  readonly #list = make("ol", { tabindex: 0, "aria-label": "Events, the latest first" });

  constructor() {
    this.element.append(this.#list);
  }

  /** @param name what happened, in one word @param text what is known of it */
  add(name: string, text: string): void {
    const time = new Date().toLocaleTimeString("en-GB");
    const line = make("li", {}, [
      make("time", {}, [time]),
      make("span", {}, [make("b", {}, [name]), ` ${text}`]),
    ]);
    this.#list.prepend(line);
    while (this.#list.childElementCount > LENGTH) this.#list.lastElementChild?.remove();
  }
}

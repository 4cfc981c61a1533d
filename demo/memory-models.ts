/** The models as the compartments of a type case: state, users, size, and the time until they leave. */
import { make } from "../src/element/dom.ts";
import type { MemorySnapshot, ModelUsage, WorkerMemory } from "../src/index.ts";
import { spellBytes } from "./spell-bytes.ts";

/** What a model's time until it leaves is a part of. */
interface Told {
  readonly memory: WorkerMemory;
  /** Milliseconds. */
  readonly at: number;
}

export class ModelCase {
  readonly element: HTMLElement = make("section", { class: "case", "aria-label": "Models" }, [
    make("h3", {}, ["Models"]),
  ]);
  readonly #list = make("ul");
  readonly #told = new Map<string, Told>();
  readonly #idleTimeout: number;

  /** @param idleTimeout milliseconds */
  constructor(idleTimeout: number) {
    this.#idleTimeout = idleTimeout;
    this.element.append(this.#list);
  }

  /** @param now milliseconds */
  show({ workers }: MemorySnapshot, now: number): void {
    const items: HTMLElement[] = [];
    for (const [id, memory] of Object.entries(workers)) {
      if (!memory) continue;
      let told = this.#told.get(id);
      // Every report is a new object: the time runs from when it came.
      if (told?.memory !== memory) this.#told.set(id, (told = { memory, at: now }));
      for (const model of memory.models) items.push(this.#item(model, now - told.at));
    }
    const none = make("li", { class: "none" }, ["No model is loaded: the next page needs one."]);
    this.#list.replaceChildren(...(items.length > 0 ? items : [none]));
  }

  #item(model: ModelUsage, since: number): HTMLElement {
    const { id, role, state, leases, gpuBytes, wasmBytes, backend, idleLeft } = model;
    const left = idleLeft === undefined ? undefined : Math.max(0, idleLeft - since);
    const rest = make("span");
    rest.style.width = `${left === undefined ? 0 : (100 * left) / this.#idleTimeout}%`;
    const size = gpuBytes + wasmBytes;
    return make("li", { class: state }, [
      make("div", { class: "role" }, [role]),
      make("div", { class: "id", title: id }, [id]),
      row("state", state + (backend ? `, ${backend}` : ""), "state"),
      row("size", size > 0 ? spellBytes(size) : "–"),
      row("in use by", leases === 1 ? "1 read" : `${leases} reads`),
      row("leaves in", left === undefined ? "–" : `${Math.ceil(left / 1000)} s`),
      make("div", { class: "idle" }, [rest]),
    ]);
  }
}

function row(label: string, value: string, kind = ""): HTMLElement {
  return make("div", { class: "row" }, [
    make("span", {}, [label]),
    make("span", { class: kind }, [value]),
  ]);
}

/** Draws what the engine held during the last two minutes, stacked as it counts against the budget. */
import { draw, make } from "../src/element/dom.ts";
import { spellBytes } from "./spell-bytes.ts";

/** One look at the memory. Figures are bytes. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly wasm: number;
  readonly used: number;
  /** What of the GPU is allocated beyond `used`: destroyed and not yet given back, pipelines, driver. */
  readonly rest: number;
}

/** Fractions of the budget. */
export interface Limits {
  readonly budget: number;
  readonly warning: number;
  readonly critical: number;
}

/** Milliseconds from the left to the right edge. */
export const SPAN = 120_000;
const WIDTH = 600;
const HEIGHT = 260;
/** A budget that is larger than so many times what is held is not drawn: all else would be flat. */
const FAR = 4;

export class MemoryChart {
  readonly element: HTMLElement;
  readonly #grid = draw("g", { class: "grid" });
  readonly #wasm = draw("path", { class: "wasm" });
  readonly #used = draw("path", { class: "used" });
  readonly #allocated = draw("path", { class: "allocated" });
  readonly #limits = draw("g");
  readonly #marks = draw("g");
  readonly #notes = make("div", { "aria-hidden": "true" });
  readonly #svg: SVGSVGElement;
  #events: number[] = [];

  constructor() {
    this.#svg = draw(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": "Memory of the last two minutes: nothing yet",
      },
      [this.#grid, this.#wasm, this.#used, this.#allocated, this.#limits, this.#marks],
    );
    this.element = make("div", { class: "chart" }, [this.#svg, this.#notes]);
  }

  /** Something happened that the lines are to be understood by. @param at milliseconds */
  mark(at: number): void {
    this.#events.push(at);
  }

  /** @param now milliseconds: the right edge */
  show(samples: readonly Sample[], limits: Limits, now: number): void {
    const peak = Math.max(2 ** 20, ...samples.map(({ wasm, used, rest }) => wasm + used + rest));
    const near = limits.budget < peak * FAR;
    const top = roundUp(near ? Math.max(limits.budget, peak) * 1.08 : peak * 1.25);
    const x = (at: number): number => WIDTH * (1 - (now - at) / SPAN);
    const y = (bytes: number): number => HEIGHT * (1 - bytes / top);
    const area = (low: (s: Sample) => number, high: (s: Sample) => number): string => {
      // What nothing is held of has no outline either: it would lie on that of its neighbour.
      if (!samples.some((s) => high(s) > low(s))) return "";
      const there = samples.map((s) => `${x(s.at).toFixed(1)} ${y(high(s)).toFixed(1)}`);
      const back = samples.toReversed().map((s) => `${x(s.at).toFixed(1)} ${y(low(s)).toFixed(1)}`);
      return `M${there.join("L")}L${back.join("L")}Z`;
    };
    this.#wasm.setAttribute(
      "d",
      area(
        () => 0,
        (s) => s.wasm,
      ),
    );
    this.#used.setAttribute(
      "d",
      area(
        (s) => s.wasm,
        (s) => s.wasm + s.used,
      ),
    );
    this.#allocated.setAttribute(
      "d",
      area(
        (s) => s.wasm + s.used,
        (s) => s.wasm + s.used + s.rest,
      ),
    );
    this.#rules(top, y, near, limits);
    this.#events = this.#events.filter((at) => now - at < SPAN);
    this.#marks.replaceChildren(
      ...this.#events.map((at) =>
        draw("line", { class: "mark", x1: x(at), x2: x(at), y1: 0, y2: HEIGHT }),
      ),
    );
    const last = samples.at(-1);
    const held = last ? last.wasm + last.used + last.rest : 0;
    this.#svg.setAttribute(
      "aria-label",
      `Memory of the last two minutes: ${spellBytes(held)} now, ${spellBytes(peak)} at most, of a budget of ${spellBytes(limits.budget)}`,
    );
  }

  #rules(top: number, y: (bytes: number) => number, near: boolean, limits: Limits): void {
    const lines: SVGElement[] = [];
    const notes: HTMLElement[] = [];
    const note = (bytes: number, text: string, kind: string): void => {
      const node = make("span", { class: `note ${kind}` }, [text]);
      node.style.top = `${(100 * y(bytes)) / HEIGHT}%`;
      notes.push(node);
    };
    for (let part = 0; part <= 4; part++) {
      const bytes = (top * part) / 4;
      lines.push(draw("line", { x1: 0, x2: WIDTH, y1: y(bytes), y2: y(bytes) }));
      if (part < 4) note(bytes, spellBytes(bytes), "axis");
    }
    this.#grid.replaceChildren(...lines);
    const limit = (bytes: number, kind: string, label: string): SVGElement => {
      note(bytes, label, "limit");
      return draw("line", { class: kind, x1: 0, x2: WIDTH, y1: y(bytes), y2: y(bytes) });
    };
    const { budget, warning, critical } = limits;
    if (near) {
      this.#limits.replaceChildren(
        limit(budget * warning, "threshold", "warning"),
        limit(budget * critical, "threshold", "critical"),
        limit(budget, "limit", `budget ${spellBytes(budget)}`),
      );
    } else {
      this.#limits.replaceChildren();
      note(top * 0.92, `budget ${spellBytes(budget)}, far above`, "limit");
    }
    this.#notes.replaceChildren(...notes);
  }
}

/** 1, 2 or 4 times a power of two, so that the quarters are round figures. */
function roundUp(bytes: number): number {
  const power = 2 ** Math.floor(Math.log2(bytes));
  return (
    [1, 1.25, 1.5, 1.75, 2].map((factor) => factor * power).find((size) => size >= bytes) ?? bytes
  );
}

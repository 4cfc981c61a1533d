/** The memory of an engine, live, and the ways to take some of it away. */
import { button, make } from "../src/element/dom.ts";
import type { Engine, MemorySnapshot } from "../src/index.ts";
import { MemoryChart, SPAN } from "./memory-chart.ts";
import type { Sample } from "./memory-chart.ts";
import { MemoryLog } from "./memory-log.ts";
import { ModelCase } from "./memory-models.ts";
import { spellBytes } from "./spell-bytes.ts";

/** Milliseconds between two looks; a snapshot asks nobody and costs nothing. */
const INTERVAL = 500;
/** The engine's own thresholds, which are drawn. */
const THRESHOLDS = { warning: 0.75, critical: 0.9 };
/** Under pressure the budget is so much of what is held: beyond the critical threshold. */
const SQUEEZE = 1.03;
/** Bytes of the smallest budget under pressure. */
const LEAST = 32 * 2 ** 20;

export class MemoryPanel {
  readonly element: HTMLElement;
  readonly #chart = new MemoryChart();
  readonly #models: ModelCase;
  readonly #log = new MemoryLog();
  readonly #figures = new Map<string, HTMLElement>();
  readonly #budget = make("input", {
    "aria-label": "Budget",
    placeholder: "256MiB",
    autocomplete: "off",
    spellcheck: "false",
  });
  readonly #squeeze = button("Simulate pressure", () => this.#toggleSqueeze(), {
    "aria-pressed": "false",
  });
  #engine: Engine | undefined;
  #unwatch = new AbortController();
  #samples: Sample[] = [];
  #workers = new Set<string>();
  /** Savings in force. */
  #savings: readonly string[] = [];

  /** @param idleTimeout of the engines that are watched, in milliseconds */
  constructor(idleTimeout: number) {
    this.#models = new ModelCase(idleTimeout);
    const figures = make("dl", { class: "figures" });
    for (const [name, label, swatch] of [
      ["wasm", "Wasm heap", "var(--wasm)"],
      ["used", "GPU used", "var(--gpu)"],
      ["allocated", "GPU allocated", "color-mix(in srgb, var(--gpu) 30%, var(--sheet))"],
      ["budget", "Budget", ""],
      ["level", "Level", ""],
    ] as const) {
      const value = make("dd", { class: name }, ["–"]);
      const term = make("dt", { class: swatch && "key" }, [label]);
      if (swatch) term.style.setProperty("--swatch", swatch);
      this.#figures.set(name, value);
      figures.append(make("div", {}, [term, value]));
    }
    const gauge = make("div", { class: "gauge" }, [
      figures,
      this.#chart.element,
      make("p", { class: "axis-time" }, [
        make("span", {}, ["2 min ago"]),
        make("span", {}, ["now"]),
      ]),
      this.#controls(),
    ]);
    this.element = make("div", { class: "panel" }, [
      gauge,
      this.#log.element,
      this.#models.element,
    ]);
    setInterval(() => this.#look(), INTERVAL);
  }

  /** Watches this engine from now on. */
  watch(engine: Engine): void {
    if (this.#engine === engine) return;
    this.#unwatch.abort();
    this.#unwatch = new AbortController();
    this.#engine = engine;
    this.#squeeze.setAttribute("aria-pressed", "false");
    const { signal } = this.#unwatch;
    const { memory, info } = engine;
    this.#log.add("engine", `${info.models}, ${info.backend}, ${info.threads} threads`);
    memory.addEventListener(
      "level",
      ({ detail }) => this.#note("level", `${detail.previous} → ${detail.level}`),
      { signal },
    );
    memory.addEventListener(
      "step",
      ({ detail }) => {
        const { step, outcome, givenBack, reason, worker } = detail;
        const back = givenBack > 0 ? `, ${spellBytes(givenBack)} back` : "";
        this.#note(step, `${worker} ${outcome}${back}${reason ? `: ${reason}` : ""}`);
      },
      { signal },
    );
    for (const name of ["evicted", "recycled", "respawned"] as const) {
      memory.addEventListener(
        name,
        ({ detail }) => this.#note(name, `${detail.worker}, ${detail.outcome}`),
        { signal },
      );
    }
  }

  #controls(): HTMLElement {
    const act = (work: (engine: Engine) => Promise<void>) => (): void => {
      if (this.#engine) {
        work(this.#engine).catch((error: Error) => this.#log.add("refused", error.message));
      }
    };
    const set = make("form", {}, [
      this.#budget,
      make("button", { type: "submit" }, ["Set budget"]),
    ]);
    set.addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = this.#budget.value.trim();
      act(async ({ memory }) => {
        await memory.setBudget(wanted === "" ? undefined : wanted);
        this.#note("budget", `${spellBytes(memory.snapshot().budget)}: ${memory.snapshot().basis}`);
      })();
    });
    const unload = act(async ({ memory }) => {
      const freed = await memory.evict();
      this.#note("unload", `${spellBytes(freed)} of idle models`);
    });
    const teardown = act(async (engine) => {
      await engine.teardown();
      this.#note("teardown", "everything that no read needs");
    });
    const kill = act(async ({ memory }) => {
      memory.respawn();
      this.#note("kill", "the worker was ended; the next read starts another");
    });
    return make("div", { class: "controls", role: "group", "aria-label": "Take memory away" }, [
      button("Unload models", unload),
      button("Tear down", teardown),
      this.#squeeze,
      button("Kill the worker", kill, { class: "danger" }),
      set,
    ]);
  }

  #toggleSqueeze(): void {
    const { memory } = this.#engine ?? {};
    if (!memory) return;
    const on = this.#squeeze.getAttribute("aria-pressed") !== "true";
    this.#squeeze.setAttribute("aria-pressed", String(on));
    const { gpuAllocated, gpuOverhead, wasmHeap } = memory.snapshot();
    const budget = Math.max(LEAST, Math.round((gpuAllocated + gpuOverhead + wasmHeap) * SQUEEZE));
    this.#note("pressure", on ? `the budget falls to ${spellBytes(budget)}` : "the budget is back");
    void memory.setBudget(on ? budget : undefined);
  }

  #note(name: string, text: string): void {
    this.#chart.mark(performance.now());
    this.#log.add(name, text);
  }

  #look(): void {
    const now = performance.now();
    const snapshot = this.#engine?.memory.snapshot();
    if (!snapshot) return;
    const { wasmHeap, gpuUsed, gpuAllocated, gpuOverhead, budget, level } = snapshot;
    const rest = Math.max(0, gpuAllocated - gpuUsed) + gpuOverhead;
    this.#samples = this.#samples.filter(({ at }) => now - at < SPAN);
    this.#samples.push({ at: now, wasm: wasmHeap, used: gpuUsed, rest });
    this.#chart.show(this.#samples, { budget, ...THRESHOLDS }, now);
    this.#set("wasm", spellBytes(wasmHeap));
    this.#set("used", spellBytes(gpuUsed));
    this.#set("allocated", spellBytes(gpuUsed + rest));
    this.#set("budget", spellBytes(budget));
    this.#set("level", level);
    const badge = this.#figures.get("level");
    if (badge) badge.className = `level ${level}`;
    this.#models.show(snapshot, now);
    this.#seeWorkers(snapshot);
    this.#seeSavings(snapshot);
  }

  #seeWorkers({ workers }: MemorySnapshot): void {
    const alive = new Set(Object.keys(workers));
    for (const id of alive) if (!this.#workers.has(id)) this.#log.add("started", id);
    for (const id of this.#workers) if (!alive.has(id)) this.#log.add("ended", id);
    this.#workers = alive;
  }

  #seeSavings({ actions }: MemorySnapshot): void {
    const before = this.#savings;
    this.#savings = actions;
    for (const name of actions) if (!before.includes(name)) this.#log.add("degraded", name);
    for (const name of before) if (!actions.includes(name)) this.#log.add("restored", name);
  }

  #set(name: string, text: string): void {
    const node = this.#figures.get(name);
    if (node && node.textContent !== text) node.textContent = text;
  }
}

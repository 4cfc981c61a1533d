/** `<glyphpool-reader>`: opens pictures and PDFs, shows them with their text, and is a form control. */
import type { PagesOptions } from "../options/pages.ts";
import type { Engine, EngineOptions } from "../engine/engine.ts";
import { GlyphpoolError } from "../errors.ts";
import type { LevelChange } from "../memory/memory-guard.ts";
import type { DocumentPage, PageMethods } from "../types.ts";
import { Desk } from "./desk.ts";
import { explain } from "./explain.ts";
import type { ReaderEvents, ReaderListeners } from "./events.ts";
import { takeFiles } from "./file-input.ts";
import { readParts } from "./reading.ts";
import type { ReadPage, ReadingProgress } from "./reading.ts";
import { resolveBase } from "../options/base.ts";
import { engineOptions, pagesOptions } from "./reader-options.ts";
import { leaseEngine } from "./shared-engine.ts";
import type { EngineLease } from "./shared-engine.ts";
import { openParts } from "./source.ts";
import type { ReaderSource } from "./source.ts";
import { addStyles } from "./styles.ts";

/** A server that renders pages has no elements; there this is a class that nobody makes an object of. */
const Base: new () => ReaderListeners & HTMLElement = globalThis.HTMLElement ?? Object;

export class GlyphpoolReader extends Base {
  static readonly formAssociated = true;
  static readonly observedAttributes: readonly string[] = ["src", "label"];

  readonly #internals: ElementInternals;
  readonly #desk: Desk;
  #lease: EngineLease | undefined;
  /** Written as JSON: what the present lease was made with. */
  #leased = "";
  #engine: Engine | undefined;
  #reading: AbortController | undefined;
  #source: ReaderSource | null = null;
  /** What was being read when the element was taken out of the page; it is read when it comes back. */
  #interrupted: ReaderSource | null = null;

  constructor() {
    super();
    this.#internals = this.attachInternals();
    this.#internals.role = "group";
    this.#internals.ariaLabel = "Reader";
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    this.#desk = new Desk({
      onFiles: (files) => this.#take(files),
      onCancel: () => this.cancel(),
      encode: async (file, options) => (await this.engine()).encode(file, options),
      workerFolder: () => resolveBase(this.getAttribute("base") ?? undefined).workers,
    });
    takeFiles(this.#desk.element, (files) => this.#take(files));
    addStyles(root);
    root.append(this.#desk.element);
  }

  /** What is read; setting it starts the reading, `null` clears. The attribute `src` is the address of one file. */
  get source(): ReaderSource | null {
    return this.#source;
  }

  set source(source: ReaderSource | null) {
    if (source === null) this.clear();
    // What goes wrong is told by the event.
    else this.open(source).catch(() => undefined);
  }

  /** The text of all pages so far, which is the form's value. */
  get value(): string {
    return this.#desk.pages.map(({ page }) => page.text).join("\n\n");
  }

  /** What was read so far. */
  get pages(): (DocumentPage & PageMethods)[] {
    return this.#desk.pages.map(({ page }) => page);
  }

  /** Whether a reading is under way. */
  get busy(): boolean {
    return this.#reading !== undefined;
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }

  get validity(): ValidityState {
    return this.#internals.validity;
  }

  get validationMessage(): string {
    return this.#internals.validationMessage;
  }

  get willValidate(): boolean {
    return this.#internals.willValidate;
  }

  checkValidity(): boolean {
    return this.#internals.checkValidity();
  }

  reportValidity(): boolean {
    return this.#internals.reportValidity();
  }

  get name(): string {
    return this.getAttribute("name") ?? "";
  }

  set name(name: string) {
    this.setAttribute("name", name);
  }

  /**
   * The engine that this reader uses, made where there is none. Readers with the same options share one.
   *
   * @throws GlyphpoolError as `createEngine`
   */
  async engine(): Promise<Engine> {
    const options = engineOptions(this);
    const wanted = JSON.stringify(options);
    if (!this.#lease || wanted !== this.#leased) this.#useEngine(options, wanted);
    const lease = this.#lease as EngineLease;
    try {
      const engine = await lease.engine;
      if (this.#lease === lease && this.#engine !== engine) this.#listenTo(engine);
      return engine;
    } catch (error) {
      if (this.#lease === lease) this.#lease = undefined;
      throw error;
    }
  }

  /**
   * Reads a document; another one that is being read is given up.
   *
   * @returns the pages, when all are read
   * @throws GlyphpoolError as `engine.pages`; the event `error` tells it, too, but for `ABORTED`
   */
  async open(source: ReaderSource): Promise<(DocumentPage & PageMethods)[]> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#source = source;
    const { signal } = reading;
    this.#desk.start(titleOf(source));
    this.#setValue();
    try {
      const parts = await openParts(source, signal);
      this.#desk.start(parts.map(({ name }) => name).join(", "));
      if (parts[0]) this.#desk.preview(parts[0]);
      const engine = await this.engine();
      const options: PagesOptions = { ...pagesOptions(this), signal };
      await readParts(engine, parts, options, {
        onPage: (read) => this.#onPage(read),
        onUpdate: (read) => this.#desk.update(read),
        onProgress: (progress) => this.#onProgress(progress, signal),
      });
      const { text, failed } = summary(this.pages);
      this.#end(reading, text, failed);
      this.dispatchEvent(new Event("change", { bubbles: true }));
      return this.pages;
    } catch (error) {
      const failure = GlyphpoolError.is(error)
        ? error
        : new GlyphpoolError("INTERNAL", String(error), { cause: error });
      if (failure.code === "ABORTED") {
        this.#end(reading, `Cancelled after ${count(this.pages.length)}.`);
      } else {
        this.#end(reading, explain(failure), true);
        this.#emit("error", failure);
      }
      throw failure;
    }
  }

  /** Gives the reading up; the pages that were read stay. */
  cancel(): void {
    this.#reading?.abort();
  }

  /** Shows nothing any more, and has no value. */
  clear(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    this.#source = null;
    this.#desk.clear();
    this.#setValue();
  }

  connectedCallback(): void {
    this.#setValue();
    const source = this.#interrupted ?? (this.#source === null ? this.getAttribute("src") : null);
    this.#interrupted = null;
    if (source !== null) this.source = source;
  }

  disconnectedCallback(): void {
    // A framework that moves the element puts it back in the same turn.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#interrupted = this.busy ? this.#source : null;
      this.#reading?.abort();
      this.#engine?.memory.removeEventListener("level", this.#onLevel);
      this.#engine = undefined;
      this.#lease?.[Symbol.dispose]();
      this.#lease = undefined;
    });
  }

  attributeChangedCallback(name: string, _old: string | null, value: string | null): void {
    if (name === "label") this.#internals.ariaLabel = value ?? "Reader";
    else if (this.isConnected) this.source = value;
  }

  formResetCallback(): void {
    this.clear();
  }

  formDisabledCallback(disabled: boolean): void {
    this.#desk.element.inert = disabled;
    if (disabled) this.cancel();
  }

  #take(files: File[]): void {
    this.source = files.length === 1 ? (files[0] as File) : files;
  }

  #onPage(read: ReadPage): void {
    this.#desk.add(read);
    this.#setValue();
    this.#emit("page", { page: read.page, index: read.index });
  }

  #onProgress(progress: ReadingProgress, signal: AbortSignal): void {
    // The end of a reading that was given up for another one.
    if (signal.aborted) return;
    this.#desk.progress(progress);
    this.#emit("progress", progress);
  }

  #end(reading: AbortController, text: string, failed = false): void {
    if (this.#reading !== reading) return;
    this.#reading = undefined;
    this.#desk.finish(text, failed);
    this.#setValue();
  }

  #useEngine(options: EngineOptions, wanted: string): void {
    const old = this.#lease;
    this.#lease = leaseEngine(options);
    this.#leased = wanted;
    old?.[Symbol.dispose]();
  }

  #listenTo(engine: Engine): void {
    this.#engine?.memory.removeEventListener("level", this.#onLevel);
    this.#engine = engine;
    engine.memory.addEventListener("level", this.#onLevel);
  }

  readonly #onLevel = ({ detail }: CustomEvent<LevelChange>): void => this.#emit("level", detail);

  #setValue(): void {
    const { value } = this;
    this.#internals.setFormValue(value);
    const missing = this.hasAttribute("required") && value === "";
    // The element itself takes the focus where the form wants one.
    if (missing) this.#internals.setValidity({ valueMissing: true }, "Choose a picture or a PDF.");
    else this.#internals.setValidity({});
  }

  #emit<K extends keyof ReaderEvents>(type: K, detail: ReaderEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function count(pages: number): string {
  return pages === 1 ? "1 page" : `${pages} pages`;
}

/** What came of the pages, in one sentence. */
function summary(pages: readonly DocumentPage[]): { text: string; failed: boolean } {
  const failures = pages.flatMap(({ error }) => (error ? [error] : []));
  const read = pages.length - failures.length;
  const [first] = failures;
  if (!first) return { text: `${count(read)} read.`, failed: false };
  const which = pages.length === 1 ? "" : `${count(failures.length)} could not be read. `;
  const rest = read === 0 ? "" : `${count(read)} read, `;
  return { text: `${rest}${which}${explain(first)}`, failed: true };
}

function titleOf(source: ReaderSource): string {
  return source instanceof File ? source.name : "Opening";
}

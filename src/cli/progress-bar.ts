/** One line of progress on the error stream. Silent where that is not a terminal. */
import type { Progress } from "../types.ts";

const WIDTH = 24;

export class ProgressBar {
  readonly #files: number;
  readonly #visible: boolean;
  #doneFiles = 0;
  #donePages = 0;
  /** Of the document whose pages come now. */
  #document = { done: 0, total: 1 };
  #started = 0;

  constructor(files: number, { quiet, json }: { readonly quiet: boolean; readonly json: boolean }) {
    this.#files = files;
    this.#visible = !quiet && !json && Deno.stderr.isTerminal();
  }

  /** Shows the progress of one file. */
  report(file: string, { stage, done, total, name }: Progress): void {
    if (stage === "download") {
      const of = total === undefined ? "" : ` of ${megabytes(total)}`;
      this.show(`downloading ${name ?? "models"}: ${megabytes(done)}${of} MB`);
    } else if (stage === "page") {
      this.#document = { done, total: Math.max(1, total ?? 1) };
      this.show(`${file}: ${done} of ${total}`);
    } else {
      this.show(`${file}: ${stage}`);
    }
  }

  /** One more page is done. */
  page(): void {
    this.#started ||= performance.now();
    this.#donePages++;
  }

  /** One more file is done, well or not. */
  advance(): void {
    this.#doneFiles++;
    this.#document = { done: 0, total: 1 };
  }

  show(text: string): void {
    const { done, total } = this.#document;
    const part = Math.min(1, (this.#doneFiles + done / total) / this.#files);
    const filled = Math.round(WIDTH * part);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    const files = this.#files > 1 ? ` ${this.#doneFiles}/${this.#files}` : "";
    // Longer than the terminal, it would scroll instead of being overwritten.
    const columns = this.#visible ? Deno.consoleSize().columns : 0;
    const line = `${bar}${files} ${this.#pace()}${text}`;
    this.#write(line.slice(0, Math.max(0, columns - 1)));
  }

  /** Makes room for output. */
  clear(): void {
    this.#write("");
  }

  /** Pages per second from the first page on, and what the process holds. */
  #pace(): string {
    if (this.#donePages < 2) return "";
    const seconds = (performance.now() - this.#started) / 1000;
    const speed = (this.#donePages - 1) / Math.max(seconds, 0.001);
    return `${speed.toFixed(1)} pages/s, ${megabytes(Deno.memoryUsage().rss)} MB · `;
  }

  #write(line: string): void {
    // Back to the first column, and erase what stood there.
    if (this.#visible) Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

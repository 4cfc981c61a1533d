/** One line on the terminal's error stream that says what is going on. Silent when that is no terminal. */
import type { Progress } from "../types.ts";

const WIDTH = 24;

export class ProgressBar {
  readonly #total: number;
  readonly #visible: boolean = Deno.stderr.isTerminal();
  #done = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Shows the progress of one file. */
  report(file: string, { stage, done, total, name }: Progress): void {
    if (stage === "download") {
      const of = total === undefined ? "" : ` of ${megabytes(total)}`;
      this.show(`downloading ${name ?? "models"}: ${megabytes(done)}${of} MB`);
    } else {
      const count = total !== undefined && total > 1 ? ` ${done} of ${total}` : "";
      this.show(`${file}: ${stage}${count}`);
    }
  }

  /** One more file is done, well or not. */
  advance(): void {
    this.#done++;
  }

  show(text: string): void {
    const filled = Math.round((WIDTH * this.#done) / this.#total);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    // Longer than the terminal, it would scroll instead of being overwritten.
    const columns = this.#visible ? Deno.consoleSize().columns : 0;
    this.#write(`${bar} ${this.#done}/${this.#total} ${text}`.slice(0, Math.max(0, columns - 1)));
  }

  /** Makes room for output. */
  clear(): void {
    this.#write("");
  }

  #write(line: string): void {
    // Back to the first column, and erase what stood there.
    if (this.#visible) Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

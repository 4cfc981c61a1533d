/** Errors and warnings on the error stream, for people or for programs. */
import type { ProgressBar } from "./progress-bar.ts";
import type { ConsoleOptions } from "./read-arguments.ts";

/** What is reported: an error of the engine, or a warning about a page. */
export interface Finding {
  readonly code: string;
  readonly message: string;
}

export class Reporter {
  readonly #options: ConsoleOptions;
  readonly #bar: ProgressBar;
  #failed = false;

  constructor(options: ConsoleOptions, bar: ProgressBar) {
    this.#options = options;
    this.#bar = bar;
  }

  /** Whether anything could not be read. */
  get failed(): boolean {
    return this.#failed;
  }

  error(file: string, page: number | undefined, finding: Finding): void {
    this.#failed = true;
    this.#print("error", file, page, finding);
  }

  warning(file: string, page: number | undefined, finding: Finding): void {
    if (!this.#options.quiet) this.#print("warning", file, page, finding);
  }

  #print(
    level: "error" | "warning",
    file: string,
    page: number | undefined,
    { code, message }: Finding,
  ): void {
    this.#bar.clear();
    if (this.#options.json) {
      console.error(JSON.stringify({ level, file, page, code, message }));
      return;
    }
    const place = page === undefined ? file : `${file}, page ${page}`;
    console.error(
      `glyphpool: ${level === "warning" ? "warning: " : ""}${place}: ${code}: ${message}`,
    );
  }
}

/** Writes pages in one of the output formats. */
import type { Page } from "../types.ts";
import { UsageError } from "./usage-error.ts";
import { writeAll } from "./write-all.ts";

export type Format = "text" | "json" | "jsonl";

export function isFormat(value: string): value is Format {
  return value === "text" || value === "json" || value === "jsonl";
}

export interface PagePrinter extends Disposable {
  print(file: string, page: Page): void;
  /** Writes what closes the document. */
  finish(): void;
}

/** One page as JSON; fields are only ever added. */
interface PageRecord {
  file: string;
  page: number;
  width: number;
  height: number;
  text: string;
  lines: { text: string; confidence: number; polygon: Page["lines"][number]["polygon"] }[];
  timings: Page["timings"];
}

/**
 * @param output a file; absent: the standard output
 * @throws UsageError when the file cannot be written
 * @param files how many files there are: with more than one, text gets a heading for each
 */
export function openPrinter(
  format: Format,
  output: string | undefined,
  files: number,
): PagePrinter {
  const file = output === undefined ? undefined : create(output);
  const write = (text: string): void => writeAll(file ?? Deno.stdout, text);
  let printed = 0;
  const print = (name: string, page: Page): void => {
    const first = printed++ === 0;
    if (format === "jsonl") return write(`${JSON.stringify(toRecord(name, page))}\n`);
    if (format === "json") {
      return write(`${first ? "[" : ","}\n${JSON.stringify(toRecord(name, page), null, 2)}`);
    }
    const heading = files > 1 ? `${first ? "" : "\n"}==> ${name} <==\n` : "";
    write(page.text === "" ? heading : `${heading}${page.text}\n`);
  };
  return {
    print,
    finish: () => {
      if (format === "json") write(printed === 0 ? "[]\n" : "\n]\n");
    },
    [Symbol.dispose]: () => file?.close(),
  };
}

function create(output: string): Deno.FsFile {
  try {
    return Deno.openSync(output, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new UsageError(`--output ${output} cannot be written: ${(error as Error).message}`);
  }
}

function toRecord(file: string, page: Page): PageRecord {
  const { width, height, text, timings } = page;
  const lines = page.lines.map(({ text: line, confidence, polygon }) => ({
    text: line,
    confidence,
    polygon,
  }));
  return { file, page: 1, width, height, text, lines, timings };
}

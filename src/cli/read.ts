/** `glyphpool read`: files in, text out, in the order in which the files were named. */
import { parseArgs } from "node:util";
import { settingsFromEnvironment } from "../config.ts";
import { createEngine } from "../engine.ts";
import type { Engine, EngineOptions } from "../engine.ts";
import { GlyphpoolError } from "../errors.ts";
import type { Page } from "../types.ts";
import { isFormat, openPrinter } from "./page-printer.ts";
import type { Format } from "./page-printer.ts";
import { ProgressBar } from "./progress-bar.ts";
import { UsageError } from "./usage-error.ts";

export const READ_HELP = `  glyphpool read FILE… [options]

  --format text|json|jsonl   What to print; default text
  --output FILE              Print to a file instead of the standard output
  --models PRESET|FOLDER     Models to read with; default embedded
  --language LANGUAGE        Language of the text, such as en or ko
  --min-confidence NUMBER    Leave out lines read with less, 0 to 1; default 0.5
  --backend auto|webgpu|wasm Where to compute; default auto
  --threads NUMBER           Threads per worker, where the platform has them
  --workers NUMBER           Files to read at the same time`;

interface ReadCommand {
  readonly files: readonly string[];
  readonly format: Format;
  readonly output: string | undefined;
  readonly engine: EngineOptions;
}

/** The outcome of one file; failures are values, so that the other files go on. */
type Outcome = { readonly page: Page } | { readonly error: GlyphpoolError };

/**
 * Runs the command.
 *
 * @returns the exit code
 * @throws UsageError, GlyphpoolError when not even an engine could be had
 */
export async function runReadCommand(args: readonly string[]): Promise<number> {
  const { files, format, output, engine: options } = parseReadCommand(args);
  using printer = openPrinter(format, output, files.length);
  const bar = new ProgressBar(files.length);
  const onInterrupt = (): void => {
    bar.clear();
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    bar.show("starting");
    quietDrivers();
    // Never closed: the end of the process takes the workers with it, and faster.
    const engine = await createEngine(options);
    const outcomes = files.map((file) => readFile(engine, file, bar));
    let failed = false;
    for (const [index, file] of files.entries()) {
      const outcome = (await outcomes[index]) as Outcome;
      bar.clear();
      if ("page" in outcome) {
        printer.print(file, outcome.page);
      } else {
        failed = true;
        console.error(`glyphpool: ${file}: ${outcome.error.code}: ${outcome.error.message}`);
      }
    }
    printer.finish();
    return failed ? 1 : 0;
  } finally {
    bar.clear();
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

/** Linux drivers look for a display and complain on stderr where the folder of its socket has no name. */
function quietDrivers(): void {
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) {
    Deno.env.set("XDG_RUNTIME_DIR", "/nonexistent");
  }
}

async function readFile(engine: Engine, file: string, bar: ProgressBar): Promise<Outcome> {
  try {
    return {
      page: await engine.read(file, { onProgress: (progress) => bar.report(file, progress) }),
    };
  } catch (error) {
    if (!GlyphpoolError.is(error)) throw error;
    return { error };
  } finally {
    bar.advance();
  }
}

function parseReadCommand(args: readonly string[]): ReadCommand {
  const { values, positionals } = parse(args);
  const { format = "text", output, models, language, backend, threads, workers } = values;
  const least = values["min-confidence"];
  if (positionals.length === 0) throw new UsageError("name at least one file to read");
  if (!isFormat(format)) throw new UsageError(`--format is ${format}; allowed: text, json, jsonl`);
  const environment = settingsFromEnvironment((name) => Deno.env.get(name));
  return {
    files: positionals,
    format,
    output,
    engine: {
      ...environment,
      ...(models === undefined ? {} : { models }),
      ...(language === undefined ? {} : { language }),
      // The engine checks the values, so that options and environment get the same messages.
      ...(backend === undefined ? {} : { backend: backend as "auto" }),
      ...(least === undefined ? {} : { minConfidence: toNumber(least) }),
      ...(threads === undefined ? {} : { threads: toNumber(threads) }),
      ...(workers === undefined ? {} : { workers: toNumber(workers) }),
    },
  };
}

/** No text is no number, whatever `Number` says. */
function toNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<typeof ARGUMENTS>> {
  try {
    return parseArgs({ ...ARGUMENTS, args: [...args] });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const ARGUMENTS = {
  allowPositionals: true,
  options: {
    format: { type: "string" },
    output: { type: "string", short: "o" },
    models: { type: "string" },
    language: { type: "string" },
    "min-confidence": { type: "string" },
    backend: { type: "string" },
    threads: { type: "string" },
    workers: { type: "string" },
  },
} as const;

/** The command line of `glyphpool read`. */
import { settingsFromEnvironment } from "../options/engine.ts";
import { resolvePagesOptions } from "../options/pages.ts";
import type { PagesOptions } from "../options/pages.ts";
import type { ImageLimits } from "../types.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { parseCommandLine } from "./command-line.ts";
import type { OptionSpecs } from "./command-line.ts";
import { findInputs } from "./inputs.ts";
import type { CommandInput } from "./inputs.ts";
import { FORMATS, formatOf, isFormat } from "./page-sink.ts";
import type { SinkOptions } from "./page-sink.ts";
import { UsageError } from "./usage-error.ts";

export const READ_HELP: string = `  glyphpool read FILE… [options]

  FILE can be an image, a PDF, a URL, a folder with --recursive, or - for the standard input.

  --format ${FORMATS.join("|")}
                             What to write; default: by the ending of --output, else text
  --output FILE|FOLDER       Write to a file, or to one file per document in a folder; FOLDER/ makes it
  --recursive, -r            Read the images and PDFs in folders
  --layout                   Text keeps its columns and indents
  --structure                Find headings, paragraphs, lists, tables and figures; on for md, html and csv
  --formulas                 Read formulas as LaTeX, where the models can; implies --structure
  --structure-models PRESET|FOLDER  Models for the structure, such as structure-small; default: none are needed
  --pages RANGE              Pages of each document, such as 1-5,8,r2-r1; r1 is the last
  --text auto|layer|ocr      Of a PDF: take its own text where it is good, always, or never; default auto
  --no-pictures              Of a PDF: leave the pictures beside its text unread
  --order layout|rows|source Columns one after the other, row by row, or as a PDF draws its text; default layout
  --dpi NUMBER               Pixels per inch at which PDF pages are read; default 200
  --password PASSWORD        Of encrypted PDFs
  --models PRESET|FOLDER     Models to read with; default embedded
  --language LANGUAGE        Language of the text, such as en or ko
  --alphabet SCRIPT|CHARS    What may be read, such as Latin or 0-9.,
  --min-confidence NUMBER    Leave out lines read with less, 0 to 1; default 0.5
  --max-pixels NUMBER        Largest width × height of an image; default 100000000
  --max-side NUMBER          Largest width or height of an image; default 20000
  --max-bytes NUMBER         Largest file of an image; default 134217728
  --backend auto|webgpu|wasm Where to compute; default auto
  --threads NUMBER           Threads per worker, where the platform has them
  --jobs NUMBER              Pages to read at the same time
  --quiet, -q                No progress and no warnings; errors only
  --json-errors              Errors and warnings as lines of JSON on the error stream`;

/** What the error stream shows. */
export interface ConsoleOptions {
  readonly quiet: boolean;
  /** One JSON object per line: `{ level, file, page, code, message }`. */
  readonly json: boolean;
}

export interface ReadCommand {
  readonly inputs: readonly CommandInput[];
  readonly console: ConsoleOptions;
  readonly sink: SinkOptions;
  readonly pages: PagesOptions;
  readonly engine: EngineOptions;
}

/** @throws UsageError, GlyphpoolError `INVALID_OPTION` */
export function parseReadCommand(args: readonly string[]): ReadCommand {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  const { output, models, language, alphabet, backend, threads } = values;
  const { pages: range, text, dpi, password, layout = false, formulas = false } = values;
  const format = values.format ?? (output === undefined ? "text" : (formatOf(output) ?? "text"));
  const structure = (values.structure ?? STRUCTURED.has(format)) || formulas;
  const jobs = values.jobs ?? values.workers;
  const least = values["min-confidence"];
  const structureModels = values["structure-models"];
  const environment = settingsFromEnvironment((name) => Deno.env.get(name));
  const limits = {
    ...environment.limits,
    ...limit("maxPixels", values["max-pixels"]),
    ...limit("maxSide", values["max-side"]),
    ...limit("maxBytes", values["max-bytes"]),
  };
  if (positionals.length === 0) throw new UsageError("name at least one file to read");
  if (!isFormat(format)) {
    throw new UsageError(`--format is ${format}; allowed: ${FORMATS.join(", ")}`);
  }
  if (layout && format !== "text") throw new UsageError("--layout is for --format text");
  // The engine checks the values, so that options and environment get the same messages.
  const pages: PagesOptions = {
    ...(range === undefined ? {} : { pages: range }),
    ...(text === undefined ? {} : { text: text as "auto" }),
    ...(values.order === undefined ? {} : { order: values.order as "layout" }),
    ...(values["no-pictures"] ? { pictures: false } : {}),
    ...(dpi === undefined ? {} : { dpi: toNumber(dpi) }),
    ...(password === undefined ? {} : { password }),
    ...(structure ? { layout: true, tables: true, formulas } : {}),
  };
  resolvePagesOptions(pages);
  const inputs = findInputs(positionals, values.recursive === true);
  return {
    inputs,
    console: { quiet: values.quiet === true, json: values["json-errors"] === true },
    sink: { format, output, documents: inputs.length, layout, language, password },
    pages,
    engine: {
      ...environment,
      limits,
      ...(models === undefined ? {} : { models }),
      ...(structureModels === undefined ? {} : { structure: structureModels }),
      ...(language === undefined ? {} : { language }),
      ...(alphabet === undefined ? {} : { alphabet }),
      ...(backend === undefined ? {} : { backend: backend as "auto" }),
      ...(least === undefined ? {} : { minConfidence: toNumber(least) }),
      ...(threads === undefined ? {} : { threads: toNumber(threads) }),
      ...(jobs === undefined ? {} : { workers: toNumber(jobs) }),
    },
  };
}

/** Formats that are little worth without the structure. */
const STRUCTURED: ReadonlySet<string> = new Set(["md", "html", "csv"]);

function limit(name: keyof ImageLimits, text: string | undefined): Partial<ImageLimits> {
  return text === undefined ? {} : { [name]: toNumber(text) };
}

/** Empty text is not a number, whatever `Number` says. */
function toNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

const OPTIONS = {
  format: { type: "string" },
  output: { type: "string", short: "o" },
  layout: { type: "boolean" },
  structure: { type: "boolean" },
  formulas: { type: "boolean" },
  "structure-models": { type: "string" },
  pages: { type: "string" },
  text: { type: "string" },
  "no-pictures": { type: "boolean" },
  order: { type: "string" },
  dpi: { type: "string" },
  password: { type: "string" },
  models: { type: "string" },
  language: { type: "string" },
  alphabet: { type: "string" },
  "min-confidence": { type: "string" },
  "max-pixels": { type: "string" },
  "max-side": { type: "string" },
  "max-bytes": { type: "string" },
  backend: { type: "string" },
  threads: { type: "string" },
  jobs: { type: "string" },
  // What --jobs was called at first.
  workers: { type: "string" },
  recursive: { type: "boolean", short: "r" },
  quiet: { type: "boolean", short: "q" },
  "json-errors": { type: "boolean" },
} as const satisfies OptionSpecs;

/** Every option of `glyphpool read`. */
export const READ_OPTIONS: OptionSpecs = OPTIONS;

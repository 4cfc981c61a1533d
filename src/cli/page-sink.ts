/** Where the pages of a run go: one stream for all documents, or a file for each. */
import { basename, dirname, join } from "node:path";
import { createWriter, TEXT_FORMATS } from "../output/formats.ts";
import type { TextFormat } from "../output/formats.ts";
import type { DocumentWriter, WriterInfo } from "../output/writer.ts";
import { TableStream, tableCsv } from "../output/csv.ts";
import type { DocumentPage, Table } from "../types.ts";
import type { PictureOf } from "../output/pdf/picture-background.ts";
import { type CommandInput, isFolder } from "./inputs.ts";
import { openPdfSink, type PageSink } from "./pdf-sink.ts";
import { UsageError } from "./usage-error.ts";
import { writeAll } from "./write-all.ts";

export type Format = TextFormat | "pdf";

export const FORMATS: readonly Format[] = [...TEXT_FORMATS, "pdf"];

export function isFormat(value: string): value is Format {
  return (FORMATS as readonly string[]).includes(value);
}

export interface SinkOptions {
  readonly format: Format;
  /** A file, or a folder; absent: the standard output. */
  readonly output: string | undefined;
  /** How many documents will come. */
  readonly documents: number;
  /** Text keeps its columns. */
  readonly layout: boolean;
  readonly language: string | undefined;
  /** Of encrypted PDFs. */
  readonly password: string | undefined;
}

export interface Sinks {
  /** The place for one document's pages. Documents come one after the other. */
  open(input: CommandInput, pictureOf: PictureOf): Promise<PageSink>;
  /** Writes what closes the whole output. */
  end(): void;
}

/** Formats in which several documents can stand one after the other. */
const JOINED: ReadonlySet<Format> = new Set(["text", "json", "jsonl", "md"]);

const EXTENSIONS: Readonly<Record<Format, string>> = {
  text: "txt",
  json: "json",
  jsonl: "jsonl",
  md: "md",
  html: "html",
  hocr: "hocr",
  alto: "xml",
  tsv: "tsv",
  csv: "csv",
  pdf: "pdf",
};

/** The format that a file's name asks for. */
export function formatOf(path: string): Format | undefined {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  const alias = ENDINGS[ending];
  return alias ?? FORMATS.find((format) => EXTENSIONS[format] === ending);
}

/** Endings beside those that we write ourselves. */
const ENDINGS: Readonly<Record<string, Format>> = {
  markdown: "md",
  htm: "html",
  ndjson: "jsonl",
  alto: "alto",
};

/** @throws UsageError when the output cannot be written, or cannot hold what was asked for */
export function openSinks(options: SinkOptions): Sinks {
  const { format, output, documents } = options;
  if (output !== undefined && (/[/\\]$/.test(output) || isFolder(output))) {
    makeFolder(output);
    return folderSinks(options, output);
  }
  if (documents > 1 && !JOINED.has(format)) {
    throw new UsageError(`${format} holds one document: name a folder, such as --output results/`);
  }
  if (output !== undefined) makeFolder(dirname(output));
  if (format === "pdf") return pdfSinks(options);
  return streamSinks(options, format);
}

/** A file for each document, named after it. */
function folderSinks(options: SinkOptions, folder: string): Sinks {
  const { format } = options;
  const taken = new Set<string>();
  return {
    open: async (input, pictureOf) => {
      const file = input.name;
      const stem = basename(file).replace(/\.[^.]*$/, "") || "document";
      let name = stem;
      for (let n = 2; taken.has(name); n++) name = `${stem}-${n}`;
      taken.add(name);
      const path = join(folder, `${name}.${EXTENSIONS[format]}`);
      if (format === "pdf") return openPdfSink(input, path, options, pictureOf);
      if (format === "csv") return openTableSink(join(folder, name));
      const writer = createWriter(
        format,
        infoOf(options, () => file),
      );
      // The file is made with the first page that was read: a document that failed leaves none.
      let target: Deno.FsFile | undefined;
      const failed: DocumentPage[] = [];
      return {
        add: async (page) => {
          if (!target && page.error) {
            failed.push(page);
            return;
          }
          if (!target) {
            target = create(path);
            writeAll(target, writer.head());
            for (const before of failed) writeAll(target, writer.page(before));
          }
          writeAll(target, writer.page(page));
        },
        end: async () => {
          if (!target) return;
          writeAll(target, writer.tail());
          target.close();
        },
      };
    },
    end: () => undefined,
  };
}

/** A file for each table, numbered from 1; none for a document without tables. */
function openTableSink(path: string): PageSink {
  const tables = new TableStream();
  let count = 0;
  const write = (found: readonly Table[]): void => {
    for (const table of found) {
      const target = create(`${path}-${++count}.csv`);
      writeAll(target, tableCsv(table));
      target.close();
    }
  };
  return { add: async (page) => write(tables.page(page)), end: async () => write(tables.end()) };
}

function pdfSinks(options: SinkOptions): Sinks {
  const { output } = options;
  if (output === undefined) throw new UsageError("--format pdf needs --output FILE");
  return {
    open: async (input, pictureOf) => openPdfSink(input, output, options, pictureOf),
    end: () => undefined,
  };
}

/** One stream for all documents. */
function streamSinks(options: SinkOptions, format: TextFormat): Sinks {
  const { output, documents } = options;
  const target = output === undefined ? Deno.stdout : create(output);
  let current = "";
  const writer: DocumentWriter = createWriter(
    format,
    infoOf(options, () => current),
  );
  const headings = format === "text" && documents > 1;
  let opened = 0;
  writeAll(target, writer.head());
  return {
    open: async ({ name: file }) => {
      current = file;
      if (headings) writeAll(target, `${opened++ > 0 ? "\n" : ""}==> ${file} <==\n`);
      return { add: async (page) => writeAll(target, writer.page(page)), end: async () => {} };
    },
    end: () => {
      writeAll(target, writer.tail());
      if (target !== Deno.stdout) (target as Deno.FsFile).close();
    },
  };
}

function infoOf({ layout, language, format }: SinkOptions, source: () => string): WriterInfo {
  return {
    get source() {
      return source();
    },
    ...(language === undefined ? {} : { language }),
    ...(format === "text" ? { layout } : {}),
  };
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`the folder ${path} cannot be made: ${(error as Error).message}`);
  }
}

function create(output: string): Deno.FsFile {
  try {
    return Deno.openSync(output, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new UsageError(`--output ${output} cannot be written: ${(error as Error).message}`);
  }
}

/** Results in the format that is asked for, made from the stored pages. */
import { RESULT_FORMATS } from "../../client/wire.ts";
import type { ResultFormat } from "../../client/wire.ts";
import type { Engine } from "../../engine/engine.ts";
import { createWriter } from "../../output/formats.ts";
import type { TextFormat } from "../../output/formats.ts";
import type { WriterInfo } from "../../output/writer.ts";
import type { DocumentPage } from "../../types.ts";
import { byteStream } from "../http/byte-stream.ts";
import { HttpProblem } from "../http/problem.ts";
import { toStoredPage } from "../tasks/stored-page.ts";
import type { PdfWriter } from "./pdf-writer.ts";
import type { TaskOptions } from "../store/task-store.ts";

export interface ResultSource {
  /** The input, which a searchable PDF shows. */
  readonly path: string;
  readonly name: string | undefined;
  readonly options: TaskOptions;
  readonly pages: AsyncIterable<DocumentPage>;
  /** Encodes the pictures of files that no PDF holds, such as TIFF. */
  readonly engine: Pick<Engine, "encode">;
  readonly pdfs: PdfWriter;
  /** Fires when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

const TYPES: Readonly<Record<ResultFormat, string>> = {
  json: "application/json",
  jsonl: "application/x-ndjson",
  text: "text/plain; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  html: "text/html; charset=utf-8",
  hocr: "application/xhtml+xml; charset=utf-8",
  alto: "application/xml; charset=utf-8",
  tsv: "text/tab-separated-values; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  pdf: "application/pdf",
};

/** @throws HttpProblem 400 */
export function checkFormat(value: string | undefined): ResultFormat {
  const format = RESULT_FORMATS.find((known) => known === (value ?? "json"));
  if (format) return format;
  const detail = `format is ${JSON.stringify(value)}; allowed: ${RESULT_FORMATS.join(", ")}.`;
  throw new HttpProblem(400, "INVALID_OPTION", detail);
}

/**
 * The answer with the result; text formats are written while they are sent. `close` is called when nothing of the
 * source is needed any more.
 *
 * @throws HttpProblem, GlyphpoolError where a searchable PDF cannot be made
 */
export async function resultResponse(
  format: ResultFormat,
  source: ResultSource,
  close: () => Promise<void>,
): Promise<Response> {
  const headers = {
    "Content-Type": TYPES[format],
    // Text from strangers' files is never a page of ours.
    "Content-Disposition": "attachment",
  };
  if (format !== "pdf") {
    return new Response(byteStream(closing(writeText(format, source), close)), { headers });
  }
  try {
    return new Response(await writePdf(source), { headers });
  } finally {
    await close();
  }
}

async function* closing(
  texts: AsyncIterable<string>,
  close: () => Promise<void>,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const text of texts) if (text !== "") yield text;
  } finally {
    await close();
  }
}

async function* writeText(
  format: TextFormat,
  { name, options, pages }: ResultSource,
): AsyncGenerator<string, void, undefined> {
  const { language } = options;
  const info: WriterInfo = {
    ...(name === undefined ? {} : { source: name }),
    ...(typeof language === "string" ? { language } : {}),
  };
  const writer = createWriter(format, info);
  yield writer.head();
  for await (const page of pages) yield writer.page(page);
  yield writer.tail();
}

async function writePdf(source: ResultSource): Promise<Uint8Array<ArrayBuffer>> {
  const { path, name, options, pages, engine, pdfs, signal } = source;
  const { language, password } = options;
  return await pdfs.write({
    path,
    name,
    language: typeof language === "string" ? language : undefined,
    password: typeof password === "string" ? password : undefined,
    pages: stored(pages),
    pictureOf: (page) => engine.encode(path, { page, signal }),
    signal,
  });
}

async function* stored(
  pages: AsyncIterable<DocumentPage>,
): AsyncGenerator<string, void, undefined> {
  for await (const page of pages) yield toStoredPage(page);
}

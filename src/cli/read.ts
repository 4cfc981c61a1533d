/** `glyphpool read`: files in, text out, in the order in which the files were named. */
import { createEngine } from "../engine/engine.ts";
import type { Engine } from "../engine/engine.ts";
import { GlyphpoolError } from "../errors.ts";
import type { DocumentPage } from "../types.ts";
import { openSinks } from "./page-sink.ts";
import type { PageSink } from "./pdf-sink.ts";
import { ProgressBar } from "./progress-bar.ts";
import { parseReadCommand } from "./read-arguments.ts";
import type { ReadCommand } from "./read-arguments.ts";

/** Exit codes besides 0. */
const FAILED = 1;
const INTERRUPTED = 130;

/** A document whose first page is being read already. */
interface Begun {
  readonly file: string;
  readonly pages: AsyncGenerator<DocumentPage, void, undefined>;
  readonly first: Promise<IteratorResult<DocumentPage, void>>;
}

/**
 * Runs the command. An interruption leaves every finished page in the output, which is closed as if they were all;
 * a second one ends at once.
 *
 * @returns the exit code
 * @throws UsageError, GlyphpoolError when not even an engine could be had
 */
export async function runReadCommand(args: readonly string[]): Promise<number> {
  const command = parseReadCommand(args);
  const sinks = openSinks(command.sink);
  const bar = new ProgressBar(command.files.length);
  const stop = new AbortController();
  const onInterrupt = (): void => {
    bar.clear();
    if (stop.signal.aborted) Deno.exit(INTERRUPTED);
    stop.abort();
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    bar.show("starting");
    quietDrivers();
    // Never closed: the end of the process takes the workers with it, and faster.
    const engine = await createEngine(command.engine);
    let failed = false;
    for await (const document of begin(engine, command, bar, stop.signal)) {
      const { file } = document;
      const sink = await sinks.open(file, (page) => engine.encode(file, { page }));
      try {
        failed = !(await print(document, sink, bar, stop.signal)) || failed;
      } finally {
        bar.clear();
        await sink.end();
      }
      if (stop.signal.aborted) break;
      bar.advance();
    }
    bar.clear();
    sinks.end();
    return stop.signal.aborted ? INTERRUPTED : failed ? FAILED : 0;
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

/** The documents in order. While one is read the next ones are begun, as many as there are workers. */
async function* begin(
  engine: Engine,
  { files, pages: options }: ReadCommand,
  bar: ProgressBar,
  signal: AbortSignal,
): AsyncGenerator<Begun, void, undefined> {
  const begun: Begun[] = [];
  let next = 0;
  for (;;) {
    while (begun.length < engine.info.workers && next < files.length) {
      const file = files[next++] as string;
      const pages = engine.pages(file, {
        ...options,
        signal,
        onProgress: (progress) => bar.report(file, progress),
      });
      const first = pages.next();
      // Its turn comes later.
      first.catch(() => undefined);
      begun.push({ file, pages, first });
    }
    const document = begun.shift();
    if (!document) return;
    yield document;
  }
}

/** @returns whether all went well */
async function print(
  { file, pages, first }: Begun,
  sink: PageSink,
  bar: ProgressBar,
  signal: AbortSignal,
): Promise<boolean> {
  let well = true;
  const complain = ({ code, message }: GlyphpoolError, page?: number): void => {
    bar.clear();
    well = false;
    console.error(
      `glyphpool: ${file}${page === undefined ? "" : `, page ${page}`}: ${code}: ${message}`,
    );
  };
  try {
    for (let step = await first; !step.done; step = await pages.next()) {
      const page = step.value;
      bar.page();
      if (page.error) complain(page.error, page.number);
      bar.clear();
      for (const { code, message } of page.warnings ?? []) {
        console.error(`glyphpool: warning: ${file}, page ${page.number}: ${code}: ${message}`);
      }
      await sink.add(page);
    }
  } catch (error) {
    if (!GlyphpoolError.is(error)) throw error;
    if (!signal.aborted) complain(error);
  }
  return well;
}

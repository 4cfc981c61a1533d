/** `glyphpool read`: files in, text out, in the order in which the files were named. */
import { createEngine } from "../engine/create-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { GlyphpoolError } from "../errors.ts";
import type { DocumentPage } from "../types.ts";
import type { CommandInput } from "./inputs.ts";
import { openSinks } from "./page-sink.ts";
import type { PageSink } from "./pdf-sink.ts";
import { ProgressBar } from "./progress-bar.ts";
import { quietDrivers } from "../pool/quiet-drivers.ts";
import { parseReadCommand } from "./read-arguments.ts";
import type { ReadCommand } from "./read-arguments.ts";
import { Reporter } from "./reporter.ts";

/** Exit codes besides 0. */
const FAILED = 1;
const INTERRUPTED = 130;

/** A document whose first page is being read already. */
interface Begun {
  readonly input: CommandInput;
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
  const bar = new ProgressBar(command.inputs.length, command.console);
  const reporter = new Reporter(command.console, bar);
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
    for await (const document of begin(engine, command, bar, stop.signal)) {
      const { input } = document;
      const sink = await sinks.open(input, async (page) =>
        engine.encode(await input.open(), { page }),
      );
      try {
        await print(document, sink, bar, reporter, stop.signal);
      } finally {
        bar.clear();
        await sink.end();
        for (const note of sink.notes ?? []) reporter.warning(input.name, undefined, note);
      }
      if (stop.signal.aborted) break;
      bar.advance();
    }
    bar.clear();
    sinks.end();
    return stop.signal.aborted ? INTERRUPTED : reporter.failed ? FAILED : 0;
  } finally {
    bar.clear();
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

/** The documents in order. While one is read the next ones are begun, as many as there are workers. */
async function* begin(
  engine: Engine,
  { inputs, pages: options }: ReadCommand,
  bar: ProgressBar,
  signal: AbortSignal,
): AsyncGenerator<Begun, void, undefined> {
  const begun: Begun[] = [];
  let next = 0;
  for (;;) {
    while (begun.length < engine.info.workers && next < inputs.length) {
      const input = inputs[next++] as CommandInput;
      const pages = engine.pages(await input.open(), {
        ...options,
        signal,
        onProgress: (progress) => bar.report(input.name, progress),
      });
      const first = pages.next();
      // Its turn comes later.
      first.catch(() => undefined);
      begun.push({ input, pages, first });
    }
    const document = begun.shift();
    if (!document) return;
    yield document;
  }
}

async function print(
  { input: { name }, pages, first }: Begun,
  sink: PageSink,
  bar: ProgressBar,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let step = await first; !step.done; step = await pages.next()) {
      const page = step.value;
      bar.page();
      if (page.error) reporter.error(name, page.number, page.error);
      for (const warning of page.warnings ?? []) reporter.warning(name, page.number, warning);
      bar.clear();
      await sink.add(page);
    }
  } catch (error) {
    if (!GlyphpoolError.is(error)) throw error;
    if (!signal.aborted) reporter.error(name, undefined, error);
  }
}

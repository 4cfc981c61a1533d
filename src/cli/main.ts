#!/usr/bin/env -S deno run --allow-read --allow-write --allow-env --allow-net --allow-run --allow-ffi
/** The command line. Exit codes: 0 all done, 1 something failed, 2 wrong usage, 130 interrupted. */
import { GlyphpoolError } from "../errors.ts";
import { runModelsCommand } from "./models.ts";
import { runReadCommand } from "./read.ts";
import { READ_HELP } from "./read-arguments.ts";
import { UsageError } from "./usage-error.ts";
import { writeAll } from "./write-all.ts";

const HELP = `Reads text from images and PDFs.

${READ_HELP}

Model management:
  glyphpool models …         See: glyphpool models --help

  --help                     Show this text
  --version                  Show the version

Settings can also come from the environment: GLYPHPOOL_BACKEND, GLYPHPOOL_LANGUAGE, GLYPHPOOL_WORKERS,
GLYPHPOOL_DEADLINE (milliseconds per page), GLYPHPOOL_CACHE (a folder for models) and others: see the
README. Options win.
`;

/** Errors that are about the command line rather than about the files. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  "INVALID_OPTION",
  "UNKNOWN_PRESET",
  "UNSUPPORTED_LANGUAGE",
]);

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "read":
      if (rest.includes("--help") || rest.includes("-h")) return print(HELP);
      return await runReadCommand(rest);
    case "models":
      return await runModels(rest);
    case "--help":
    case "-h":
      return print(HELP);
    case "--version":
    case "-V":
      return print(`${await readVersion()}\n`);
    case undefined:
      throw new UsageError("say what to do: read or models");
    default:
      throw new UsageError(`there is no command ${command}`);
  }
}

async function runModels(args: string[]): Promise<number> {
  // An interrupted download is kept, so that the next one goes on from there.
  const abort = new AbortController();
  const onInterrupt = (): void => abort.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    const code = await runModelsCommand(args, {
      stdout: (text) => writeAll(Deno.stdout, text),
      stderr: (text) => writeAll(Deno.stderr, text),
      interactive: Deno.stderr.isTerminal(),
      signal: abort.signal,
    });
    return abort.signal.aborted ? 130 : code;
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

function print(text: string): number {
  writeAll(Deno.stdout, text);
  return 0;
}

async function readVersion(): Promise<string> {
  // The build puts src/ into dist/, one level further from package.json.
  const up = import.meta.url.endsWith(".ts") ? "../.." : "../../..";
  const manifest = await Deno.readTextFile(new URL(`${up}/package.json`, import.meta.url));
  return (JSON.parse(manifest) as { version: string }).version;
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`glyphpool: ${error.message}\nTry: glyphpool --help`);
    return 2;
  }
  // Whoever read the output has had enough: `glyphpool read … | head`.
  if (error instanceof Deno.errors.BrokenPipe) return 0;
  if (!GlyphpoolError.is(error)) {
    console.error(error);
    return 1;
  }
  console.error(`glyphpool: ${error.code}: ${error.message}`);
  return USAGE_CODES.has(error.code) ? 2 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch(report));

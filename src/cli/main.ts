#!/usr/bin/env -S deno run --allow-read --allow-write --allow-env --allow-net --allow-run --allow-ffi
/** The command line. Exit codes: 0 all done, 1 something failed, 2 wrong usage, 130 interrupted. */
import { GlyphpoolError } from "../errors.ts";
import { closest } from "../core/closest.ts";
import { completions } from "./completions.ts";
import { DOCTOR_HELP, DOCTOR_OPTIONS, runDoctorCommand } from "./doctor.ts";
import { MODELS_HELP, runModelsCommand } from "./models.ts";
import { runReadCommand } from "./read.ts";
import { READ_HELP, READ_OPTIONS } from "./read-arguments.ts";
import { UsageError } from "./usage-error.ts";
import { writeAll } from "./write-all.ts";

const COMMANDS: Readonly<Record<string, { readonly about: string; readonly help: string }>> = {
  read: { about: "Read text from images and PDFs", help: READ_HELP },
  models: { about: "List, download and remove models", help: MODELS_HELP },
  doctor: { about: "Show what this machine offers, for bug reports", help: DOCTOR_HELP },
  completions: {
    about: "Print a script for tab completion",
    help: "  glyphpool completions bash|zsh|fish",
  },
};

const TOPICS: Readonly<Record<string, string>> = {
  environment: `Settings can come from the environment; options on the command line win.

  GLYPHPOOL_BACKEND, _RUNTIME, _LANGUAGE, _MIN_CONFIDENCE, _ORIENTATION, _WORKERS, _THREADS, _CACHE,
  _DEADLINE and _START_DEADLINE (milliseconds), and the memory settings in docs/memory.md.
`,
  "exit-codes": `  0    everything was read
  1    something could not be read; the rest was
  2    usage error
  130  interrupted; finished pages are in the output
`,
};

const names = Object.keys(COMMANDS);

const HELP = `Reads text and structure from images and PDFs.

${names.map((name) => `  glyphpool ${name.padEnd(12)} ${COMMANDS[name]?.about}`).join("\n")}
  glyphpool help TOPIC   ${[...names, ...Object.keys(TOPICS)].join(", ")}

  --help, -h             Show this text
  --version, -V          Show the version

${READ_HELP}
`;

/** Errors that are about the command line rather than about the files. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  "INVALID_OPTION",
  "UNKNOWN_PRESET",
  "UNSUPPORTED_LANGUAGE",
]);

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined) throw new UsageError(`name a command: ${names.join(", ")}`);
  if (command === "--help" || command === "-h") return print(HELP);
  if (command === "--version" || command === "-V") return print(`${await readVersion()}\n`);
  if (command === "help") return help(rest[0]);
  if (Object.hasOwn(COMMANDS, command) && rest.some((arg) => arg === "--help" || arg === "-h")) {
    return help(command);
  }
  switch (command) {
    case "read":
      return await runReadCommand(rest);
    case "models":
      return await runModels(rest);
    case "doctor":
      return await runDoctorCommand(rest, await readVersion());
    case "completions":
      return print(
        completions(rest[0], { read: READ_OPTIONS, models: {}, doctor: DOCTOR_OPTIONS }),
      );
    default:
      throw new UsageError(`unknown command ${command}${didYouMean(command, names)}`);
  }
}

function help(topic: string | undefined): number {
  if (topic === undefined) return print(HELP);
  const command = Object.hasOwn(COMMANDS, topic) ? COMMANDS[topic] : undefined;
  if (command) return print(`${command.about}.\n\n${command.help}\n`);
  const text = Object.hasOwn(TOPICS, topic) ? TOPICS[topic] : undefined;
  if (text !== undefined) return print(text);
  const known = [...names, ...Object.keys(TOPICS)];
  throw new UsageError(`no help about ${topic}${didYouMean(topic, known)}`);
}

function didYouMean(word: string, known: readonly string[]): string {
  const nearest = closest(word, known);
  return nearest === undefined ? `; known: ${known.join(", ")}` : `; did you mean ${nearest}?`;
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
    console.error(`glyphpool: ${error.message}\nTry: glyphpool help`);
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

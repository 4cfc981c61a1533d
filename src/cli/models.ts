/** `glyphpool models …`: what the cache holds, and how to fill and empty it. */

import { type ModelSet, filesOf } from "../catalog/manifest/manifest.ts";
import { EMBEDDED_FILES } from "../catalog/presets/embedded.ts";
import { PRESETS, findPreset, presetNames } from "../catalog/presets/presets.ts";
import { ModelStore } from "../catalog/store/store.ts";
import { GlyphpoolError } from "../errors.ts";
import type { Progress } from "../types.ts";

/** What the command needs of the terminal. */
export interface ModelsIo {
  /** Writes text as it is, without adding a line end. */
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal, so that a progress line can be rewritten. */
  readonly interactive?: boolean;
  readonly signal?: AbortSignal;
  /** Default: the store over this platform's cache. */
  readonly store?: ModelStore;
}

export const MODELS_HELP: string = `  glyphpool models list             presets, and what is cached
  glyphpool models pull PRESET      download a preset for offline use
  glyphpool models path [PRESET]    where the cache or the files of a preset are
  glyphpool models clear [PRESET]   remove everything or the files of a preset from the cache`;

const USAGE = `Usage:
${MODELS_HELP}
`;

/**
 * Runs the command.
 *
 * @param args what follows `models`
 * @returns exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function runModelsCommand(args: string[], io: ModelsIo): Promise<number> {
  const [command, preset, ...rest] = args;
  if (command === "--help" || command === "-h" || command === "help") {
    io.stdout(USAGE);
    return 0;
  }
  const takesPreset = command === "pull" || command === "path" || command === "clear";
  const wrong =
    !(command === "list" || takesPreset) ||
    rest.length > 0 ||
    preset?.startsWith("-") === true ||
    (command === "list" && preset !== undefined) ||
    (command === "pull" && preset === undefined);
  if (wrong) {
    io.stderr(USAGE);
    return 2;
  }
  try {
    const set = preset === undefined ? undefined : findPreset(preset);
    const store = io.store ?? (await ModelStore.open());
    if (command === "list") await list(store, io);
    else if (command === "path") path(store, set, io);
    else if (command === "clear") await clear(store, set, io);
    else if (set) await pull(store, set, io);
    return 0;
  } catch (error) {
    if (!GlyphpoolError.is(error)) throw error;
    io.stderr(`${error.message}\n`);
    return error.code === "UNKNOWN_PRESET" ? 2 : 1;
  }
}

async function list(store: ModelStore, io: ModelsIo): Promise<void> {
  const width = Math.max(...presetNames().map((name) => name.length));
  io.stdout("Presets:\n");
  for (const [name, set] of PRESETS) {
    const sizes = filesOf(set).map(({ bytes }) => bytes);
    const size = sizes.includes(undefined)
      ? ""
      : megabytes(sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0));
    io.stdout(`  ${name.padEnd(width)}  ${size.padStart(8)}  ${set.description ?? ""}\n`);
    io.stdout(`  ${"".padEnd(width)}            Scripts: ${scriptsOf(set).join(", ")}\n`);
  }
  io.stdout(`\nEmbedded files: ${EMBEDDED_FILES}\n`);
  const entries = await store.list();
  io.stdout(`\nCached in ${store.cache.location}:\n`);
  if (entries.length === 0) io.stdout("  nothing\n");
  for (const { name, bytes } of entries) io.stdout(`  ${megabytes(bytes).padStart(9)}  ${name}\n`);
}

/** Names of the scripts whose languages a set reads, in English. */
function scriptsOf({ recognition }: ModelSet): string[] {
  const names = new Intl.DisplayNames(["en"], { type: "script" });
  const scripts = recognition.languages.map((tag) => new Intl.Locale(tag).maximize().script);
  return [...new Set(scripts)].flatMap((script) => {
    if (!script) return [];
    // Beside a language "Simplified" says enough, alone it does not.
    return [`${names.of(script) ?? script}${/^Han[st]$/.test(script) ? " Han" : ""}`];
  });
}

function path(store: ModelStore, set: ModelSet | undefined, io: ModelsIo): void {
  if (!set) return io.stdout(`${store.cache.location}\n`);
  for (const file of filesOf(set)) io.stdout(`${store.path(file)}\n`);
}

async function clear(store: ModelStore, set: ModelSet | undefined, io: ModelsIo): Promise<void> {
  await store.clear(set);
  io.stderr(`Removed ${set ? `the files of ${set.name}` : "everything"} from the cache.\n`);
}

async function pull(store: ModelStore, set: ModelSet, io: ModelsIo): Promise<void> {
  const onProgress = ({ name, done, total }: Progress): void => {
    const of = total === undefined ? "" : ` of ${megabytes(total)}`;
    io.stderr(`\r\u001b[K${name ?? ""}: ${megabytes(done)}${of}`);
  };
  try {
    await store.pull(set, {
      signal: io.signal,
      ...(io.interactive ? { onProgress } : {}),
    });
  } finally {
    if (io.interactive) io.stderr("\r\u001b[K");
  }
  for (const file of filesOf(set)) io.stdout(`${store.path(file)}\n`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

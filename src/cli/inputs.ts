/** What the command line names: files, URLs, folders, and `-` for the standard input. */
import { join } from "node:path";
import { UsageError } from "./usage-error.ts";

/** One document to read. */
export interface CommandInput {
  /** As in messages and results. */
  readonly name: string;
  /** What the engine gets: a path or URL, or the bytes of the standard input. */
  readonly open: () => Promise<string | Uint8Array>;
}

/** Files that a folder is searched for. Files that are named are read whatever their name is. */
const ENDINGS = /\.(avif|bmp|gif|ico|jfif|jpe?g|pbm|pdf|pgm|png|ppm|pnm|tiff?|webp)$/i;

/**
 * Opens folders; the order is that of the command line, and by name inside a folder.
 *
 * @param recursive whether folders are read, with those inside them
 * @throws UsageError for a folder without `recursive`, a folder without documents, and a second `-`
 */
export function findInputs(names: readonly string[], recursive: boolean): CommandInput[] {
  if (names.filter((name) => name === "-").length > 1) {
    throw new UsageError("- is the standard input, which can be read only once");
  }
  return names.flatMap((name) => {
    if (name === "-") return [standardInput()];
    if (!isFolder(name)) return [fromFile(name)];
    if (!recursive) throw new UsageError(`${name} is a folder: add --recursive to read its files`);
    const files = filesIn(name);
    if (files.length === 0) throw new UsageError(`${name} holds no images and no PDFs`);
    return files.map(fromFile);
  });
}

export function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function fromFile(name: string): CommandInput {
  return { name, open: async () => name };
}

function standardInput(): CommandInput {
  let bytes: Promise<Uint8Array> | undefined;
  const read = async (): Promise<Uint8Array> =>
    new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
  return { name: "stdin", open: () => (bytes ??= read()) };
}

function filesIn(folder: string): string[] {
  const entries = [...Deno.readDirSync(folder)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(({ name, isDirectory, isFile }) => {
    const path = join(folder, name);
    if (isDirectory) return filesIn(path);
    return isFile && ENDINGS.test(name) ? [path] : [];
  });
}

/**
 * A folder, for Deno. Safe with several workers and processes: a file lock guards each download, the
 * bytes grow in `KEY.partial`, and a rename makes them visible at once.
 */

import { abortError } from "../../errors.ts";
import { type CacheEntry, type ModelCache, type PartialFile, parseEntry } from "./cache.ts";
import { FileBlob } from "./file-blob.ts";

/** The description of a file, beside it. Written first: a file without it does not count. */
const ENTRY = ".json";
const PARTIAL = ".partial";
const VALIDATOR = ".validator";
const LOCKS = ".locks";
const LOCK_POLL_MS = 100;

export class FolderCache implements ModelCache {
  readonly location: string;

  constructor(folder: string) {
    this.location = folder;
  }

  async find(key: string): Promise<{ entry: CacheEntry; blob: Blob } | undefined> {
    const path = this.locate(key);
    const [info, json] = await Promise.all([
      orMissing(Deno.stat(path)),
      orMissing(Deno.readTextFile(path + ENTRY)),
    ]);
    if (!info || json === undefined) return undefined;
    const entry = parseEntry(json);
    if (entry && entry.bytes === info.size) {
      return { entry, blob: new FileBlob(path, 0, info.size) };
    }
    await this.remove(key);
    return undefined;
  }

  async list(): Promise<CacheEntry[]> {
    const entries: CacheEntry[] = [];
    for (const name of await this.#names()) {
      if (!name.endsWith(ENTRY)) continue;
      const found = await this.find(name.slice(0, -ENTRY.length));
      if (found) entries.push(found.entry);
    }
    return entries.sort((a, b) => a.key.localeCompare(b.key));
  }

  locate(key: string): string {
    return `${this.location}/${key}`;
  }

  async openPartial(key: string): Promise<PartialFile> {
    await Deno.mkdir(this.location, { recursive: true });
    return await FolderPartial.open(this.locate(key));
  }

  async remove(key: string): Promise<void> {
    const path = this.locate(key);
    for (const suffix of ["", ENTRY, PARTIAL, PARTIAL + VALIDATOR]) {
      await orMissing(Deno.remove(path + suffix));
    }
  }

  async clear(): Promise<void> {
    // Only what this class may have put there: the folder is the user's choice.
    for (const name of await this.#names()) {
      if (/^[0-9a-f]{20}-/.test(name)) await orMissing(Deno.remove(this.locate(name)));
    }
    await orMissing(Deno.remove(this.locate(LOCKS), { recursive: true }));
  }

  async exclusive<T>(key: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await Deno.mkdir(this.locate(LOCKS), { recursive: true });
    // The system drops the lock when the process dies; the empty file may stay.
    using file = await Deno.open(this.locate(`${LOCKS}/${key}`), { create: true, write: true });
    // Polled because a blocking lock cannot be aborted.
    while (!(await file.tryLock(true))) {
      if (signal.aborted) throw abortError(signal);
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
    try {
      return await task();
    } finally {
      await file.unlock();
    }
  }

  async #names(): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const { name, isFile } of Deno.readDir(this.location))
        if (isFile) names.push(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return names;
  }
}

class FolderPartial implements PartialFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  bytes: number;
  validator: string | undefined;
  #open = true;

  private constructor(path: string, file: Deno.FsFile, bytes: number, validator?: string) {
    this.#path = path;
    this.#file = file;
    this.bytes = bytes;
    this.validator = validator;
  }

  static async open(path: string): Promise<FolderPartial> {
    const file = await Deno.open(path + PARTIAL, { create: true, read: true, write: true });
    const { size } = await file.stat();
    const validator = await orMissing(Deno.readTextFile(path + PARTIAL + VALIDATOR));
    return new FolderPartial(path, file, size, validator);
  }

  async *read(): AsyncIterable<Uint8Array> {
    yield* new FileBlob(this.#path + PARTIAL, 0, this.bytes).stream();
  }

  async restart(validator: string | undefined): Promise<void> {
    await this.#file.truncate(0);
    this.bytes = 0;
    this.validator = validator;
    const path = this.#path + PARTIAL + VALIDATOR;
    if (validator === undefined) await orMissing(Deno.remove(path));
    else await Deno.writeTextFile(path, validator);
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.#file.seek(this.bytes, Deno.SeekMode.Start);
    for (let at = 0; at < chunk.length;) at += await this.#file.write(chunk.subarray(at));
    this.bytes += chunk.length;
  }

  async commit(entry: CacheEntry): Promise<void> {
    await this.#file.syncData();
    this.#close();
    await Deno.writeTextFile(`${this.#path}${ENTRY}${PARTIAL}`, JSON.stringify(entry));
    await Deno.rename(`${this.#path}${ENTRY}${PARTIAL}`, this.#path + ENTRY);
    await Deno.rename(this.#path + PARTIAL, this.#path);
    await orMissing(Deno.remove(this.#path + PARTIAL + VALIDATOR));
  }

  async suspend(): Promise<void> {
    if (this.bytes === 0) await this.discard();
    this.#close();
  }

  async discard(): Promise<void> {
    this.#close();
    await orMissing(Deno.remove(this.#path + PARTIAL));
    await orMissing(Deno.remove(this.#path + PARTIAL + VALIDATOR));
  }

  #close(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }
}

/** The result, or undefined when the file does not exist. */
async function orMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

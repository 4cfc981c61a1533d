/**
 * Where verified model files live between runs. A file is under its key only if it is complete and
 * verified: downloads grow in a partial file that is committed at once. That is why a cached file is
 * not hashed again at every start; its length is compared, which catches truncation by a full disk.
 */

import type { ModelFile } from "../manifest/manifest.ts";
import { sha256OfText } from "./sha256.ts";

/** What is known about a cached file. */
export interface CacheEntry {
  readonly key: string;
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** A download in progress, kept across interruptions. One owner at a time, see `exclusive`. */
export interface PartialFile {
  /** How many bytes are there. */
  readonly bytes: number;
  /** ETag or date of the version that the bytes belong to. */
  readonly validator: string | undefined;
  /** What is there, from the start. */
  read(): AsyncIterable<Uint8Array>;
  /** Drops what is there and begins a new version. */
  restart(validator: string | undefined): Promise<void>;
  append(chunk: Uint8Array): Promise<void>;
  /** Makes the bytes the cached file, in one step. The partial file is gone afterwards. */
  commit(entry: CacheEntry): Promise<void>;
  /** Lets go of the file but keeps it for a later resume. */
  suspend(): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** A place for model files: a folder, the browser's Cache API, or memory. */
export interface ModelCache {
  /** For people: a path, or what the place is called. */
  readonly location: string;
  /** The file, if it is there with the length that was recorded; a damaged one is removed. */
  find(key: string): Promise<{ entry: CacheEntry; blob: Blob } | undefined>;
  list(): Promise<CacheEntry[]>;
  /** For people: where the file of that key is or will be. */
  locate(key: string): string;
  openPartial(key: string): Promise<PartialFile>;
  /** Removes the file and what is left of a download of it. */
  remove(key: string): Promise<void>;
  /** Removes everything. */
  clear(): Promise<void>;
  /** Runs the task while no other worker, tab or process that shares the place does so for the key. */
  exclusive<T>(key: string, task: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** The place could not be written or read: full, read-only, or forbidden. */
export class StorageError extends Error {
  constructor(location: string, cause: unknown) {
    super(`${location} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = "StorageError";
  }
}

/**
 * The key of a file: readable, safe as a file name, and different for every content. Files without a
 * hash are told apart by their URL.
 */
export function cacheKey(file: ModelFile): string {
  const identity = file.sha256 ?? sha256OfText(`${file.url}\n${file.bytes ?? ""}`);
  const name = file.name.replace(/[^A-Za-z0-9._-]/g, "_").slice(-100);
  return `${identity.slice(0, 20)}-${name}`;
}

/** Reads back an entry that was stored as JSON; undefined when it is none. */
export function parseEntry(json: string): CacheEntry | undefined {
  try {
    const entry = JSON.parse(json) as Partial<CacheEntry> | null;
    const valid =
      typeof entry?.key === "string" &&
      typeof entry.name === "string" &&
      typeof entry.url === "string" &&
      typeof entry.bytes === "number" &&
      typeof entry.sha256 === "string" &&
      typeof entry.savedAt === "number";
    return valid ? (entry as CacheEntry) : undefined;
  } catch {
    return undefined;
  }
}

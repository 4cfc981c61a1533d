/**
 * The one way to the bytes of a model: verified, downloaded at most once, and in a Blob, so that they
 * can stay on disk. It is built in every worker; the cache behind it is shared by all of them.
 */

import { GlyphpoolError, abortError, throwIfAborted } from "../../errors.ts";
import type { Progress } from "../../types.ts";
import { openDefaultCache } from "./cache-default.ts";
import { MemoryCache } from "./cache-memory.ts";
import { type CacheEntry, type ModelCache, StorageError, cacheKey } from "./cache.ts";
import { type DownloadContext, download } from "./download.ts";
import { verifyBlob } from "./integrity.ts";
import { readLocalFile } from "./local-file.ts";
import { type ModelFile, type ModelSet, filesOf } from "../manifest/manifest.ts";
import { SingleFlight } from "./single-flight.ts";

/** What a {@link ModelStore} needs from outside. */
export interface ModelStoreOptions {
  readonly fetch?: typeof fetch;
  readonly cache: ModelCache;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly onProgress?: (progress: Progress) => void;
  /** Reads a `file:` URL. */
  readonly readFile?: (url: URL) => Promise<Blob>;
  /** Pauses before repeated attempts, in milliseconds. */
  readonly backOff?: readonly number[];
  /** A connection without a byte for this long counts as broken. */
  readonly idleMs?: number;
}

/** Options of one call. */
export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** More often than this nobody can see; each report may cross a worker boundary. */
const PROGRESS_INTERVAL_MS = 50;

export class ModelStore {
  readonly cache: ModelCache;
  readonly #options: Required<Omit<ModelStoreOptions, "cache" | "onProgress">>;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #flights = new SingleFlight<Blob, Progress>();
  /** Takes what the cache cannot: a full disk must not keep anyone from reading text. */
  readonly #overflow = new MemoryCache();

  constructor({ cache, onProgress, ...options }: ModelStoreOptions) {
    this.cache = cache;
    this.#onProgress = onProgress;
    this.#options = {
      // Browsers refuse a fetch that is called as a method of something else.
      fetch: (input, init) => globalThis.fetch(input, init),
      now: Date.now,
      readFile: readLocalFile,
      backOff: [300, 1000, 3000],
      idleMs: 60_000,
      ...options,
    };
  }

  /** A store over the cache of this platform. */
  static async open(options: Omit<ModelStoreOptions, "cache"> = {}): Promise<ModelStore> {
    return new ModelStore({ ...options, cache: await openDefaultCache() });
  }

  /**
   * The verified bytes of a file. Bytes from the network enter the cache only when length and hash are
   * right; from then on no request is made. Concurrent calls share one download.
   *
   * @throws GlyphpoolError `MODEL_NOT_FOUND`, `MODEL_DOWNLOAD_FAILED`, `MODEL_HASH_MISMATCH`, `ABORTED`
   */
  async open(file: ModelFile, { signal, onProgress }: OpenOptions = {}): Promise<Blob> {
    throwIfAborted(signal);
    if (isDirect(file)) return await this.#readDirect(file, signal);
    const key = cacheKey(file);
    return await this.#flights.join(
      key,
      (shared, report) => this.#load(key, file, shared, report),
      signal,
      onProgress,
    );
  }

  /** Makes every file of a set available offline, one after the other. */
  async pull(set: ModelSet, options: OpenOptions = {}): Promise<void> {
    for (const file of filesOf(set)) await this.open(file, options);
  }

  /** What is in the cache. */
  async list(): Promise<CacheEntry[]> {
    return await this.cache.list();
  }

  /** Where the bytes of a file are or will be, for people: a path, a URL, a name. */
  path(file: ModelFile): string {
    if (file.data) return `memory:${file.name}`;
    return isDirect(file) ? file.url : this.cache.locate(cacheKey(file));
  }

  /** Removes the files of a set from the cache, or everything. Files of other sets stay. */
  async clear(set?: ModelSet): Promise<void> {
    if (!set) return await this.cache.clear();
    for (const file of filesOf(set)) if (!isDirect(file)) await this.cache.remove(cacheKey(file));
  }

  async #load(
    key: string,
    file: ModelFile,
    signal: AbortSignal,
    report: (progress: Progress) => void,
  ): Promise<Blob> {
    const kept = await this.#overflow.find(key);
    if (kept) return kept.blob;
    const { fetch, backOff, idleMs } = this.#options;
    const onProgress = this.#throttled(file, report);
    const context = { fetch, backOff, idleMs, signal, onProgress };
    try {
      return await this.#through(this.cache, key, file, context);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return await this.#through(this.#overflow, key, file, context);
    }
  }

  async #through(
    cache: ModelCache,
    key: string,
    file: ModelFile,
    context: Omit<DownloadContext, "location">,
  ): Promise<Blob> {
    const storage = async <T>(promise: Promise<T>): Promise<T> => {
      try {
        return await promise;
      } catch (cause) {
        throw GlyphpoolError.is(cause) || cause instanceof StorageError
          ? cause
          : new StorageError(cache.location, cause);
      }
    };
    const cached = async (): Promise<Blob | undefined> => {
      const found = await storage(cache.find(key));
      if (!found || found.entry.bytes === (file.bytes ?? found.entry.bytes)) return found?.blob;
      await storage(cache.remove(key));
      return undefined;
    };
    const ready = await cached();
    if (ready) return ready;
    const task = async (): Promise<Blob> => {
      // Another worker may have finished it while this one waited for the lock.
      const done = await cached();
      if (done) return done;
      const partial = await storage(cache.openPartial(key));
      try {
        const { bytes, sha256 } = await download(file, partial, {
          ...context,
          location: cache.location,
        });
        const savedAt = this.#options.now();
        const { name, url } = file;
        await storage(partial.commit({ key, name, url, bytes, sha256, savedAt }));
      } catch (error) {
        // A broken connection may go on later; wrong bytes and a full disk may not.
        const keep =
          GlyphpoolError.is(error) &&
          (error.code === "ABORTED" || error.code === "MODEL_DOWNLOAD_FAILED");
        await (keep ? partial.suspend() : partial.discard()).catch(() => undefined);
        throw error;
      }
      const blob = await cached();
      if (blob) return blob;
      throw new StorageError(cache.location, "a file that was just stored is gone");
    };
    return await storage(cache.exclusive(key, task, context.signal));
  }

  async #readDirect(file: ModelFile, signal: AbortSignal | undefined): Promise<Blob> {
    const blob = await this.#directBlob(file, signal);
    await verifyBlob(file, blob);
    return blob;
  }

  async #directBlob(file: ModelFile, signal: AbortSignal | undefined): Promise<Blob> {
    if (file.data) return new Blob([file.data as Uint8Array<ArrayBuffer>]);
    const url = absolute(file.url);
    if (url.protocol === "file:") return await this.#options.readFile(url);
    let reason: unknown;
    try {
      const response = await this.#options.fetch(url.href, signal ? { signal } : {});
      if (response.ok) return await response.blob();
      reason = `the server answered ${response.status}`;
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      reason = error;
    }
    const message = `${file.name} cannot be read from ${file.url}: ${String(reason)}.`;
    throw new GlyphpoolError("MODEL_NOT_FOUND", message, { cause: reason });
  }

  #throttled(
    file: ModelFile,
    report: (progress: Progress) => void,
  ): (done: number, total: number | undefined) => void {
    let last = -Infinity;
    return (done, total) => {
      const now = this.#options.now();
      if (done !== total && done !== 0 && now - last < PROGRESS_INTERVAL_MS) return;
      last = now;
      const progress: Progress = { stage: "download", done, name: file.name };
      if (total !== undefined) progress.total = total;
      this.#onProgress?.(progress);
      report(progress);
    };
  }
}

/**
 * Whether a file is read where it lies. That is so for bytes and local files, and for the assets of this
 * package when they come from the page's own server; a package that was imported from a CDN has remote
 * assets, which are cached like any other model.
 */
function isDirect(file: ModelFile): boolean {
  if (file.data) return true;
  const { protocol, origin } = absolute(file.url);
  if (protocol !== "http:" && protocol !== "https:") return true;
  return file.bundled === true && origin === ownOrigin();
}

/** Some bundlers write the address of an asset without its origin: it is on the page's server then. */
function absolute(url: string): URL {
  return URL.canParse(url) ? new URL(url) : new URL(url, ownOrigin());
}

/** That of the page, also in a worker whose own address is a `blob:`; undefined outside of browsers. */
function ownOrigin(): string | undefined {
  const { origin, location } = globalThis as { origin?: string; location?: Location };
  return origin === undefined || origin === "null" ? location?.origin : origin;
}

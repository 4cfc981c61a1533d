/**
 * The browser's Cache API: what `match().blob()` returns stays on disk, and every worker and tab of the
 * origin opens the same file without a transfer. OPFS would be no fallback: it is missing wherever the
 * Cache API is (insecure contexts, blocked storage).
 */

import { abortError } from "../../errors.ts";
import {
  type CacheEntry,
  type ModelCache,
  type PartialFile,
  StorageError,
  parseEntry,
} from "./cache.ts";

/** Keys of the Cache API are URLs; this host exists nowhere. */
const ORIGIN = "https://models.glyphpool.invalid";
const ENTRY_HEADER = "x-glyphpool-entry";
const VALIDATOR_HEADER = "x-glyphpool-validator";

/** A response cannot grow, so a download is stored in parts of this size until it is complete. */
const PART_BYTES = 4 * 1024 * 1024;

export class BrowserCache implements ModelCache {
  readonly location: string;
  readonly #cache: Cache;
  readonly #locks: LockManager | undefined;

  private constructor(name: string, cache: Cache) {
    this.location = `Cache API "${name}"`;
    this.#cache = cache;
    // Undefined in old browsers, whatever the types say.
    this.#locks = globalThis.navigator.locks as LockManager | undefined;
  }

  /** @throws StorageError where the platform has no Cache API or denies it */
  static async open(name = "glyphpool-models"): Promise<BrowserCache> {
    try {
      return new BrowserCache(name, await globalThis.caches.open(name));
    } catch (cause) {
      throw new StorageError("The Cache API", cause);
    }
  }

  async find(key: string): Promise<{ entry: CacheEntry; blob: Blob } | undefined> {
    const response = await this.#cache.match(fileUrl(key));
    if (!response) return undefined;
    const entry = entryOf(response);
    const blob = await response.blob();
    if (entry && blob.size === entry.bytes) return { entry, blob };
    await this.#cache.delete(fileUrl(key));
    return undefined;
  }

  async list(): Promise<CacheEntry[]> {
    const entries: CacheEntry[] = [];
    for (const request of await this.#cache.keys()) {
      if (!request.url.startsWith(`${ORIGIN}/file/`)) continue;
      const response = await this.#cache.match(request);
      const entry = response && entryOf(response);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  locate(key: string): string {
    return `${this.location}: ${key}`;
  }

  async openPartial(key: string): Promise<PartialFile> {
    const parts: Blob[] = [];
    let validator: string | undefined;
    for (;;) {
      const response = await this.#cache.match(partUrl(key, parts.length));
      if (!response) break;
      validator = response.headers.get(VALIDATOR_HEADER) ?? undefined;
      parts.push(await response.blob());
    }
    return new BrowserPartial(this.#cache, key, parts, validator);
  }

  async remove(key: string): Promise<void> {
    await this.#cache.delete(fileUrl(key));
    await (await this.openPartial(key)).discard();
  }

  async clear(): Promise<void> {
    for (const request of await this.#cache.keys()) await this.#cache.delete(request);
  }

  async exclusive<T>(key: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (!this.#locks) return await task();
    let entered = false;
    try {
      return await this.#locks.request(`glyphpool:model:${key}`, { signal }, async () => {
        entered = true;
        return await task();
      });
    } catch (error) {
      throw !entered && signal.aborted ? abortError(signal) : error;
    }
  }
}

class BrowserPartial implements PartialFile {
  readonly #cache: Cache;
  readonly #key: string;
  /** What the cache holds. The blobs stay on disk. */
  #parts: Blob[];
  /** What has come since the last part. */
  #pending: Uint8Array<ArrayBuffer>[] = [];
  #pendingBytes = 0;
  validator: string | undefined;

  constructor(cache: Cache, key: string, parts: Blob[], validator: string | undefined) {
    this.#cache = cache;
    this.#key = key;
    this.#parts = parts;
    this.validator = validator;
  }

  get bytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.size, this.#pendingBytes);
  }

  async *read(): AsyncIterable<Uint8Array> {
    for (const part of this.#parts) yield new Uint8Array(await part.arrayBuffer());
    yield* this.#pending;
  }

  async restart(validator: string | undefined): Promise<void> {
    await this.discard();
    this.validator = validator;
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.#pending.push(chunk.slice());
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= PART_BYTES) await this.suspend();
  }

  async suspend(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const headers = new Headers();
    if (this.validator !== undefined) headers.set(VALIDATOR_HEADER, this.validator);
    const url = partUrl(this.#key, this.#parts.length);
    await this.#cache.put(url, new Response(new Blob(this.#pending), { headers }));
    const stored = await this.#cache.match(url);
    if (!stored) throw new Error("The browser dropped a part that was just stored.");
    this.#parts.push(await stored.blob());
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async commit(entry: CacheEntry): Promise<void> {
    const headers = {
      "content-type": "application/octet-stream",
      // Header values are Latin-1; names and URLs need not be.
      [ENTRY_HEADER]: encodeURIComponent(JSON.stringify(entry)),
    };
    const body = new Blob([...this.#parts, ...this.#pending]);
    await this.#cache.put(fileUrl(this.#key), new Response(body, { headers }));
    await this.discard();
  }

  async discard(): Promise<void> {
    // From the end: an interrupted removal must not leave a hole that looks like a beginning.
    for (let index = this.#parts.length - 1; index >= 0; index--) {
      await this.#cache.delete(partUrl(this.#key, index));
    }
    this.#parts = [];
    this.#pending = [];
    this.#pendingBytes = 0;
    this.validator = undefined;
  }
}

function fileUrl(key: string): string {
  return `${ORIGIN}/file/${key}`;
}

function partUrl(key: string, index: number): string {
  return `${ORIGIN}/part/${key}/${index}`;
}

function entryOf(response: Response): CacheEntry | undefined {
  return parseEntry(decodeURIComponent(response.headers.get(ENTRY_HEADER) ?? ""));
}

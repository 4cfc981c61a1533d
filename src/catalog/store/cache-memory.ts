/** Keeps files in memory: for tests, and where a platform offers or allows no storage. */

import type { CacheEntry, ModelCache, PartialFile } from "./cache.ts";

interface Growing {
  validator: string | undefined;
  chunks: Uint8Array<ArrayBuffer>[];
  bytes: number;
}

export class MemoryCache implements ModelCache {
  readonly location: string = "memory";
  readonly #files = new Map<string, { entry: CacheEntry; blob: Blob }>();
  readonly #partials = new Map<string, Growing>();
  readonly #tails = new Map<string, Promise<unknown>>();

  async find(key: string): Promise<{ entry: CacheEntry; blob: Blob } | undefined> {
    return this.#files.get(key);
  }

  async list(): Promise<CacheEntry[]> {
    return [...this.#files.values()].map(({ entry }) => entry);
  }

  locate(key: string): string {
    return `memory:${key}`;
  }

  /** Bytes of interrupted downloads. */
  get partialBytes(): number {
    return [...this.#partials.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async openPartial(key: string): Promise<PartialFile> {
    const growing = this.#partials.get(key) ?? { validator: undefined, chunks: [], bytes: 0 };
    this.#partials.set(key, growing);
    const end = async (): Promise<void> => void this.#partials.delete(key);
    return {
      get bytes() {
        return growing.bytes;
      },
      get validator() {
        return growing.validator;
      },
      async *read() {
        yield* growing.chunks;
      },
      restart: async (validator) => {
        Object.assign(growing, { validator, chunks: [], bytes: 0 });
      },
      append: async (chunk) => {
        growing.chunks.push(chunk.slice());
        growing.bytes += chunk.length;
      },
      commit: async (entry) => {
        this.#files.set(key, { entry, blob: new Blob(growing.chunks) });
        await end();
      },
      suspend: async () => {
        if (growing.bytes === 0) await end();
      },
      discard: end,
    };
  }

  async remove(key: string): Promise<void> {
    this.#files.delete(key);
    this.#partials.delete(key);
  }

  async clear(): Promise<void> {
    this.#files.clear();
    this.#partials.clear();
  }

  /** Memory is not shared between workers, so a queue of its own is enough. */
  async exclusive<T>(key: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(task);
    const tail = result.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

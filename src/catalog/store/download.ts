/** One verified download into a partial file: resumes, retries, and knows when to start over. */

import { GlyphpoolError, abortError } from "../../errors.ts";
import { type PartialFile, StorageError } from "./cache.ts";
import { Mismatch, mismatchError } from "./integrity.ts";
import type { ModelFile } from "../manifest/manifest.ts";
import { Sha256 } from "./sha256.ts";
import { type Body, Interrupted, requestFrom } from "./transfer.ts";

/** What a download needs from outside. */
export interface DownloadContext {
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** Name of the cache, for errors. */
  readonly location: string;
  /** Milliseconds between attempts, by number of failures without progress; its length ends them. */
  readonly backOff: readonly number[];
  /** A connection without a byte for this long counts as broken. */
  readonly idleMs: number;
  readonly onProgress: (done: number, total: number | undefined) => void;
}

/** A connection that got this far before it broke has earned its attempts back. */
const PROGRESS_BYTES = 1024 * 1024;

/** The end of patience with a server that makes progress but never finishes. */
const MAX_ATTEMPTS = 100;

/**
 * Brings the partial file to its full, verified length. A file whose length or hash is wrong is
 * fetched once more from the start, since the first part of a resumed one may have been stale.
 *
 * @throws GlyphpoolError `MODEL_DOWNLOAD_FAILED` (the partial file stays for a resume),
 *   `MODEL_NOT_FOUND`, `MODEL_HASH_MISMATCH`, `ABORTED`
 * @throws StorageError when the cache cannot take the bytes
 */
export async function download(
  file: ModelFile,
  partial: PartialFile,
  context: DownloadContext,
): Promise<{ bytes: number; sha256: string }> {
  for (let fresh = false; ; fresh = true) {
    try {
      return await new Download(file, partial, context).run();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      if (fresh) throw mismatchError(file, error);
      await stored(context, partial.restart(undefined));
    }
  }
}

class Download {
  readonly #file: ModelFile;
  readonly #partial: PartialFile;
  readonly #context: DownloadContext;
  #hash: Sha256 = new Sha256();

  constructor(file: ModelFile, partial: PartialFile, context: DownloadContext) {
    this.#file = file;
    this.#partial = partial;
    this.#context = context;
  }

  async run(): Promise<{ bytes: number; sha256: string }> {
    const { backOff } = this.#context;
    await this.#resume();
    let failures = 0;
    let attempts = 0;
    let answered = false;
    while (this.#partial.bytes === 0 || this.#partial.bytes !== this.#file.bytes) {
      const before = this.#partial.bytes;
      try {
        await this.#transfer();
        break;
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        if (this.#partial.bytes - before >= PROGRESS_BYTES) failures = 0;
        answered ||= !error.unreachable;
        // Without a network nobody wants to wait; a single failure can still be an accident.
        const offline = !answered && failures === 1;
        const pause = error.restart ? 0 : offline ? undefined : backOff[failures++];
        if (++attempts === MAX_ATTEMPTS || pause === undefined) throw this.#failed(error);
        await this.#pause(pause);
      }
    }
    return this.#verify();
  }

  /** Takes up what an earlier download left, where its bytes can be checked in the end. */
  async #resume(): Promise<void> {
    const { bytes, validator } = this.#partial;
    if (bytes === 0) return;
    const checkable = this.#file.sha256 !== undefined || validator !== undefined;
    if (!checkable || bytes > (this.#file.bytes ?? Infinity)) return await this.#restart(undefined);
    for await (const chunk of this.#partial.read()) this.#hash.update(chunk);
  }

  async #transfer(): Promise<void> {
    const { fetch, signal, idleMs } = this.#context;
    const from = { bytes: this.#partial.bytes, validator: this.#partial.validator };
    let body: Body;
    try {
      body = await requestFrom(this.#file, from, { fetch, signal, idleMs });
    } catch (error) {
      if (error instanceof Interrupted && error.restart) await this.#restart(undefined);
      throw error;
    }
    await using open = body;
    if (open.start === 0) await this.#restart(open.validator);
    const total = this.#file.bytes ?? open.total;
    this.#context.onProgress(this.#partial.bytes, total);
    for await (const chunk of open.chunks) {
      if (this.#partial.bytes + chunk.length > (this.#file.bytes ?? Infinity)) {
        throw new Mismatch(`${this.#file.bytes} bytes`, "more");
      }
      this.#hash.update(chunk);
      await stored(this.#context, this.#partial.append(chunk));
      this.#context.onProgress(this.#partial.bytes, total);
    }
    if (open.total !== undefined && this.#partial.bytes < open.total) {
      throw new Interrupted(`the connection ended after ${this.#partial.bytes} bytes`);
    }
  }

  async #restart(validator: string | undefined): Promise<void> {
    this.#hash = new Sha256();
    if (this.#partial.bytes > 0 || validator !== this.#partial.validator) {
      await stored(this.#context, this.#partial.restart(validator));
    }
  }

  #verify(): { bytes: number; sha256: string } {
    const { bytes } = this.#partial;
    const sha256 = this.#hash.digest();
    const expected = this.#file;
    if (expected.bytes !== undefined && bytes !== expected.bytes) {
      throw new Mismatch(`${expected.bytes} bytes`, `${bytes} bytes`);
    }
    if (expected.sha256 !== undefined && sha256 !== expected.sha256) {
      throw new Mismatch(`sha256 ${expected.sha256}`, `sha256 ${sha256}`);
    }
    return { bytes, sha256 };
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#context;
    if (signal.aborted) throw abortError(signal);
    if (milliseconds === 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done, { once: true });
    });
    if (signal.aborted) throw abortError(signal);
  }

  #failed(cause: Interrupted): GlyphpoolError {
    return new GlyphpoolError(
      "MODEL_DOWNLOAD_FAILED",
      `${this.#file.name} could not be downloaded from ${this.#file.url}: ${cause.message}.`,
      { cause },
    );
  }
}

async function stored<T>(context: DownloadContext, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    throw new StorageError(context.location, cause);
  }
}

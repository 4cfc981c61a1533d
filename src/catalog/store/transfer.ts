/** One HTTP request for a file or for the rest of it. */

import { GlyphpoolError, abortError } from "../../errors.ts";
import { Mismatch } from "./integrity.ts";
import type { ModelFile } from "../manifest/manifest.ts";

/** The transfer broke off; another attempt may succeed. Internal. */
export class Interrupted extends Error {
  /** What was there must go first: the server has another version of the file. */
  readonly restart: boolean;
  /** There was no answer at all: most likely no network. */
  readonly unreachable: boolean;

  constructor(
    message: string,
    options: { restart?: boolean; unreachable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.restart = options.restart ?? false;
    this.unreachable = options.unreachable ?? false;
  }
}

/** Bytes on their way. Disposing it closes the connection. */
export interface Body extends AsyncDisposable {
  /** Offset of the first byte: what was asked for, or 0 when the server sends the whole file. */
  readonly start: number;
  /** Length of the whole file, where the server says so. */
  readonly total: number | undefined;
  readonly validator: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Asks for the bytes from an offset on.
 *
 * There is no `If-Range` header: unlike `Range` it would make browsers ask the server's permission
 * first, which model hosts do not give. The validators are compared here instead, and where a server
 * shows none the hash of the whole file decides.
 *
 * @throws Interrupted, Mismatch
 * @throws GlyphpoolError `MODEL_NOT_FOUND`, `MODEL_DOWNLOAD_FAILED`, `ABORTED`
 */
export async function requestFrom(
  file: ModelFile,
  from: { bytes: number; validator: string | undefined },
  context: { fetch: typeof fetch; signal: AbortSignal; idleMs: number },
): Promise<Body> {
  const { signal } = context;
  if (signal.aborted) throw abortError(signal);
  const connection = new AbortController();
  const onAbort = (): void => connection.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  const idle = new IdleTimer(context.idleMs, () => connection.abort());
  const close = (): void => {
    idle.stop();
    signal.removeEventListener("abort", onAbort);
    connection.abort();
  };
  const translate = (error: unknown, unreachable = false): unknown => {
    if (signal.aborted) return abortError(signal);
    const reason = error instanceof Error ? error.message : String(error);
    const message = idle.expired ? `no data for ${context.idleMs} ms` : reason;
    return new Interrupted(message, { cause: error, unreachable });
  };
  try {
    // no-store: the verified copy is kept by our own cache, a second one would only take space.
    const init: RequestInit = { signal: connection.signal, cache: "no-store" };
    if (from.bytes > 0) init.headers = { Range: `bytes=${from.bytes}-` };
    const response = await context.fetch(file.url, init).catch((error: unknown) => {
      throw translate(error, true);
    });
    const { start, total } = accept(file, from, response);
    const validator = response.headers.get("etag") ?? response.headers.get("last-modified");
    return {
      start,
      total,
      validator: isPlain(response) ? (validator ?? undefined) : undefined,
      chunks: read(response, idle, translate),
      [Symbol.asyncDispose]: async () => close(),
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Decides what an answer means, or throws. */
function accept(
  file: ModelFile,
  from: { bytes: number; validator: string | undefined },
  response: Response,
): { start: number; total: number | undefined } {
  const { status, headers } = response;
  if (status === 200) {
    const length = isPlain(response) ? numberOf(headers.get("content-length")) : undefined;
    if (file.bytes !== undefined && length !== undefined && length !== file.bytes) {
      throw new Mismatch(`${file.bytes} bytes`, `${length} bytes`);
    }
    return { start: 0, total: length };
  }
  const again = new Interrupted("the server has another version of the file", { restart: true });
  if (status === 416 && from.bytes > 0) throw again;
  if (status === 206 && from.bytes > 0) {
    const seen = [headers.get("etag"), headers.get("last-modified")].filter((tag) => tag !== null);
    if (from.validator && seen.length > 0 && !seen.includes(from.validator)) throw again;
    // The header is hidden from browsers by some hosts; then the final check decides.
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    const total = numberOf(range?.[2] ?? null);
    if (range && Number(range[1]) !== from.bytes) throw again;
    if (file.bytes !== undefined && total !== undefined && total !== file.bytes) throw again;
    const rest = numberOf(headers.get("content-length"));
    return { start: from.bytes, total: total ?? (rest === undefined ? rest : from.bytes + rest) };
  }
  const answer = `the server answered ${status} ${response.statusText}`.trim();
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    throw new Interrupted(answer);
  }
  const missing = status === 404 || status === 410;
  throw new GlyphpoolError(
    missing ? "MODEL_NOT_FOUND" : "MODEL_DOWNLOAD_FAILED",
    `${file.name} cannot be had from ${file.url}: ${answer}.`,
  );
}

/** Only then do lengths and offsets in headers speak of the bytes that arrive here. */
function isPlain(response: Response): boolean {
  return (response.headers.get("content-encoding") ?? "identity") === "identity";
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

async function* read(
  response: Response,
  idle: IdleTimer,
  translate: (error: unknown) => unknown,
): AsyncIterable<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  for (;;) {
    idle.restart();
    const step = await reader.read().catch((error: unknown) => {
      throw translate(error);
    });
    // Storing a chunk takes its own time, which is not the server's fault.
    idle.stop();
    if (step.done) return;
    yield step.value;
  }
}

class IdleTimer {
  readonly #milliseconds: number;
  readonly #onIdle: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  expired = false;

  constructor(milliseconds: number, onIdle: () => void) {
    this.#milliseconds = milliseconds;
    this.#onIdle = onIdle;
    this.restart();
  }

  restart(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.expired = true;
      this.#onIdle();
    }, this.#milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Reads the bytes behind a path or a URL. */
import { GlyphpoolError, abortError } from "../errors.ts";
import type { ImageLimits } from "../types.ts";
import { checkBytes, openBytes } from "./input-checks.ts";
import type { OpenInput } from "../pool/call.ts";

/**
 * Strings are URLs in browsers; in Deno they are URLs if they have a scheme, else paths.
 *
 * @throws GlyphpoolError `INPUT_NOT_FOUND`, `INVALID_INPUT`, `IMAGE_TOO_LARGE`, `ABORTED`
 */
export async function openLocation(
  location: string | URL,
  limits: ImageLimits,
  signal: AbortSignal | undefined,
): Promise<OpenInput> {
  const text = String(location);
  if (text === "") throw new GlyphpoolError("INVALID_INPUT", "The path of the input is empty.");
  // One letter before the colon is a drive.
  const isUrl = location instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(text);
  const isFile = "Deno" in globalThis && (!isUrl || text.startsWith("file:"));
  const bytes = isFile
    ? await readPath(isUrl ? new URL(text) : text, limits, signal)
    : await download(text, limits, signal);
  checkBytes(bytes.byteLength, limits);
  return openBytes(bytes);
}

async function readPath(
  path: string | URL,
  limits: ImageLimits,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new GlyphpoolError("INVALID_INPUT", `${path} is a folder.`);
    if (size > limits.maxBytes) checkBytes(size, limits);
    return await Deno.readFile(path, signal ? { signal } : {});
  } catch (cause) {
    throw failure(path, cause, signal);
  }
}

async function download(
  url: string,
  limits: ImageLimits,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new GlyphpoolError("INPUT_NOT_FOUND", `${url} answered with ${response.status}.`);
    }
    return await collect(response.body, limits);
  } catch (cause) {
    throw failure(url, cause, signal);
  }
}

/** Counts what arrives: the length that a server promises need not be true. */
async function collect(body: ReadableStream<Uint8Array>, limits: ImageLimits): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limits.maxBytes) {
      await reader.cancel();
      checkBytes(size, limits);
    }
    chunks.push(value as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function failure(
  location: string | URL,
  cause: unknown,
  signal: AbortSignal | undefined,
): GlyphpoolError {
  if (GlyphpoolError.is(cause)) return cause;
  if (signal?.aborted) return abortError(signal);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GlyphpoolError("INPUT_NOT_FOUND", `${location} cannot be read: ${why}`, { cause });
}

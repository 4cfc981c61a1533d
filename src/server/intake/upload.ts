/** Takes the input of a request: a file that is streamed to the disk, or the address of one. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { HEAD_BYTES } from "../../document/file-kind.ts";
import { checkLength, readBody, readText } from "./body.ts";
import type { BodyLimits } from "./body.ts";
import { isReadable } from "./file-types.ts";
import { removeFile } from "../store/files.ts";
import { boundaryOf, readParts } from "./multipart.ts";
import { HttpProblem } from "../http/problem.ts";

/** Bytes of everything in a body that is not a file. */
const MAX_FIELD = 64 * 2 ** 10;
/** Characters of a name that is only ever shown. */
const MAX_NAME = 200;

/** A file on our disk. Disposing deletes it, unless somebody has moved it away. */
export interface Upload extends AsyncDisposable {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly hash: string;
  readonly name: string | undefined;
}

/** What a request asks for: `options` is not checked yet. */
export type Submission = Wishes & ({ readonly upload: Upload } | { readonly url: string });

/** What belongs to a request beside its file, not checked. */
export interface Wishes {
  readonly options: unknown;
  readonly priority: unknown;
  readonly webhook: unknown;
}

/**
 * @param folder where files go; their names are ours, never the sender's
 * @throws HttpProblem 400, 408, 413, 415
 */
export async function receive(
  request: Request,
  folder: string,
  limits: BodyLimits,
): Promise<Submission> {
  const type = request.headers.get("Content-Type") ?? "";
  checkLength(request.headers, limits.maxBytes + MAX_FIELD);
  if (/^application\/json\s*(;|$)/i.test(type)) return await receiveJson(request, limits);
  if (/^multipart\/form-data\s*;/i.test(type)) return await receiveForm(request, folder, limits);
  const detail = "Send multipart/form-data with a file, or application/json with a url.";
  throw new HttpProblem(415, "UNSUPPORTED_MEDIA_TYPE", detail, { close: true });
}

/** Streams bytes into a new file. @throws HttpProblem 413, 415, 422 and what the pieces throw */
export async function store(
  pieces: AsyncIterable<Uint8Array>,
  folder: string,
  name: string | undefined,
  maxBytes: number,
): Promise<Upload> {
  const path = join(folder, crypto.randomUUID());
  const remove = (): Promise<void> => removeFile(path);
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const hash = createHash("sha256");
  const head = new Uint8Array(HEAD_BYTES);
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      if (bytes < HEAD_BYTES) head.set(piece.subarray(0, HEAD_BYTES - bytes), bytes);
      bytes += piece.byteLength;
      if (bytes > maxBytes) {
        const detail = `The file has more than the ${maxBytes} bytes that are allowed.`;
        throw new HttpProblem(413, "BODY_TOO_LARGE", detail, { close: true });
      }
      hash.update(piece);
      for (let done = 0; done < piece.byteLength;) {
        done += await file.write(piece.subarray(done));
      }
    }
    if (bytes === 0) throw new HttpProblem(422, "INVALID_INPUT", "The file is empty.");
    if (!isReadable(head.subarray(0, Math.min(bytes, HEAD_BYTES)))) {
      const detail = "The file is neither a PDF nor an image of a format that can be read.";
      throw new HttpProblem(415, "UNSUPPORTED_FORMAT", detail, { close: true });
    }
    // What was accepted must survive a power cut.
    await file.syncData();
    file.close();
  } catch (error) {
    file.close();
    await remove();
    throw error;
  }
  return { path, bytes, hash: hash.digest("hex"), name, [Symbol.asyncDispose]: remove };
}

async function receiveJson(request: Request, limits: BodyLimits): Promise<Submission> {
  const text = await readText(request.body, { ...limits, maxBytes: MAX_FIELD });
  const { url, options, priority, webhook, ...rest } = parseObject(text, "The body");
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw bad(`There is no field ${unknown}; there are url, options, priority and webhook.`);
  if (typeof url !== "string") throw bad("The body needs a url.");
  return { url, options, priority, webhook };
}

async function receiveForm(
  request: Request,
  folder: string,
  limits: BodyLimits,
): Promise<Submission> {
  const boundary = boundaryOf(request.headers.get("Content-Type") ?? "");
  const { maxBytes } = limits;
  const body = readBody(request.body, { ...limits, maxBytes: maxBytes + MAX_FIELD });
  let upload: Upload | undefined;
  let options: unknown;
  let priority: unknown;
  let webhook: unknown;
  try {
    for await (const part of readParts(body, boundary)) {
      if (part.name === "file") {
        if (upload) throw bad("One request takes one file.");
        upload = await store(part.body, folder, displayName(part.filename), maxBytes);
      } else if (part.name === "options") {
        options = parseObject(await fieldText(part.body), "The field options");
      } else if (part.name === "priority") {
        priority = Number(await fieldText(part.body));
      } else if (part.name === "webhook") {
        webhook = await fieldText(part.body);
      } else {
        const name = part.name.slice(0, MAX_NAME);
        throw bad(`There is no field ${name}; there are file, options, priority and webhook.`);
      }
    }
    if (!upload) throw bad("The field file is missing.");
    return { upload, options, priority, webhook };
  } catch (error) {
    await upload?.[Symbol.asyncDispose]();
    throw error;
  }
}

async function fieldText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_FIELD) {
      throw new HttpProblem(413, "BODY_TOO_LARGE", "A field is too long.", { close: true });
    }
  }
  return text + decoder.decode();
}

function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad(`${what} is not valid JSON.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(`${what} is not an object.`);
  }
  return value as Record<string, unknown>;
}

/** Of a name only what can be shown: no folders, no controls. It never becomes a path. */
export function displayName(filename: string | undefined): string | undefined {
  const last = filename?.split(/[/\\]/).at(-1) ?? "";
  const name = last
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, "")
    .trim()
    .slice(0, MAX_NAME);
  return name === "" ? undefined : name;
}

function bad(detail: string): HttpProblem {
  return new HttpProblem(400, "BAD_REQUEST", detail, { close: true });
}

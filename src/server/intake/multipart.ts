/**
 * `multipart/form-data` (RFC 7578) as a stream: a part is read while it arrives, so that no file lies in memory.
 */
import { Buffer } from "node:buffer";
import { HttpProblem } from "../http/problem.ts";

export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  /** To be read to its end before the next part; what is left is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Bytes of a part's headers. */
const MAX_HEADERS = 8 * 2 ** 10;
const MAX_PARTS = 16;

/** @throws HttpProblem 400 without a boundary */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) throw malformed("it has no boundary");
  return boundary;
}

/** @throws HttpProblem 400 for anything that is not of the form */
export async function* readParts(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part, void, undefined> {
  const source = new Source(chunks);
  try {
    yield* parts(source, Buffer.from(`\r\n--${boundary}`));
  } finally {
    await source.close();
  }
}

async function* parts(source: Source, delimiter: Buffer): AsyncGenerator<Part, void, undefined> {
  await skip(source.until(delimiter));
  for (let count = 0; ; count++) {
    if (count > MAX_PARTS) throw malformed(`it has more than ${MAX_PARTS} parts`);
    if (await source.startsWith("--")) return await source.drain();
    const headers = await source.headers();
    const body = source.until(delimiter);
    yield { ...describe(headers), body };
    // Skipped where nobody has read it.
    await skip(body);
  }
}

async function skip(body: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  while (!(await body.next()).done);
}

/** Bytes that have come and are not used yet. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** The first delimiter may stand at the very start, where others follow a line end. */
  #pending: Buffer = Buffer.from("\r\n");

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** What comes before the delimiter, which is used up. */
  async *until(delimiter: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const at = this.#pending.indexOf(delimiter);
      if (at >= 0) {
        const before = this.#pending.subarray(0, at);
        this.#pending = this.#pending.subarray(at + delimiter.length);
        if (before.length > 0) yield before;
        return;
      }
      // The end of what is here may be the start of a delimiter.
      const safe = Math.max(0, this.#pending.length - delimiter.length + 1);
      const sure = this.#pending.subarray(0, safe);
      this.#pending = this.#pending.subarray(safe);
      if (sure.length > 0) yield sure;
      await this.#more();
    }
  }

  /** Whether a text comes next; it is used up if it does. */
  async startsWith(text: string): Promise<boolean> {
    while (this.#pending.length < text.length) await this.#more();
    const found = this.#pending.subarray(0, text.length).toString("latin1") === text;
    if (found) this.#pending = this.#pending.subarray(text.length);
    return found;
  }

  /** The lines up to an empty one. */
  async headers(): Promise<string> {
    const end = "\r\n\r\n";
    for (;;) {
      const at = this.#pending.indexOf(end);
      if (at >= 0) {
        const text = this.#pending.subarray(0, at).toString("utf8");
        this.#pending = this.#pending.subarray(at + end.length);
        return text;
      }
      if (this.#pending.length > MAX_HEADERS) throw malformed("a part has too many headers");
      await this.#more();
    }
  }

  /** Takes what is left: a request that was not read to its end does not tell when its sender goes away. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  /** Ends what the bytes come from. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw malformed("it ends before its last boundary");
    this.#pending =
      this.#pending.length === 0 ? Buffer.from(value) : Buffer.concat([this.#pending, value]);
  }
}

function describe(headers: string): Pick<Part, "name" | "filename"> {
  const disposition = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(headers)?.[1];
  const name = disposition && parameter(disposition, "name");
  if (!disposition || name === undefined) throw malformed("a part has no name");
  return { name, filename: parameter(disposition, "filename") };
}

function parameter(disposition: string, name: string): string | undefined {
  // Some clients, .NET among them, leave the quotes out.
  const pattern = `;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`;
  const match = new RegExp(pattern, "i").exec(disposition);
  // Browsers write quotes and line ends as %22, %0D and %0A. (HTML, multipart/form-data encoding)
  // Only a quote is written with a backslash before it: others are of a path on Windows.
  return (match?.[1] ?? match?.[2])
    ?.replaceAll('\\"', '"')
    .replaceAll("%22", '"')
    .replaceAll(/%0[AD]/gi, " ");
}

function malformed(why: string): HttpProblem {
  return new HttpProblem(400, "MALFORMED_BODY", `The multipart body cannot be read: ${why}.`, {
    close: true,
  });
}

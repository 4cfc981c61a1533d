/** Reads request bodies piece by piece, with an end to bytes and to patience. */
import { HttpProblem } from "../http/problem.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  /** Milliseconds between two pieces. */
  readonly idle: number;
  /** Milliseconds for the whole body. */
  readonly deadline: number;
}

/**
 * The pieces of a body as they come. Whoever stops early, and every error, cancels the rest of it.
 *
 * @throws HttpProblem 408 when the sender is too slow, 413 when it sends too much, 400 when it stops in the middle
 */
export async function* readBody(
  body: ReadableStream<Uint8Array> | null,
  { maxBytes, idle, deadline }: BodyLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return;
  const reader = body.getReader();
  const end = performance.now() + deadline;
  let size = 0;
  let whole = false;
  try {
    for (;;) {
      const patience = Math.max(0, Math.min(idle, end - performance.now()));
      const piece = await within(reader.read(), patience);
      if (piece.done) {
        whole = true;
        return;
      }
      size += piece.value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield piece.value;
    }
  } finally {
    // Not waited for: a sender that hangs would hang this too.
    if (!whole) reader.cancel().catch(() => undefined);
  }
}

/** @throws HttpProblem 413 when the sender says itself that it will send too much */
export function checkLength(headers: Headers, maxBytes: number): void {
  if (Number(headers.get("Content-Length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** Small bodies as text. @throws HttpProblem as {@link readBody} */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  limits: BodyLimits,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of readBody(body, limits)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const detail = "The body did not arrive in time.";
      reject(new HttpProblem(408, "BODY_TOO_SLOW", detail, { close: true }));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, "BODY_CUT_OFF", "The body ended in the middle.", { close: true });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(maxBytes: number): HttpProblem {
  const detail = `The body has more than the ${maxBytes} bytes that are allowed.`;
  return new HttpProblem(413, "BODY_TOO_LARGE", detail, { close: true });
}

/** Sends requests to the task server, again where that helps. */
import { GlyphpoolError } from "../errors.ts";
import { ServerError } from "./server-error.ts";

export interface ClientOptions {
  /** Of the server, such as `https://ocr.example.org`. */
  readonly url: string | URL;
  /** Bearer token. */
  readonly token?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /**
   * How often a request is sent again that the server cannot take now (429, 503, 507) or that had no answer. Default 5. A
   * `submit` without a key and a `read` are sent again only where the server has refused them.
   */
  readonly retries?: number;
}

/** Milliseconds before what failed is tried again; each further time twice as long. */
export const FIRST_PAUSE = 250;
export const LAST_PAUSE = 10_000;
/** Milliseconds that are waited at most where the server says how long. */
const LONGEST_WAIT = 60_000;

export class Transport {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;
  readonly #retries: number;

  constructor({ url, token, fetch: own, retries = 5 }: ClientOptions) {
    this.#url = String(url).replace(/\/+$/, "");
    this.#token = token;
    // Called as a method of this object, the platform's own refuses.
    this.#fetch = own ?? ((...args) => fetch(...args));
    this.#retries = retries;
  }

  /**
   * Sends a request until it has an answer that is not an error.
   *
   * @param repeatable whether the request may be sent again without knowing what became of the first one
   * @throws ServerError, GlyphpoolError `ABORTED`
   */
  async send(
    path: string,
    init: RequestInit,
    repeatable: boolean = init.method !== "POST",
  ): Promise<Response> {
    const signal = init.signal ?? undefined;
    for (
      let attempt = 0, pause = FIRST_PAUSE;
      ;
      attempt++, pause = Math.min(2 * pause, LAST_PAUSE)
    ) {
      try {
        return await this.#sendOnce(path, init);
      } catch (error) {
        const again =
          error instanceof ServerError && error.retryable && (repeatable || error.status > 0);
        if (!again || attempt >= this.#retries) throw error;
        await wait(Math.min(error.retryAfter ?? pause, LONGEST_WAIT), signal);
      }
    }
  }

  async #sendOnce(path: string, { headers, ...init }: RequestInit): Promise<Response> {
    const token = this.#token;
    const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    let response: Response;
    try {
      response = await this.#fetch(`${this.#url}${path}`, {
        ...init,
        headers: { ...authorization, ...(headers as Record<string, string> | undefined) },
      });
    } catch (cause) {
      if (init.signal?.aborted) throw aborted(init.signal);
      throw unreachable(cause);
    }
    if (!response.ok) throw await ServerError.from(response);
    return response;
  }
}

/** Reads a body to its end. @throws GlyphpoolError `ABORTED`, ServerError where it breaks off */
export async function whole<T>(
  signal: AbortSignal | undefined,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (signal?.aborted) throw aborted(signal);
    throw unreachable(cause);
  }
}

function unreachable(cause: unknown): ServerError {
  return new ServerError({
    status: 0,
    title: "No answer",
    code: "NETWORK",
    detail: `The server cannot be reached, or its answer broke off: ${String(cause)}`,
    retryable: true,
  });
}

export function aborted(signal: AbortSignal): GlyphpoolError {
  const cause: unknown = signal.reason;
  return new GlyphpoolError("ABORTED", "The call was aborted by its signal.", { cause });
}

export async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(aborted(signal as AbortSignal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

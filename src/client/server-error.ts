/** What a server has refused or failed to do. */
import type { Problem } from "./wire.ts";

export class ServerError extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Stable code: an `ErrorCode` of Glyphpool, or one of the server's own such as `QUEUE_FULL`. */
  readonly code: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds to wait before that, where the server says so. */
  readonly retryAfter: number | undefined;

  /** @param retryAfter seconds */
  constructor({ status, code, detail, retryable }: Problem, retryAfter?: number) {
    super(detail);
    this.name = "ServerError";
    this.status = status;
    this.code = code;
    this.retryable = retryable;
    this.retryAfter = retryAfter === undefined ? undefined : retryAfter * 1_000;
  }

  /** Of an answer that is an error; a proxy on the way may have written it. */
  static async from(response: Response): Promise<ServerError> {
    const { status, headers } = response;
    const text = await response.text().catch(() => "");
    const after = Number(headers.get("Retry-After") ?? Number.NaN);
    return new ServerError(
      parse(text) ?? {
        status,
        title: "Error",
        code: "UNKNOWN",
        detail: `The server answered with ${status}.`,
        retryable: status === 429 || status >= 502,
      },
      Number.isFinite(after) ? after : undefined,
    );
  }
}

function parse(text: string): Problem | undefined {
  try {
    const problem = JSON.parse(text) as Problem;
    return typeof problem.code === "string" ? problem : undefined;
  } catch {
    return undefined;
  }
}

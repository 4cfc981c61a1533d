/** Every answer that is an error, in one form: `application/problem+json` (RFC 9457). */
import type { Problem } from "../../client/wire.ts";
import { GlyphpoolError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { StoreRefusal, StoreUnavailable } from "../store/task-store.ts";

export interface ProblemOptions {
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
  /** The body was not read to its end: the connection cannot be used any more. */
  readonly close?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown anywhere in a handler; the application makes an answer of it. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly options: ProblemOptions;

  constructor(status: number, code: string, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.name = "HttpProblem";
    this.status = status;
    this.code = code;
    this.options = options;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  411: "Length Required",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  499: "Client Closed Request",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  507: "Insufficient Storage",
};

/** What a failure of the engine means to who asked. All others are our fault: 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_OPTION: 400,
  INVALID_INPUT: 422,
  UNSUPPORTED_FORMAT: 415,
  UNSUPPORTED_LANGUAGE: 422,
  IMAGE_CORRUPT: 422,
  IMAGE_TOO_LARGE: 413,
  PDF_CORRUPT: 422,
  PDF_PASSWORD_REQUIRED: 422,
  PDF_PASSWORD_WRONG: 422,
  DOCUMENT_TOO_LARGE: 413,
  PAGE_NOT_FOUND: 422,
  QUEUE_FULL: 429,
  MEMORY_EXHAUSTED: 503,
  MODEL_DOWNLOAD_FAILED: 503,
  ENGINE_CLOSED: 503,
  DEADLINE_EXCEEDED: 504,
  ABORTED: 499,
};

/** Seconds to wait where nothing better is known. */
const RETRY_AFTER = 5;
/** A database that is restarted is back soon; space on a disk takes somebody to make it. */
const STORE_RETRY_AFTER = 2;
const DISK_RETRY_AFTER = 60;

/** Codes of the system for a disk or a quota that is used up. */
const DISK_CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Turns anything thrown into a problem. What is not known tells nothing of itself to the outside. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreRefusal) {
    if (error.reason === "key")
      return new HttpProblem(422, "IDEMPOTENCY_KEY_REUSED", error.message);
    if (error.reason === "state") return new HttpProblem(409, "TASK_NOT_ENDED", error.message);
    const status = error.reason === "disk" ? 507 : 429;
    const code = error.reason === "disk" ? "DISK_FULL" : "QUEUE_FULL";
    return new HttpProblem(status, code, error.message, { retryAfter: RETRY_AFTER });
  }
  if (error instanceof StoreUnavailable && error.reason !== "full") {
    const detail = "The store of tasks cannot be reached now.";
    return new HttpProblem(503, "STORE_UNAVAILABLE", detail, { retryAfter: STORE_RETRY_AFTER });
  }
  if (error instanceof StoreUnavailable || isDiskFull(error)) {
    const detail = "There is no space left on the server's disk.";
    return new HttpProblem(507, "DISK_FULL", detail, { retryAfter: DISK_RETRY_AFTER });
  }
  if (GlyphpoolError.is(error)) {
    const status = STATUS[error.code] ?? 500;
    const wait = status === 429 || status === 503 ? { retryAfter: RETRY_AFTER } : {};
    return new HttpProblem(status, error.code, error.message, wait);
  }
  return new HttpProblem(500, "INTERNAL", "Something went wrong in the server; its log says what.");
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && DISK_CODES.has((error as { code?: unknown }).code);
}

export function problemResponse({ status, code, message, options }: HttpProblem): Response {
  const { retryAfter, close, headers = {} } = options;
  const problem: Problem = {
    status,
    title: TITLES[status] ?? "Error",
    code,
    detail: message,
    retryable: retryAfter !== undefined,
  };
  return new Response(`${JSON.stringify(problem)}\n`, {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      ...(retryAfter === undefined ? {} : { "Retry-After": String(Math.ceil(retryAfter)) }),
      ...(close ? { Connection: "close" } : {}),
      ...headers,
    },
  });
}

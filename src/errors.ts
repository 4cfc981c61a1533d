/**
 * Every failure that leaves Glyphpool is a {@link GlyphpoolError}: a stable `code` to branch on,
 * a sentence that says what to do, and whether the same call may succeed when it is repeated.
 */

/** Stable error codes. New ones may be added; the meaning of an existing one never changes. */
export type ErrorCode =
  | "INVALID_OPTION" // an option has a value that is not allowed
  | "INVALID_INPUT" // the input is not something that can be read (empty, wrong type)
  | "INPUT_NOT_FOUND" // the path or URL of the input cannot be read
  | "UNSUPPORTED_FORMAT" // the bytes are not an image format that this platform decodes
  | "IMAGE_CORRUPT" // a known format, but truncated or damaged
  | "IMAGE_TOO_LARGE" // the header or the byte length exceeds the limits; nothing was decoded
  | "PDF_CORRUPT" // the document, or what a page needs of it, is damaged beyond repair
  | "PDF_PASSWORD_REQUIRED" // the document is encrypted: open it with a password
  | "PDF_PASSWORD_WRONG" // the password opens nothing
  | "DOCUMENT_TOO_LARGE" // more bytes or pages than the limits allow; nothing was drawn
  | "PAGE_NOT_FOUND" // the document has no page of that number
  | "UNKNOWN_PRESET" // no model preset of that name
  | "UNSUPPORTED_LANGUAGE" // no recogniser for that language in the chosen models
  | "MODEL_NOT_FOUND" // a model file or folder does not exist, or a role is missing from it
  | "MODEL_DOWNLOAD_FAILED" // the network failed and nothing usable is cached
  | "MODEL_HASH_MISMATCH" // length or sha256 differ from the manifest; the bytes were discarded
  | "MODEL_INVALID" // the file is not a model that the runtime can load
  | "BACKEND_UNAVAILABLE" // the backend that was demanded does not exist here
  | "MODULE_MISSING" // an optional package is not installed; the message has the command
  | "GPU_OUT_OF_MEMORY"
  | "DEVICE_LOST"
  | "INFERENCE_FAILED"
  | "ABORTED" // the caller's AbortSignal fired
  | "DEADLINE_EXCEEDED" // the call took longer than its deadline; its worker was replaced
  | "WORKER_DIED" // the worker crashed or was killed under the call
  | "QUEUE_FULL" // too many reads are waiting already
  | "MEMORY_EXHAUSTED" // the memory budget does not allow the task, even at the smallest settings
  | "ENGINE_CLOSED" // the engine was closed before or during the call
  | "INTERNAL"; // a bug in Glyphpool

/** Codes for which repeating the same call can succeed. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "MODEL_DOWNLOAD_FAILED",
  "GPU_OUT_OF_MEMORY",
  "DEVICE_LOST",
  "DEADLINE_EXCEEDED",
  "WORKER_DIED",
  "QUEUE_FULL",
  "MEMORY_EXHAUSTED",
]);

/** `instanceof` fails across realms and duplicate copies of the package; this brand does not. */
const BRAND = "glyphpool.error";

/** The one error class of Glyphpool. */
export class GlyphpoolError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed when it is repeated. */
  readonly retryable: boolean;
  readonly brand: string = BRAND;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    // Platform code tests `error.name === "AbortError"`; aborts keep that convention.
    this.name = code === "ABORTED" ? "AbortError" : "GlyphpoolError";
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }

  /** True for errors of this class from any realm or copy of the package. */
  static is(value: unknown): value is GlyphpoolError {
    return (
      typeof value === "object" &&
      value !== null &&
      (value as Partial<GlyphpoolError>).brand === BRAND
    );
  }
}

/** A structured-cloneable form of an error; comlink alone would lose class and code. */
export interface WireError {
  code: ErrorCode;
  message: string;
  stack?: string;
}

/** Turns anything thrown into its wire form. Unknown throwables become `INTERNAL`. */
export function toWireError(error: unknown): WireError {
  const known = GlyphpoolError.is(error);
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: known ? error.code : "INTERNAL",
    message,
    ...(stack === undefined ? {} : { stack }),
  };
}

/** Rebuilds the typed error on the other side of the wire; the remote stack becomes the cause. */
export function fromWireError(wire: WireError): GlyphpoolError {
  return new GlyphpoolError(wire.code, wire.message, wire.stack ? { cause: wire.stack } : {});
}

/** The typed form of an aborted signal. */
export function abortError(signal: AbortSignal): GlyphpoolError {
  return new GlyphpoolError("ABORTED", "The call was aborted by its signal.", {
    cause: signal.reason,
  });
}

/** The error of every call to a closed engine. */
export function engineClosed(): GlyphpoolError {
  return new GlyphpoolError("ENGINE_CLOSED", "The engine is closed. Create a new one.");
}

/** Throws `ABORTED` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

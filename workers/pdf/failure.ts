/** pdf.js's errors as typed errors. Their classes do not survive its own wire, their names do. */
import { GlyphpoolError } from "../../src/errors.ts";

/** `PasswordResponses` of pdf.js. */
const WRONG_PASSWORD = 2;

/** @param what failed, for the message: "it could not be opened" */
export function pdfFailure(cause: unknown, what: string): GlyphpoolError {
  if (GlyphpoolError.is(cause)) return cause;
  const { name, message, code } = Object(cause) as Partial<Error & { code: unknown }>;
  if (name === "PasswordException") {
    return code === WRONG_PASSWORD
      ? new GlyphpoolError("PDF_PASSWORD_WRONG", "The password does not open the PDF.", { cause })
      : new GlyphpoolError(
          "PDF_PASSWORD_REQUIRED",
          "The PDF is encrypted. Pass its password as the option `password`.",
          { cause },
        );
  }
  if (name === "RenderingCancelledException" || name === "AbortException") {
    return new GlyphpoolError("ABORTED", "The call was aborted by its signal.", { cause });
  }
  const why = message ?? String(cause);
  const text = `The PDF is damaged: ${what} (${why}).`;
  return new GlyphpoolError("PDF_CORRUPT", text, { cause });
}

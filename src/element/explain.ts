/** Errors in the words of people who only want to read a file. Options are named to developers by the event `error`. */
import type { GlyphpoolError } from "../errors.ts";

const SENTENCES: Readonly<Record<string, string>> = {
  UNSUPPORTED_FORMAT:
    "This file is neither a picture that this browser can open nor a PDF. Save it as PNG, JPEG or PDF and try again.",
  INVALID_INPUT: "This file is empty or not a document. Choose a picture or a PDF.",
  IMAGE_CORRUPT: "This picture is damaged or incomplete. Try to download or scan it again.",
  IMAGE_TOO_LARGE: "This picture is too large to read here. Scale it down or cut it into parts.",
  DOCUMENT_TOO_LARGE: "This document is too large to read here. Split it into smaller files.",
  PDF_CORRUPT: "This PDF is damaged and cannot be opened. Try to download or export it again.",
  PDF_PASSWORD_REQUIRED: "This PDF is protected by a password. Save a copy without one.",
  PDF_PASSWORD_WRONG: "The password does not open this PDF.",
  MODEL_DOWNLOAD_FAILED:
    "The models could not be downloaded. Check the connection, or choose models that need no download.",
  MEMORY_EXHAUSTED:
    "There is not enough memory left for this page. Close other tabs and try again.",
  GPU_OUT_OF_MEMORY: "The graphics memory is full. Close other tabs and try again.",
  DEADLINE_EXCEEDED:
    "This page took too long and was given up. Try again, or try a smaller picture.",
  WORKER_DIED: "The reader was interrupted. Try again.",
};

export function explain({ code, message }: GlyphpoolError): string {
  return SENTENCES[code] ?? message;
}

/** What the two halves of pdf.js say to each other besides pdf.js's own messages, which it ignores. */
import type { Trouble } from "./warnings.ts";

const PREFIX = "glyphpool-pdf-";

export function troubleMessage(trouble: Trouble): string {
  return PREFIX + trouble;
}

/** Nothing for any other message. */
export function troubleOf(message: unknown): Trouble | undefined {
  const [, trouble] = typeof message === "string" ? message.split(PREFIX) : [];
  return trouble as Trouble | undefined;
}

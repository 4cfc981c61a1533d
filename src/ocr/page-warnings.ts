/** What the pipeline has to say about a page that may be incomplete. */
import type { PageWarning } from "../types.ts";

export const RESOLUTION_REDUCED: PageWarning = {
  code: "RESOLUTION_REDUCED",
  message:
    "The picture is so large that small text in it may be missing. Read it in parts with the option region.",
};

export const MEMORY_REDUCED: PageWarning = {
  code: "RESOLUTION_REDUCED",
  message:
    "The memory budget did not allow to look for text at full size: small text may be missing. " +
    "Raise memory.budget, or use fewer workers.",
};

export function linesDropped(count: number, least: number): PageWarning {
  const what = count === 1 ? "1 line was" : `${count} lines were`;
  return {
    code: "LINES_DROPPED",
    message: `${what} left out because of confidence below ${least}. Lower minConfidence to keep such lines.`,
  };
}

/** Options of a task or read as they come over the wire: those of `engine.pages` that are plain data. */
import { invalidOption, unknownOption } from "../../options/rules.ts";
import { ANALYSES } from "../../options/structure.ts";
import { resolvePagesOptions } from "../../options/pages.ts";
import type { PagesOptions } from "../../options/pages.ts";
import type { TaskOptions } from "../store/task-store.ts";

/** What only a caller in the same process can give, or what would put one caller before others. */
const LOCAL: ReadonlySet<string> = new Set([
  "signal",
  "onProgress",
  "onComplete",
  "onUpdate",
  "chartReader",
  "group",
  "priority",
]);

/**
 * @param value what was sent; nothing counts as no options
 * @param maxDeadline milliseconds that a caller may ask for a page
 * @throws GlyphpoolError `INVALID_OPTION`
 */
export function checkTaskOptions(value: unknown, maxDeadline: number): TaskOptions {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw invalidOption("options", value, "an object");
  }
  for (const name of Object.keys(value)) {
    if (LOCAL.has(name)) throw unknownOption(name, ["those of a document, see the documentation"]);
  }
  const options = value as PagesOptions;
  resolvePagesOptions(options);
  for (const analysis of ANALYSES) {
    // A result is whole: nothing comes after its end.
    if (options[analysis] === "defer") throw invalidOption(analysis, "defer", "true or false");
  }
  const { deadline } = options;
  if (deadline !== undefined && (deadline === 0 || deadline > maxDeadline)) {
    throw invalidOption("deadline", deadline, `milliseconds from 1 to ${maxDeadline}`);
  }
  return options as TaskOptions;
}

/** Options of a task or read as they come over the wire: those of `engine.pages` that are plain data. */
import { invalidOption, unknownOption } from "../../options/rules.ts";
import { ANALYSES } from "../../options/structure.ts";
import { resolvePagesOptions } from "../../options/pages.ts";
import type { PagesOptions } from "../../options/pages.ts";
import type { TaskOptions } from "../store/task-store.ts";

/** Those of `engine.pages` that cross a network and put no caller before others. */
export const TASK_OPTIONS: readonly string[] = [
  "pages",
  "text",
  "dpi",
  "maxPixels",
  "password",
  "language",
  "minConfidence",
  "detectOnly",
  "order",
  "deadline",
  ...ANALYSES,
];

/** A language as BCP 47 writes it, or a name of ours such as `chinese_cht`. */
const LANGUAGE = /^[A-Za-z]{2,20}([-_][A-Za-z0-9]{1,8})*$/;

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
    if (!TASK_OPTIONS.includes(name)) throw unknownOption(name, TASK_OPTIONS);
  }
  const options = value as PagesOptions;
  resolvePagesOptions(options);
  for (const analysis of ANALYSES) {
    // A result is whole: nothing comes after its end.
    if (options[analysis] === "defer") throw invalidOption(analysis, "defer", "true or false");
  }
  const { deadline, language, pages } = options;
  if (language !== undefined && !LANGUAGE.test(language)) {
    throw invalidOption("language", language, 'a language such as "en"');
  }
  // Which pages there are is known later, but there is no page 0 in any document.
  if (pages?.split(/[,-]/).some((part) => /^\s*r?0+\s*$/.test(part))) {
    throw invalidOption("pages", pages, "pages from 1 on");
  }
  if (deadline !== undefined && (deadline === 0 || deadline > maxDeadline)) {
    throw invalidOption("deadline", deadline, `milliseconds from 1 to ${maxDeadline}`);
  }
  return options as TaskOptions;
}

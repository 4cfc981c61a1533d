/** Variables that look like settings and are none: a typing mistake would leave a default in force without a word. */

import { closest } from "../../core/closest.ts";

/** Mistakes up to which a name is taken for a known one: the names are long. */
const NEAR = 4;

/** Of the checkout's own scripts: what they need to build and to test. */
const SCRIPTS: ReadonlySet<string> = new Set(
  ["CHROMIUM", "SHARED", "MODEL_FILES", "MODEL_MIRROR", "MODEL_SOURCES"].map(
    (name) => `GLYPHPOOL_${name}`,
  ),
);

/**
 * @param given names of variables that begin with `GLYPHPOOL_`
 * @param known names of all settings
 * @returns a sentence for each name that is not known
 */
export function misspelt(given: readonly string[], known: readonly string[]): string[] {
  return given
    .filter((name) => !known.includes(name) && !SCRIPTS.has(name))
    .map((name) => {
      const nearest = closest(name, known, NEAR);
      const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
      return `There is no setting ${name}; it is ignored.${hint}`;
    });
}

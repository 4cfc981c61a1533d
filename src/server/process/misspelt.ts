/** Variables that look like settings and are none: a typing mistake would leave a default in force without a word. */

/** Edits up to which a name is taken for a known one. */
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
      const [nearest] = known
        .map((each) => ({ each, edits: distance(name, each) }))
        .toSorted((a, b) => a.edits - b.edits);
      const hint = nearest && nearest.edits <= NEAR ? ` Did you mean ${nearest.each}?` : "";
      return `There is no setting ${name}; it is ignored.${hint}`;
    });
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

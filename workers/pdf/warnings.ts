/**
 * pdf.js leaves out what it cannot read or draw, and only prints a warning. Printing is of no use in a worker, but some
 * warnings must not be lost: an image that was left out would pass for a blank page.
 */

/**
 * - `removed`: something was left out for its size.
 * - `repaired`: the table of objects is damaged; they were looked for one by one.
 * - `damaged`: a part of a page could not be read.
 */
export type Trouble = "removed" | "repaired" | "damaged";

const listeners = new Set<(trouble: Trouble) => void>();

/** The warnings as pdf.js words them (6.5.438; tests notice a change). */
const TROUBLES: readonly (readonly [RegExp, Trouble])[] = [
  [/Image exceeded maximum allowed size/, "removed"],
  [/Indexing all PDF objects/, "repaired"],
  [/Unable to decode image|getOperatorList - ignoring errors during/, "damaged"],
];

const { console: terminal } = globalThis;
for (const name of ["warn", "log", "info"] as const) {
  terminal[name] = (...values: unknown[]): void => {
    const text = values.map(String).join(" ");
    for (const [pattern, trouble] of TROUBLES) if (pattern.test(text)) tellTrouble(trouble);
  };
}

/** For what pdf.js may say nothing of. */
export function tellTrouble(trouble: Trouble): void {
  for (const listener of listeners) listener(trouble);
}

/** Calls back with all trouble in this realm. */
export function onTrouble(listener: (trouble: Trouble) => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

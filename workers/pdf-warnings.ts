/**
 * pdf.js leaves out what it cannot draw and only prints a warning. Printing is of no use in a worker, but one of the
 * warnings must not be lost: an image that was left out for its size would pass for a blank page.
 */
const listeners = new Set<() => void>();

/** The warnings about `maxImageSize` and about canvases, as pdf.js words them (6.5.438; a test notices a change). */
const IMAGE_REMOVED = /Image exceeded maximum allowed size|Maximum allowed.*buffer/i;

/** What `pdf-guard.ts` says of a buffer that is too large; pdf.js passes it on in a warning. */
export const BUFFER_REFUSED = "Maximum allowed size of a buffer exceeded";

const { console: terminal } = globalThis;
for (const name of ["warn", "log", "info"] as const) {
  terminal[name] = (...values: unknown[]): void => {
    if (!values.some((value) => IMAGE_REMOVED.test(String(value)))) return;
    for (const listener of listeners) listener();
  };
}

/** Calls back whenever pdf.js, in this realm, leaves out something for its size. */
export function onRemoval(listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

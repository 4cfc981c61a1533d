/**
 * pdf.js leaves out what it cannot draw and only prints a warning. Printing is of no use in a worker, but one of the
 * warnings must not be lost: an image that was left out for its size would pass for a blank page.
 */
const listeners = new Set<() => void>();

/** The warning about `maxImageSize`, as pdf.js words it (6.5.438; a test notices a change). */
const IMAGE_REMOVED = /Image exceeded maximum allowed size/;

const { console: terminal } = globalThis;
for (const name of ["warn", "log", "info"] as const) {
  terminal[name] = (...values: unknown[]): void => {
    if (values.some((value) => IMAGE_REMOVED.test(String(value)))) tellRemoval();
  };
}

/** Something was left out for its size, and pdf.js may say nothing of it. */
export function tellRemoval(): void {
  for (const listener of listeners) listener();
}

/** Calls back whenever something is left out for its size in this realm. */
export function onRemoval(listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

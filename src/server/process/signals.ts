/** SIGINT and SIGTERM as wishes to end: what comes twice is told from what was meant twice. */

/**
 * Milliseconds within which signals are one. Ctrl-C goes to all processes of a terminal, and those that hold others
 * pass it on: the last one gets the same wish several times.
 */
const ONE_WISH = 200;

/** @param listener gets how often was asked so far, and the number of the signal */
export function onSignals(listener: (times: number, signal: number) => void): void {
  let times = 0;
  let last = -Infinity;
  for (const [name, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    if (Deno.build.os === "windows" && name === "SIGTERM") continue;
    Deno.addSignalListener(name, () => {
      const now = performance.now();
      if (now - last < ONE_WISH) return;
      last = now;
      listener(++times, number);
    });
  }
}

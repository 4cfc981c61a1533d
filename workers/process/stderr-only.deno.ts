/**
 * The first import of everything in a child process: there stdout belongs to the frames, so what code
 * prints with `console` goes to stderr.
 */
const terminal: Console = globalThis.console;
const PRINTING = [
  "log",
  "info",
  "debug",
  "dir",
  "dirxml",
  "table",
  "count",
  "group",
  "groupCollapsed",
  "timeEnd",
  "timeLog",
] as const;

for (const name of PRINTING) terminal[name] = (...values: unknown[]) => terminal.error(...values);

/** One line of JSON for each thing worth knowing, on the error stream. */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** @param write takes a line without its end */
export function jsonLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  const line = (level: string, message: string, fields: LogFields = {}): void => {
    const shown = Object.entries(fields).map(([name, value]) => [name, show(value)]);
    write(
      JSON.stringify({ at: now().toISOString(), level, message, ...Object.fromEntries(shown) }),
    );
  };
  return {
    info: (message, fields) => line("info", message, fields),
    error: (message, fields) => line("error", message, fields),
  };
}

/** Errors have no fields that JSON would show. */
function show(value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? String(value)) : value;
}

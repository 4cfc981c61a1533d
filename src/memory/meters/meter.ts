/** What every meter of memory looks like to the guard. */

/**
 * What a meter sees. `gpu`: bytes of ours on the GPU. `wasm`: heaps of the model runtime. `process`: the
 * whole process or its container. `device`: a whole GPU, other programs included.
 */
export type MeterScope = "gpu" | "wasm" | "process" | "device";

export interface KnownReading {
  readonly bytes: number;
  /** The most that `bytes` can become; absent where nothing bounds it. */
  readonly limit?: number;
}

export interface UnknownReading {
  /** Why it could not be read, for people. */
  readonly unknown: string;
}

/** A figure, or the reason why there is none. Never a figure that stands for "could not read". */
export type Reading = KnownReading | UnknownReading;

export interface Meter {
  readonly name: string;
  readonly scope: MeterScope;
  /** Never rejects: what fails is an unknown reading with its reason. */
  read(): Promise<Reading>;
}

export function isKnown(reading: Reading | undefined): reading is KnownReading {
  return reading !== undefined && "bytes" in reading;
}

/** The unknown reading for something thrown. */
export function unknownBecause(error: unknown): UnknownReading {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { unknown: text.split("\n", 1)[0] ?? text };
}

import type { MemoryFacts } from "../budget.ts";
import type { Meter } from "./meter.ts";

/** The meters of one platform, and what it says about the size of its memory. */
export interface PlatformMeters {
  /** In order of trust, for the guard. */
  readonly meters: readonly Meter[];
  readonly facts: MemoryFacts;
  /** Gives native libraries back. */
  readonly close: () => Promise<void>;
}

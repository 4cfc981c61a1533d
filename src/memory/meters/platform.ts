/** The meters that this platform has, and what it tells about the size of its memory. */
import type { MemoryFacts } from "../budget.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { BrowserMeter, userAgentMeasure } from "./browser.ts";
import type { Meter } from "./meter.ts";

export interface PlatformMeters {
  /** In order of trust, for the guard. */
  readonly meters: readonly Meter[];
  readonly facts: MemoryFacts;
  /** Gives native libraries back. */
  readonly close: () => Promise<void>;
}

/** Never rejects and never makes Deno ask for a permission: what is not to be had is left out. */
export async function openPlatformMeters(timers: Timers = systemTimers): Promise<PlatformMeters> {
  if (typeof Deno === "undefined") return browserMeters(timers);
  // Foreign functions, files and drivers, which no browser has to load.
  const { denoMeters } = await import("./platform-deno.ts");
  return await denoMeters();
}

function browserMeters(timers: Timers): PlatformMeters {
  const { deviceMemory } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  return {
    meters: [new BrowserMeter({ measure: userAgentMeasure(), timers })],
    facts: deviceMemory ? { deviceMemory: deviceMemory * 2 ** 30 } : {},
    close: async () => undefined,
  };
}

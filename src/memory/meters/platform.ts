/** The meters that this platform has, and what it tells about the size of its memory. */
import { systemTimers, type Timers } from "../../core/timers.ts";
import { BrowserMeter, userAgentMeasure } from "./browser.ts";
import type { PlatformMeters } from "./platform-meters.ts";

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

import { describe, expect, it } from "vitest";
import { BrowserMeter, userAgentMeasure } from "../../src/memory/meters/browser.ts";
import { isKnown } from "../../src/memory/meters/meter.ts";
import { openPlatformMeters } from "../../src/memory/meters/platform.ts";
import { deriveBudget } from "../../src/memory/budget.ts";
import { systemTimers, wait } from "../../src/core/timers.ts";

describe("meters in Chromium", () => {
  it("knows the size of the machine and has one meter", async () => {
    const { meters, facts } = await openPlatformMeters();
    expect(meters.map(({ name }) => name)).toEqual(["browser"]);
    expect(facts.deviceMemory).toBeGreaterThan(0);
    console.log("deviceMemory", facts.deviceMemory, deriveBudget(facts));
  });

  it("measures the page, in its own time", async () => {
    expect(crossOriginIsolated).toBe(true);
    // One that begins while an earlier file's worker ends never comes to an end: then the next one has to.
    const meter = new BrowserMeter({
      measure: userAgentMeasure(),
      timers: systemTimers,
      deadline: 5_000,
      every: 1_000,
    });
    const start = performance.now();
    let reading = await meter.read();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(reading).toHaveProperty("unknown");
    while (!isKnown(reading) && performance.now() - start < 90_000) {
      await wait(systemTimers, 250);
      reading = await meter.read();
    }
    console.log("browser", reading, `${Math.round(performance.now() - start)} ms`);
    expect(reading).toEqual({ bytes: expect.any(Number) });
    expect(isKnown(reading) && reading.bytes).toBeGreaterThan(100_000);
  });
});

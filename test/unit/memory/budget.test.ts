import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_BUDGET, MIN_BUDGET, UNKNOWN_BUDGET } from "../../../src/memory/budget.ts";
import { deriveBudget, resolveBudget } from "../../../src/memory/budget.ts";
import type { MemoryFacts } from "../../../src/memory/budget.ts";

const GIB = 2 ** 30;

describe("deriveBudget", () => {
  it.each<[string, MemoryFacts, number, RegExp]>([
    ["nothing known", {}, UNKNOWN_BUDGET, /nothing is known/],
    ["only an adapter", { maxBufferSize: 4 * GIB }, UNKNOWN_BUDGET, /nothing is known/],
    ["a small adapter", { maxBufferSize: GIB / 8 }, GIB / 4, /largest buffer/],
    ["a phone of 2 GiB", { deviceMemory: 2 * GIB }, GIB / 4, /deviceMemory/],
    ["a laptop", { deviceMemory: 8 * GIB, maxBufferSize: 4 * GIB }, GIB, /deviceMemory/],
    ["a container", { cgroupLimit: GIB, systemMemory: 64 * GIB }, GIB / 2, /container/],
    ["a small server", { systemMemory: 4 * GIB }, GIB, /machine/],
    ["a small GPU", { systemMemory: 64 * GIB, gpuMemory: 4 * GIB }, 2 * GIB, /GPU/],
    ["a large server", { systemMemory: 512 * GIB, gpuMemory: 80 * GIB }, MAX_BUDGET, /largest/],
    ["a tiny container", { cgroupLimit: GIB / 8 }, MIN_BUDGET, /smallest/],
  ])("%s", (_, facts, bytes, basis) => {
    expect(deriveBudget(facts)).toEqual({ bytes, basis: expect.stringMatching(basis) });
  });

  it("never grows when a further memory becomes known to be smaller", () => {
    const size = fc.integer({ min: 2 ** 20, max: 2 ** 40 });
    fc.assert(
      fc.property(size, size, size, (systemMemory, less, maxBufferSize) => {
        const known = deriveBudget({ systemMemory }).bytes;
        const cgroupLimit = Math.min(less, systemMemory / 2);
        expect(deriveBudget({ systemMemory, cgroupLimit }).bytes).toBeLessThanOrEqual(known);
        expect(deriveBudget({ systemMemory, maxBufferSize }).bytes).toBeLessThanOrEqual(known);
        expect(known).toBeGreaterThanOrEqual(MIN_BUDGET);
        expect(known).toBeLessThanOrEqual(MAX_BUDGET);
      }),
    );
  });
});

describe("resolveBudget", () => {
  const fractions = { warning: 0.5, critical: 0.6 };

  it("takes the setting where there is one, else derives", () => {
    expect(resolveBudget({ ...fractions, budget: 5 }, { systemMemory: 8 * GIB })).toEqual({
      ...fractions,
      bytes: 5,
      basis: "the option memory.budget",
    });
    expect(resolveBudget(fractions, { systemMemory: 8 * GIB })).toMatchObject({ bytes: 2 * GIB });
  });
});

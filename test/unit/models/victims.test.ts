import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseVictims } from "../../../src/models/victims.ts";
import type { Candidate } from "../../../src/models/victims.ts";

const sum = (of: readonly Candidate[]): number => of.reduce((all, { bytes }) => all + bytes, 0);

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

/** Every choice looked at, the best by number and then by age, the oldest members first. */
function bestByForce(candidates: readonly Candidate[], need: number): number[] {
  const ages = (set: readonly Candidate[]): number[] =>
    set.map(({ lastUse }) => lastUse).toSorted((a, b) => a - b);
  const older = (a: readonly number[], b: readonly number[]): number => {
    const i = a.findIndex((age, k) => age !== b[k]);
    return i < 0 ? 0 : (a[i] as number) - (b[i] as number);
  };
  const covering = subsets(candidates).filter((set) => sum(set) >= need);
  const [best] = covering.toSorted((a, b) => a.length - b.length || older(ages(a), ages(b)));
  return ages(best ?? candidates);
}

describe("chooseVictims", () => {
  it("takes the fewest that cover the need, of those the least recently used", () => {
    const candidates = array(record({ bytes: integer({ min: 0, max: 12 }) }), { maxLength: 7 });
    assert(
      property(candidates, integer({ min: 1, max: 50 }), integer(), (sizes, need, seed) => {
        const uses = sizes.map((_, i) => (i * 7 + Math.abs(seed)) % 11);
        const all = sizes.map(({ bytes }, i) => ({ bytes, lastUse: uses[i] as number }));
        const chosen = chooseVictims(all, need).map(({ lastUse }) => lastUse);
        expect(chosen).toEqual(bestByForce(all, need));
      }),
      { numRuns: 300 },
    );
  });

  it("takes one large model rather than two older small ones", () => {
    const small = { bytes: 60, lastUse: 1 };
    const middle = { bytes: 60, lastUse: 2 };
    const large = { bytes: 100, lastUse: 3 };
    expect(chooseVictims([large, middle, small], 100)).toEqual([large]);
    expect(chooseVictims([large, middle, small], 60)).toEqual([small]);
    expect(chooseVictims([large, middle, small], 120)).toEqual([small, middle]);
  });

  it("takes all when all are too small, and none when nothing is needed", () => {
    const all = [
      { bytes: 0, lastUse: 2 },
      { bytes: 5, lastUse: 1 },
    ];
    expect(chooseVictims(all, Infinity)).toHaveLength(2);
    expect(chooseVictims(all, 0)).toEqual([]);
    expect(chooseVictims(all, -3)).toEqual([]);
  });
});

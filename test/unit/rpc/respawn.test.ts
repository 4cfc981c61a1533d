import { describe, expect, it } from "vitest";
import { RespawnPolicy } from "../../../src/rpc/respawn.ts";

const OPTIONS = { minLife: 1_000, backOff: 100, maxBackOff: 500 };

function rig(random = 1) {
  const clock = { now: 5_000 };
  const policy = new RespawnPolicy(
    OPTIONS,
    () => clock.now,
    () => random,
  );
  return { clock, policy };
}

describe("RespawnPolicy", () => {
  it("never delays the first respawn, doubles the delay from then on, up to its bound", () => {
    const { policy } = rig();
    expect(policy.delay).toBe(0);
    const delays = [1, 2, 3, 4, 5, 6].map(() => {
      policy.died();
      return policy.delay;
    });
    expect(delays).toEqual([0, 100, 200, 400, 500, 500]);
  });

  it("begins anew after a success", () => {
    const { policy } = rig();
    policy.died();
    policy.died();
    policy.succeeded();
    expect(policy.delay).toBe(0);
    policy.died();
    expect(policy.delay).toBe(0);
  });

  it("counts the time that has passed since the death", () => {
    const { clock, policy } = rig();
    policy.died();
    policy.died();
    clock.now += 60;
    expect(policy.delay).toBe(40);
    clock.now += 60;
    expect(policy.delay).toBe(0);
  });

  it("spreads delays between half and the whole", () => {
    const delays = [0, 0.5, 1].map((random) => {
      const { policy } = rig(random);
      policy.died();
      policy.died();
      return policy.delay;
    });
    expect(delays).toEqual([50, 75, 100]);
  });

  it("lets a worker be recycled when it has lived long enough", () => {
    const { clock, policy } = rig();
    const born = clock.now;
    clock.now += 999;
    expect(policy.isMature(born)).toBe(false);
    clock.now += 1;
    expect(policy.isMature(born)).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import { DeviceRenewal } from "../../../../workers/ocr/device-renewal.ts";

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function scene(renew: () => Promise<boolean> = async () => true): {
  renewal: DeviceRenewal;
  state: { empty: boolean; renewed: number };
} {
  const state = { empty: false, renewed: 0 };
  const renewal = new DeviceRenewal({
    limit: 100,
    isEmpty: () => state.empty,
    renew: async () => {
      state.renewed++;
      return await renew();
    },
  });
  return { renewal, state };
}

describe("the renewal of a device", () => {
  it("waits until the device is empty and has had as much as it may", async () => {
    const { renewal, state } = scene();
    renewal.loaded(60);
    state.empty = true;
    renewal.check();
    expect(state.renewed).toBe(0);
    renewal.loaded(60);
    state.empty = false;
    renewal.check();
    expect(state.renewed).toBe(0);
    state.empty = true;
    renewal.check();
    expect(state.renewed).toBe(1);
    await settle();
    renewal.check();
    expect(state.renewed).toBe(1);
  });

  it("does not begin twice at once, though a renewal changes the models' states", async () => {
    const { renewal, state } = scene();
    renewal.loaded(200);
    state.empty = true;
    renewal.check();
    renewal.check();
    expect(state.renewed).toBe(1);
  });

  it.each([
    ["a model came in between", async () => false],
    ["there is no other device", () => Promise.reject(new Error("none"))],
  ])("is tried again later where %s", async (_reason, renew) => {
    const { renewal, state } = scene(renew);
    renewal.loaded(200);
    state.empty = true;
    renewal.check();
    await settle();
    renewal.check();
    expect(state.renewed).toBe(2);
  });
});

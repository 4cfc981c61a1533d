import { describe, expect, it } from "vitest";
import { Lazy } from "../../../src/core/lazy.ts";

describe("something that is made once", () => {
  it("is the same for all, and made anew after a failure or when it was taken", async () => {
    let tries = 0;
    const lazy = new Lazy(async () => {
      if (++tries === 1) throw new Error("the network is down");
      return tries;
    });
    const failed = [lazy.get(), lazy.get()];
    await expect(Promise.allSettled(failed)).resolves.toMatchObject([
      { status: "rejected" },
      { status: "rejected" },
    ]);
    expect(tries).toBe(1);
    await expect(Promise.all([lazy.get(), lazy.get()])).resolves.toEqual([2, 2]);
    await expect(lazy.take()).resolves.toBe(2);
    await expect(lazy.take()).resolves.toBeUndefined();
    await expect(lazy.get()).resolves.toBe(3);
  });

  it("that failed is nothing to take", async () => {
    const lazy = new Lazy(() => Promise.reject(new Error("no")));
    const getting = lazy.get();
    await expect(lazy.take()).resolves.toBeUndefined();
    await expect(getting).rejects.toThrow("no");
  });
});

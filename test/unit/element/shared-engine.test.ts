import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine, EngineOptions } from "../../../src/engine/engine.ts";
import { leaseEngine } from "../../../src/element/shared-engine.ts";

const LINGER = 5000;
let made: { options: EngineOptions; closed: boolean }[];

const create = async (options: EngineOptions): Promise<Engine> => {
  const entry = { options, closed: false };
  made.push(entry);
  return {
    close: async () => {
      entry.closed = true;
    },
  } as Engine;
};
const lease = (options: EngineOptions = {}) => leaseEngine(options, { create, linger: LINGER });

beforeEach(() => {
  made = [];
  vi.useFakeTimers();
});
afterEach(async () => {
  await vi.runAllTimersAsync();
  vi.useRealTimers();
});

describe("a shared engine", () => {
  it("is one for all who want the same, in whatever order they say it", async () => {
    using a = lease({ language: "en", backend: "wasm" });
    using b = lease({ backend: "wasm", language: "en" });
    using other = lease({ backend: "wasm" });
    expect(await a.engine).toBe(await b.engine);
    expect(await other.engine).not.toBe(await a.engine);
    expect(made).toHaveLength(2);
  });

  it("outlives a node that is taken out and put back", async () => {
    const first = lease();
    const engine = await first.engine;
    first[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(LINGER - 1);
    using second = lease();
    await vi.advanceTimersByTimeAsync(10 * LINGER);
    expect(await second.engine).toBe(engine);
    expect(made).toMatchObject([{ closed: false }]);
  });

  it("ends after its last user, who may say so twice", async () => {
    const first = lease();
    const second = lease();
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(2 * LINGER);
    expect(made).toMatchObject([{ closed: false }]);
    second[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(LINGER);
    expect(made).toMatchObject([{ closed: true }]);
    using third = lease();
    await third.engine;
    expect(made).toHaveLength(2);
  });

  it("is made anew after a failed start", async () => {
    const fail = async (): Promise<Engine> => {
      throw new Error("no wasm");
    };
    using failed = leaseEngine({}, { create: fail });
    await expect(failed.engine).rejects.toThrow("no wasm");
    using next = lease();
    await expect(next.engine).resolves.toBeDefined();
  });
});

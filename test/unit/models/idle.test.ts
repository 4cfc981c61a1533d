import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import type { Model } from "../../../src/catalog/manifest/manifest.ts";
import { DEFAULT_IDLE_TIMEOUT } from "../../../src/models/idle-timer.ts";
import { modelOf, rigOf, states, turn, warm } from "./manager-rig.ts";

const model = modelOf("a", 100);
const MINUTE = 60_000;
/** Longer than platforms' timers can wait. */
const MONTH = 30 * 24 * 60 * MINUTE;

describe("idle models", () => {
  const { detection, orientation } = EMBEDDED;
  /** A role that the pipeline does not know (yet): the manager has to treat it like any other. */
  const layout = { ...detection, id: "layout", role: "layout" } as unknown as Model;
  const dictionary = { name: "dictionary.txt", url: "https://models.test/dictionary.txt" };
  const recognition: Model = { ...EMBEDDED.recognition, dictionary };

  it.each([detection, orientation as Model, layout, recognition])(
    "are unloaded after five minutes: $role",
    async (of) => {
      const { manager, world, timers } = rigOf({ size: () => 10 });
      await warm(manager, of);
      await timers.advance(DEFAULT_IDLE_TIMEOUT - 1);
      expect(manager.models).toMatchObject([{ state: "ready", gpuBytes: 10 }]);
      await timers.advance(1);
      expect(manager.models).toEqual([
        {
          id: of.id,
          role: of.role,
          state: "unloaded",
          reason: "idle timeout",
          leases: 0,
          gpuBytes: 0,
          wasmBytes: 0,
        },
      ]);
      expect(world.released).toEqual([of.id]);
      expect(timers.pending).toBe(0);
      await warm(manager, of);
      expect(world.created).toEqual([of.id, of.id]);
    },
  );

  it("stay while a lease is held, and the time begins with its end", async () => {
    const { manager, timers } = rigOf({ idleTimeout: MINUTE });
    await warm(manager, model);
    await timers.advance(MINUTE - 1);
    const lease = await manager.acquire(model);
    await timers.advance(10 * MINUTE);
    expect(states(manager)).toEqual(["a ready 1"]);
    lease[Symbol.dispose]();
    await timers.advance(MINUTE - 1);
    expect(states(manager)).toEqual(["a ready 0"]);
    await timers.advance(1);
    expect(states(manager)).toEqual(["a unloaded 0"]);
  });

  it("tell how long they stay", async () => {
    const { manager, timers } = rigOf({ idleTimeout: MINUTE, idleTimeouts: { b: Infinity } });
    await warm(manager, model, modelOf("b", 10));
    await timers.advance(MINUTE / 4);
    expect(manager.models.map(({ idleLeft }) => idleLeft)).toEqual([(3 * MINUTE) / 4, undefined]);
    const lease = await manager.acquire(model);
    expect(manager.models[0]?.idleLeft).toBeUndefined();
    lease[Symbol.dispose]();
  });

  it("are unloaded at once with a timeout of 0, when the last lease ends", async () => {
    const { manager, timers } = rigOf({ idleTimeout: 0 });
    const one = await manager.acquire(model);
    const two = await manager.acquire(model);
    one[Symbol.dispose]();
    await turn();
    expect(states(manager)).toEqual(["a ready 1"]);
    two[Symbol.dispose]();
    expect(states(manager)).toEqual(["a unloading 0"]);
    await turn();
    expect(states(manager)).toEqual(["a unloaded 0"]);
    expect(timers.pending).toBe(0);
  });

  it("never are with Infinity, and one model may differ from the others", async () => {
    const { manager, timers } = rigOf({ idleTimeout: Infinity, idleTimeouts: { b: MINUTE } });
    await warm(manager, model, modelOf("b", 10));
    await timers.advance(MINUTE);
    expect(states(manager)).toEqual(["a ready 0", "b unloaded 0"]);
    expect(timers.pending).toBe(0);
  });

  it("can wait longer than a timer can", async () => {
    const { manager, timers } = rigOf({ idleTimeout: MONTH });
    await warm(manager, model);
    await timers.advance(MONTH - 1);
    expect(states(manager)).toEqual(["a ready 0"]);
    await timers.advance(1);
    expect(states(manager)).toEqual(["a unloaded 0"]);
  });

  it("feel a new default, which counts the time that has passed", async () => {
    const { manager, timers } = rigOf({ idleTimeout: Infinity });
    await warm(manager, model);
    await timers.advance(MINUTE);
    manager.configure({ idleTimeout: 2 * MINUTE });
    await timers.advance(MINUTE - 1);
    expect(states(manager)).toEqual(["a ready 0"]);
    manager.configure({ idleTimeout: MINUTE });
    await turn();
    expect(states(manager)).toEqual(["a unloaded 0"]);
  });

  it("are unloaded too when nobody waited for the end of their load", async () => {
    const { manager, timers } = rigOf({ idleTimeout: MINUTE });
    const controller = new AbortController();
    const claim = manager.acquire(model, controller.signal);
    controller.abort();
    await expect(claim).rejects.toMatchObject({ code: "ABORTED" });
    await turn();
    expect(states(manager)).toEqual(["a ready 0"]);
    await timers.advance(MINUTE);
    expect(states(manager)).toEqual(["a unloaded 0"]);
  });
});

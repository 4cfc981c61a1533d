import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import type { Model } from "../../../src/catalog/manifest/manifest.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { modelOf, rigOf, states, turn, warm } from "./manager-rig.ts";

const MB = 1_000_000;
const a = modelOf("a", 40 * MB);
const b = modelOf("b", 40 * MB);
const c = modelOf("c", 40 * MB);
const big = modelOf("big", 90 * MB);

describe("evict", () => {
  it("unloads the fewest idle models that cover the bytes, and says how many it freed", async () => {
    const { manager, world } = rigOf();
    await warm(manager, a, b, big);
    expect(await manager.evict(50 * MB)).toBe(90 * MB);
    expect(world.released).toEqual(["big"]);
    expect(await manager.evict(1)).toBe(40 * MB);
    expect(manager.models[0]).toMatchObject({ state: "unloaded", reason: "evicted for 1 bytes" });
    expect(await manager.evict(0)).toBe(0);
    expect(states(manager)).toEqual(["a unloaded 0", "b ready 0", "big unloaded 0"]);
  });

  it("never unloads a leased model, however many bytes are wanted", async () => {
    const { manager, world } = rigOf();
    using lease = await manager.acquire(a);
    await warm(manager, b);
    expect(await manager.evict(Infinity)).toBe(40 * MB);
    expect(world.released).toEqual(["b"]);
    expect(manager.models[1]?.reason).toBe("evicted with all idle ones");
    await expect(lease.session.run({})).resolves.toEqual({});
  });

  it("counts only what was really given back", async () => {
    const { manager, world } = rigOf();
    await warm(manager, a, b);
    world.fault = (step, id) => step === "release" && id === "a";
    await expect(manager.evict(Infinity)).rejects.toMatchObject({ code: "DEVICE_LOST" });
    expect(manager.models).toMatchObject([
      { id: "a", state: "failed", reason: "not released: gone" },
      { id: "b", state: "unloaded" },
    ]);
    world.fault = () => false;
    await warm(manager, a);
    expect(states(manager)).toEqual(["a ready 0", "b unloaded 0"]);
  });
});

describe("a budget", () => {
  it("makes idle models go before a load, no more than needed", async () => {
    const { manager, world } = rigOf({ budget: 100 * MB });
    await warm(manager, a, b, c);
    expect(world.peak).toBe(80 * MB);
    expect(world.released).toEqual(["a"]);
    expect(manager.models[0]).toMatchObject({ state: "unloaded", reason: "evicted for c" });
  });

  it("lets a claim wait for the leases of other tasks, first come first served", async () => {
    const { manager, world } = rigOf({ budget: 100 * MB });
    const one = await manager.forTask().acquire(a);
    const two = await manager.forTask().acquire(b);
    const order: string[] = [];
    const wait = async (model: Model): Promise<void> => {
      using lease = await manager.forTask().acquire(model);
      order.push(lease.model.id);
    };
    const waiting = [wait(big), wait(c)];
    await turn();
    expect(states(manager)).toEqual(["a ready 1", "b ready 1", "big unloaded 0", "c unloaded 0"]);
    // There is room for `c` now, but `big` came first.
    one[Symbol.dispose]();
    await turn();
    expect(order).toEqual([]);
    two[Symbol.dispose]();
    await Promise.all(waiting);
    expect(order).toEqual(["big", "c"]);
    expect(world.peak).toBe(90 * MB);
  });

  it("counts on the bytes of models that are leaving already", async () => {
    const { manager, world } = rigOf({ budget: 100 * MB });
    await warm(manager, a, b);
    const leave = deferred<void>();
    world.step = (label) => (label === "release a" ? leave.promise : Promise.resolve());
    const claim = manager.acquire(c);
    await turn();
    // Any event makes the manager look at its memory again.
    manager.configure({});
    (await manager.acquire(b))[Symbol.dispose]();
    await turn();
    expect(states(manager)).toEqual(["a unloading 0", "b ready 0", "c unloaded 0"]);
    leave.resolve();
    (await claim)[Symbol.dispose]();
    expect(states(manager)).toEqual(["a unloaded 0", "b ready 0", "c ready 0"]);
  });

  it("does not make models go in vain", async () => {
    const { manager, world } = rigOf({ budget: 100 * MB });
    const lease = await manager.forTask().acquire(a);
    await warm(manager, b);
    const waiting = manager.forTask().acquire(big);
    await turn();
    // Without `b` there would still be too little room.
    expect(states(manager)).toEqual(["a ready 1", "b ready 0", "big unloaded 0"]);
    lease[Symbol.dispose]();
    (await waiting)[Symbol.dispose]();
    expect(world.released).toEqual(["b", "a"]);
  });

  it("is no obstacle to a claim on a model that is loaded", async () => {
    const { manager } = rigOf({ budget: 100 * MB });
    using one = await manager.forTask().acquire(a);
    const controller = new AbortController();
    const waiting = manager.forTask().acquire(big, controller.signal);
    using again = await manager.forTask().acquire(a);
    expect(again.session).toBe(one.session);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("refuses what can never fit, before anything is allocated", async () => {
    const { manager, world } = rigOf({ budget: 80 * MB });
    await warm(manager, a);
    await expect(manager.acquire(big)).rejects.toMatchObject({
      code: "MEMORY_EXHAUSTED",
      message: expect.stringMatching(/big needs about 90\.0 MB; 40\.0 MB .* 80\.0 MB .* never fit/),
    });
    expect(world.created).toEqual(["a"]);
    expect(states(manager)).toEqual(["a ready 0", "big unloaded 0"]);
  });

  it("refuses a task that would wait for itself", async () => {
    const { manager, world } = rigOf({ budget: 100 * MB });
    const task = manager.forTask();
    const lease = await task.acquire(a);
    await expect(task.acquire(big)).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    lease[Symbol.dispose]();
    // Claims without a task of their own count as one.
    const others = [await manager.acquire(a), await manager.acquire(b)];
    await expect(manager.acquire(c)).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    expect(world.released).toEqual([]);
    for (const other of others) other[Symbol.dispose]();
  });

  it("refuses the youngest of tasks that wait for each other", async () => {
    const { manager } = rigOf({ budget: 100 * MB });
    const [first, second] = [manager.forTask(), manager.forTask()];
    const one = await first.acquire(a);
    const two = await second.acquire(b);
    const older = first.acquire(c);
    await turn();
    await expect(second.acquire(modelOf("d", 30 * MB))).rejects.toMatchObject({
      code: "MEMORY_EXHAUSTED",
    });
    two[Symbol.dispose]();
    const three = await older;
    expect(states(manager)).toEqual(["a ready 1", "b unloaded 0", "c ready 1", "d unloaded 0"]);
    one[Symbol.dispose]();
    three[Symbol.dispose]();
  });

  it("forgets a claim that was given up while it waited", async () => {
    const { manager } = rigOf({ budget: 100 * MB });
    const one = await manager.forTask().acquire(a);
    const controller = new AbortController();
    const waiting = manager.forTask().acquire(big, controller.signal);
    const behind = manager.forTask().acquire(b);
    await turn();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    (await behind)[Symbol.dispose]();
    one[Symbol.dispose]();
    expect(states(manager)).toEqual(["a ready 0", "big unloaded 0", "b ready 0"]);
  });

  it("goes by what a model really took when it was loaded last", async () => {
    const { manager, world } = rigOf({
      budget: 100 * MB,
      size: ({ id }) => (id === "a" ? 70 * MB : 40 * MB),
    });
    await warm(manager, a);
    await manager.teardown();
    await warm(manager, b, a);
    // The file promised 40 MB, for which there would have been room beside `b`.
    expect(world.released).toEqual(["a", "b"]);
    expect(world.peak).toBe(70 * MB);
  });

  it("evicts others when a model turns out too large", async () => {
    const { manager, world } = rigOf({
      budget: 100 * MB,
      size: ({ id }) => (id === "b" ? 70 * MB : 40 * MB),
    });
    await warm(manager, a);
    using lease = await manager.acquire(b);
    await turn();
    expect(lease.model).toBe(b);
    expect(world.released).toEqual(["a"]);
    expect(manager.models[0]?.reason).toBe("evicted for the memory budget");
  });

  it("can be lowered and raised", async () => {
    const { manager, world } = rigOf();
    await warm(manager, a, b);
    manager.configure({ budget: 50 * MB });
    await turn();
    expect(world.released).toEqual(["a"]);
    await expect(manager.acquire(big)).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    const lease = await manager.forTask().acquire(b);
    const waiting = manager.forTask().acquire(a);
    await turn();
    expect(states(manager)[0]).toBe("a unloaded 0");
    manager.configure({ budget: Infinity });
    (await waiting)[Symbol.dispose]();
    lease[Symbol.dispose]();
    await warm(manager, big);
    expect(states(manager)).toEqual(["a ready 0", "b ready 0", "big ready 0"]);
  });

  it("opens a file whose length nobody knows", async () => {
    const onnx = { name: "x.onnx", url: "https://models.test/x.onnx" };
    const unknown: Model = {
      ...EMBEDDED.detection,
      id: "x",
      variants: [{ precision: "fp32", onnx }],
    };
    const { manager } = rigOf({ budget: 4, size: () => 1 });
    // The rig's files have four bytes, and an estimate is never below the file.
    await expect(manager.acquire(unknown)).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
    manager.configure({ budget: 6 });
    (await manager.acquire(unknown))[Symbol.dispose]();
    expect(states(manager)).toEqual(["x ready 0"]);
  });

  it("counts bytes that belong to no model", async () => {
    const { manager } = rigOf({ budget: 100 * MB, otherBytes: () => 70 * MB });
    await expect(manager.acquire(a)).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED" });
  });
});

describe("out of memory at a load", () => {
  it("unloads what is idle and tries once more", async () => {
    const { manager, world } = rigOf();
    await warm(manager, a, b);
    world.fault = (step) => step === "oom" && (world.live.get("a") ?? 0) > 0;
    await warm(manager, c);
    expect(world.released).toEqual(["a", "b"]);
    expect(states(manager)).toEqual(["a unloaded 0", "b unloaded 0", "c ready 0"]);
  });

  it("fails with its type when that does not help, and the next claim tries again", async () => {
    const { manager, world } = rigOf();
    let tries = 0;
    world.fault = (step) => step === "oom" && ++tries > 0;
    await expect(manager.acquire(a)).rejects.toMatchObject({ code: "GPU_OUT_OF_MEMORY" });
    expect(tries).toBe(2);
    expect(manager.models).toMatchObject([{ state: "failed", reason: "the GPU is full" }]);
    world.fault = () => false;
    await warm(manager, a);
    expect(states(manager)).toEqual(["a ready 0"]);
  });
});

describe("whileEmpty", () => {
  it("runs without a model in memory, while claims wait", async () => {
    const { manager } = rigOf();
    await warm(manager, a);
    const work = deferred<void>();
    const done = manager.whileEmpty("device recycled", () => work.promise);
    const claim = manager.acquire(a);
    await turn();
    expect(manager.models).toMatchObject([{ state: "unloaded", reason: "device recycled" }]);
    work.resolve();
    expect(await done).toBe(true);
    (await claim)[Symbol.dispose]();
  });

  it("does nothing while a model is in use, and lets claims in after a failure", async () => {
    const { manager } = rigOf();
    const lease = await manager.acquire(a);
    expect(await manager.whileEmpty("x", () => Promise.reject(new Error("ran")))).toBe(false);
    lease[Symbol.dispose]();
    await expect(manager.whileEmpty("x", () => Promise.reject(new Error("ran")))).rejects.toThrow(
      "ran",
    );
    await warm(manager, a);
    expect(states(manager)).toEqual(["a ready 0"]);
  });
});

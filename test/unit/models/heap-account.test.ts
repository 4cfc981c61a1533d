import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { estimateFromFile } from "../../../src/models/estimate.ts";
import { HeapAccount } from "../../../src/models/heap-account.ts";
import { ModelManager } from "../../../src/models/model-manager.ts";

describe("HeapAccount", () => {
  it("counts heap that is used again only once", () => {
    let heap = 1000;
    const account = new HeapAccount(() => heap);
    expect(account.reuse(30, 50)).toBe(0);
    heap += 50;
    account.leave(50);
    expect(account.idle).toBe(50);
    // Loaded again: the heap grew by 10 only, so 40 came out of the idle bytes.
    expect(account.reuse(50, 10)).toBe(40);
    heap += 10;
    expect(account.idle).toBe(10);
    account.leave(50);
    expect(account.idle).toBe(60);
    expect(account.reuse(500, 0)).toBe(60);
  });

  it("never tells more than the heap grew", () => {
    const account = new HeapAccount(() => 1000);
    account.leave(70);
    expect(account.idle).toBe(0);
    expect(account.reuse(50, 10)).toBe(0);
  });
});

describe("ModelManager on wasm", () => {
  it("keeps books on a heap that grows at the first load and run, and never shrinks", async () => {
    let heap = 16;
    let free = 0;
    const take = (bytes: number): number => {
      const growth = Math.max(0, bytes - free);
      free = Math.max(0, free - bytes);
      heap += growth;
      return growth;
    };
    const manager = new ModelManager(
      {
        chooseFile: (model) => model.variants[0].onnx,
        backendOf: () => "wasm",
        openModel: async () => new Blob(["1234567890"]),
        createSession: async () => {
          let wasmBytes = take(25);
          let hasRun = false;
          return {
            inputNames: ["x"],
            outputNames: ["y"],
            backend: "wasm",
            outputWidth: () => undefined,
            memory: () => ({ gpuBytes: 0, wasmBytes }),
            run: async () => {
              if (!hasRun) wasmBytes += take(15);
              hasRun = true;
              return {};
            },
            release: async () => void (free += hasRun ? 40 : 25),
          };
        },
      },
      { heapBytes: () => heap },
    );
    const model = EMBEDDED.detection;
    for (let cycle = 0; cycle < 3; cycle++) {
      const lease = await manager.acquire(model);
      await lease.session.run({});
      expect(manager.models).toMatchObject([{ wasmBytes: 40 }]);
      expect(manager.wasmIdle).toBe(0);
      lease[Symbol.dispose]();
      expect(await manager.evict(1)).toBe(40);
      expect(manager.models).toMatchObject([{ state: "unloaded", wasmBytes: 0 }]);
      expect([heap, manager.wasmIdle]).toEqual([56, 40]);
    }
    // Another model takes what the first one left, as far as its file of ten bytes tells.
    const second = await manager.acquire({ ...model, id: "second" });
    const guess = estimateFromFile(10, "wasm");
    expect([heap, manager.wasmIdle]).toEqual([56, 40 - guess]);
    expect(manager.models[1]).toMatchObject({ wasmBytes: guess });
    second[Symbol.dispose]();
  });
});

import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { estimateFromFile } from "../../../src/models/estimate.ts";
import { HeapAccount } from "../../../src/models/heap-account.ts";
import { ModelManager } from "../../../src/models/model-manager.ts";

describe("HeapAccount", () => {
  it("tells what models took from what is shared", () => {
    let heap = 1000;
    const account = new HeapAccount(() => heap);
    expect([account.growth, account.shared(0)]).toEqual([0, 0]);
    heap += 50;
    expect(account.shared(30)).toBe(20);
    // A load that made the heap grow by 10 and was expected to take 50: 20 of them were shared before.
    heap += 10;
    expect(account.taken(50, 10, 30)).toBe(30);
    expect(account.taken(25, 10, 30)).toBe(25);
    // What the heap has grown by is taken, whatever was expected.
    expect(account.taken(5, 10, 30)).toBe(10);
  });

  it("never tells more than the heap grew", () => {
    const account = new HeapAccount(() => 1000);
    expect(account.shared(70)).toBe(0);
    expect(account.taken(50, 0, 0)).toBe(0);
  });
});

describe("ModelManager on wasm", () => {
  it("keeps books on a heap that grows with loads and runs and never shrinks", async () => {
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
          const wasmBytes = take(25);
          let hasRun = false;
          return {
            inputNames: ["x"],
            outputNames: ["y"],
            backend: "wasm",
            outputWidth: () => undefined,
            memory: () => ({ gpuBytes: 0, wasmBytes }),
            run: async () => {
              // A run's activations are free again when it ends.
              if (!hasRun) take(15);
              if (!hasRun) free += 15;
              hasRun = true;
              return {};
            },
            release: async () => void (free += 25),
          };
        },
      },
      { heapBytes: () => heap },
    );
    const model = EMBEDDED.detection;
    for (let cycle = 0; cycle < 3; cycle++) {
      const lease = await manager.acquire(model);
      await lease.session.run({});
      expect(manager.models).toMatchObject([{ wasmBytes: 25 }]);
      expect(manager.wasmShared).toBe(15);
      lease[Symbol.dispose]();
      expect(await manager.evict(1)).toBe(25);
      expect(manager.models).toMatchObject([{ state: "unloaded", wasmBytes: 0 }]);
      expect([heap, manager.wasmShared]).toEqual([56, 40]);
    }
    // Another model takes what the first one left, as far as its file of ten bytes tells.
    const second = await manager.acquire({ ...model, id: "second" });
    const guess = estimateFromFile(10, "wasm");
    expect([heap, manager.wasmShared]).toEqual([56, 40 - guess]);
    expect(manager.models[1]).toMatchObject({ wasmBytes: guess });
    second[Symbol.dispose]();
  });
});

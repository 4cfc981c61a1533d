import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import type { OwnedSession } from "../../../src/gpu/session.ts";
import { ModelManager } from "../../../src/models/model-manager.ts";
import { RunCost } from "../../../src/models/run-cost.ts";

const MB = 1_000_000;

describe("the cost of a run", () => {
  it("is a guess until the heap has grown, then what the growth tells", () => {
    const cost = new RunCost("detection");
    expect(cost.bytesPerPixel).toBe(160);
    expect(cost.room(0, 16 * MB)).toBe(100_000);
    // Nothing is learned of a run that fitted into free bytes.
    cost.ran({ pixels: 10_000, heapGrowth: 0 }, 5 * MB);
    expect(cost.bytesPerPixel).toBe(160);
    cost.ran({ pixels: 100_000, heapGrowth: 10 * MB }, 0);
    expect(cost.bytesPerPixel).toBe(100);
    // A larger need is believed, too: graphs differ.
    cost.ran({ pixels: 100_000, heapGrowth: 30 * MB }, 0);
    expect(cost.bytesPerPixel).toBe(300);
  });

  it("does not learn too little from a run that grew the heap only by what was not free", () => {
    const cost = new RunCost("detection");
    cost.ran({ pixels: 100_000, heapGrowth: 1 * MB }, 20 * MB);
    expect(cost.bytesPerPixel).toBe(160);
  });

  it("is nothing for a run that the heap has room for already", () => {
    const cost = new RunCost("detection");
    cost.ran({ pixels: 100_000, heapGrowth: 16 * MB }, 0);
    // However much the budget is exceeded.
    expect(cost.room(0, -5 * MB)).toBe(100_000);
    expect(cost.room(0, 16 * MB)).toBe(200_000);
    // A load took half of that room.
    cost.lost(8 * MB);
    expect(cost.room(0, 0)).toBe(50_000);
    // Free bytes do not lie in one piece.
    expect(cost.room(16 * MB, 0)).toBe(90_000);
  });
});

/** A heap as a runtime's: it grows when what is free does not do, and never shrinks. */
class Heap {
  bytes = 16 * MB;
  #free = 0;

  take(bytes: number): number {
    const growth = Math.max(0, bytes - this.#free);
    this.#free = Math.max(0, this.#free - bytes);
    this.bytes += growth;
    return growth;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}

/** Models of 10 MB whose runs take `perPixel` bytes for each pixel. */
function managerOf(budget: number, perPixel: number): { manager: ModelManager; heap: Heap } {
  const heap = new Heap();
  const manager = new ModelManager(
    {
      chooseFile: (model) => model.variants[0].onnx,
      backendOf: () => "wasm",
      openModel: async () => new Blob([new Uint8Array(4 * MB)]),
      createSession: async () => {
        const wasmBytes = heap.take(10 * MB);
        const session: OwnedSession = {
          inputNames: ["x"],
          outputNames: ["y"],
          backend: "wasm",
          outputWidth: () => undefined,
          memory: () => ({ gpuBytes: 0, wasmBytes }),
          run: async ({ x }) => {
            const [, , height = 0, width = 0] = x?.dims ?? [];
            const bytes = height * width * perPixel;
            const heapGrowth = heap.take(bytes);
            heap.give(bytes);
            session.onRun?.({ pixels: height * width, heapGrowth });
            return {};
          },
          release: async () => heap.give(10 * MB),
        };
        return session;
      },
    },
    { heapBytes: () => heap.bytes, budget },
  );
  return { manager, heap };
}

const square = (pixels: number): { x: { data: Float32Array; dims: number[] } } => ({
  x: { data: new Float32Array(), dims: [1, 3, 1, pixels] },
});

describe("a budget on wasm", () => {
  const model = EMBEDDED.detection;

  it("bounds a run before it begins, and no more so the second time", async () => {
    const { manager, heap } = managerOf(50 * MB, 100);
    using lease = await manager.acquire(model);
    const first = (await lease.fitRun?.(900_000, 100_000)) as number;
    expect(first).toBe(250_000);
    await lease.session.run(square(first));
    expect(heap.bytes - 16 * MB).toBeLessThanOrEqual(50 * MB);
    const second = (await lease.fitRun?.(900_000, 100_000)) as number;
    expect(second).toBeGreaterThan(350_000);
    await lease.session.run(square(second));
    expect(heap.bytes - 16 * MB).toBeLessThanOrEqual(50 * MB);
    expect(await lease.fitRun?.(200_000, 100_000)).toBe(200_000);
  });

  it("does not take a run's bytes for the model's: what was read once can be read again", async () => {
    const { manager, heap } = managerOf(130 * MB, 140);
    const read = async (): Promise<number> => {
      using lease = await manager.acquire(model);
      const pixels = (await lease.fitRun?.(730_000, 150_000)) as number;
      await lease.session.run(square(pixels));
      return pixels;
    };
    const pixels = await read();
    const size = heap.bytes;
    await manager.teardown();
    expect(manager.models).toMatchObject([{ state: "unloaded" }]);
    expect(await read()).toBeGreaterThanOrEqual(pixels);
    expect(heap.bytes).toBeLessThan(size * 1.1);
  });

  it("refuses nothing that the heap's own free bytes cover, however low it is", async () => {
    const { manager, heap } = managerOf(130 * MB, 140);
    {
      using lease = await manager.acquire(model);
      await lease.session.run(square(500_000));
    }
    await manager.teardown();
    const size = heap.bytes;
    manager.configure({ budget: 1 });
    using lease = await manager.acquire(model);
    expect(await lease.fitRun?.(500_000, 150_000)).toBeGreaterThan(300_000);
    expect(heap.bytes).toBe(size);
  });

  it("unloads idle models before it refuses a run", async () => {
    const { manager } = managerOf(34 * MB, 160);
    (await manager.acquire({ ...model, id: "idle" }))[Symbol.dispose]();
    using lease = await manager.acquire(model);
    expect(await lease.fitRun?.(900_000, 100_000)).toBeGreaterThanOrEqual(100_000);
    expect(manager.models[0]).toMatchObject({ id: "idle", state: "unloaded" });
    await expect(lease.fitRun?.(900_000, 800_000)).rejects.toMatchObject({
      code: "MEMORY_EXHAUSTED",
      message: expect.stringMatching(/needs about 128.0 MB for a run on the smallest input/),
    });
  });
});

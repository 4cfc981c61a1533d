import { describe, expect, it } from "vitest";
import { Mutex } from "../../../src/core/mutex.ts";
import { GpuDevice } from "../../../src/gpu/device.ts";
import { reclaim, trim } from "../../../src/gpu/reclaim.ts";
import type { Runtime } from "../../../src/gpu/runtime.ts";
import { FakeDevice, fakeAdapter } from "./fake-gpu.ts";

const STORAGE = 0x80;

interface Scene {
  readonly gpu: GpuDevice;
  readonly fake: FakeDevice;
  readonly runtime: Runtime;
  /** Sessions that were made to flush. */
  readonly calls: { created: number; released: number };
}

/** A runtime that frees the released buffers, or does something else, when a session is created. */
async function scene(onCreate: (marked: readonly GPUBuffer[]) => void): Promise<Scene> {
  const fake = new FakeDevice();
  const gpu = await GpuDevice.open(fakeAdapter({ device: fake }));
  const calls = { created: 0, released: 0 };
  const marked: GPUBuffer[] = [];
  await gpu.ledger.attribute(gpu.ledger.claim("detector"), async () => {
    marked.push(gpu.device.createBuffer({ size: 500, usage: STORAGE }));
  });
  const create = async (): Promise<object> => {
    calls.created++;
    onCreate(marked);
    return { release: async () => void calls.released++ };
  };
  const ort = { InferenceSession: { create } };
  const runtime = { ort, mutex: new Mutex() } as unknown as Runtime;
  return { gpu, fake, runtime, calls };
}

const destroyAll = (marked: readonly GPUBuffer[]): void => {
  for (const buffer of marked) buffer.destroy();
};

describe("reclaim", () => {
  it("makes the runtime free what it has marked, and tells the driver", async () => {
    const { gpu, runtime, calls } = await scene(destroyAll);
    await reclaim(runtime, gpu, "detector");
    expect(calls).toEqual({ created: 1, released: 1 });
    expect(gpu.ledger.usage).toMatchObject({ used: 0, allocated: 0 });
    expect(gpu.ledger.claim("detector")).toBe("detector");
  });

  it("does no more than a submit where the release has freed everything", async () => {
    const { gpu, fake, runtime, calls } = await scene(destroyAll);
    await reclaim(runtime, gpu, "recogniser");
    expect(calls.created).toBe(0);
    expect(fake.submits).toBe(1);
  });

  it("throws when bytes stay, and lets nobody else have the name", async () => {
    const { gpu, runtime } = await scene(() => undefined);
    await expect(reclaim(runtime, gpu, "detector")).rejects.toMatchObject({
      code: "INTERNAL",
      message: "detector was released, but 500 bytes stay on the GPU.",
    });
    expect(gpu.ledger.claim("detector")).toBe("detector (2)");
  });

  it("succeeds where the flush frees and then fails", async () => {
    const { gpu, runtime, calls } = await scene((marked) => {
      destroyAll(marked);
      throw new Error("no room");
    });
    await reclaim(runtime, gpu, "detector");
    expect(calls).toEqual({ created: 1, released: 0 });
    expect(gpu.ledger.usage.used).toBe(0);
  });

  it("asks nothing of a lost device", async () => {
    const { gpu, fake, runtime, calls } = await scene(destroyAll);
    fake.lose("driver reset");
    await fake.lost;
    await reclaim(runtime, gpu, "detector");
    await trim(runtime, gpu);
    expect(calls.created).toBe(0);
    expect(fake.submits).toBe(0);
  });
});

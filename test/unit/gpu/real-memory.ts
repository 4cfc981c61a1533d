/**
 * Tests of GPU memory on a real device, the same in Deno and in browsers. The list that the ledger is
 * compared with is kept by the prototypes of the platform, of which the ledger knows nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GpuDevice, requestAdapter } from "../../../src/gpu/device.ts";
import { encodeModel } from "../../../src/gpu/onnx-writer.ts";
import { parityModel } from "../../../src/gpu/parity.ts";
import { startRuntime } from "../../../src/gpu/runtime.ts";
import type { Runtime } from "../../../src/gpu/runtime.ts";
import type { RuntimeKind } from "../../../src/options/backend.ts";
import { createSession } from "../../../src/gpu/session.ts";
import type { OwnedSession } from "../../../src/gpu/session.ts";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { largeModel } from "./large-model.ts";
import type { LargeModel } from "./large-model.ts";

export interface RealMemoryPlatform {
  /** Whether there is an adapter; without one the tests are skipped. */
  readonly available: boolean;
  readonly runtime: "auto" | RuntimeKind;
  /** Puts a file where it takes no memory, and opens it. */
  store(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Blob>;
  /** Real models, each with a small input; none where the checkout has none. */
  readonly models: readonly RealModel[];
}

export interface RealModel {
  readonly name: string;
  readonly dims: readonly number[];
  open(): Promise<Blob>;
}

const MiB = 1024 * 1024;
const LARGE = { count: 4, side: 1024 } as const;

/** Sizes of the buffers that live, counted below the ledger. */
class BufferList {
  readonly #live = new Map<GPUBuffer, number>();
  readonly #restore: () => void;

  constructor() {
    const live = this.#live;
    const createBuffer = Reflect.get(GPUDevice.prototype, "createBuffer");
    const destroy = Reflect.get(GPUBuffer.prototype, "destroy");
    GPUDevice.prototype.createBuffer = new Proxy(createBuffer, {
      apply(target, device: GPUDevice, [descriptor]: [GPUBufferDescriptor]): GPUBuffer {
        const buffer = target.call(device, descriptor);
        live.set(buffer, descriptor.size);
        return buffer;
      },
    });
    GPUBuffer.prototype.destroy = new Proxy(destroy, {
      apply(target, buffer: GPUBuffer): undefined {
        live.delete(buffer);
        target.call(buffer);
      },
    });
    this.#restore = () =>
      Object.assign(GPUDevice.prototype, { createBuffer }) &&
      Object.assign(GPUBuffer.prototype, { destroy });
  }

  get summary(): { used: number; buffers: number } {
    const used = [...this.#live.values()].reduce((sum, bytes) => sum + bytes, 0);
    return { used, buffers: this.#live.size };
  }

  [Symbol.dispose](): void {
    this.#restore();
  }
}

function ramp(dims: readonly number[]): Tensor {
  const length = dims.reduce((a, b) => a * b, 1);
  return { data: Float32Array.from({ length }, (_, i) => Math.sin(i)), dims };
}

async function run(session: OwnedSession, dims: readonly number[]): Promise<Float32Array> {
  const outputs = await session.run({ [session.inputNames[0] as string]: ramp(dims) });
  return (outputs[session.outputNames[0] as string] as Tensor).data;
}

/** A sum of so many weights of 1 KiB: each is read by itself. */
function manyWeights(count: number): Uint8Array<ArrayBuffer> {
  const dims = [1, 256];
  return encodeModel({
    input: { name: "x0", dims },
    output: { name: `x${count}`, dims },
    weights: Array.from({ length: count }, (_, i) => ({
      name: `w${i}`,
      dims,
      data: new Float32Array(256).fill(i),
    })),
    nodes: Array.from({ length: count }, (_, i) => ({
      op: "Add",
      inputs: [`x${i}`, `w${i}`],
      output: `x${i + 1}`,
    })),
  });
}

const PARITY_INPUT = [1, 3, 13, 18];

export function describeRealMemory(platform: RealMemoryPlatform): void {
  const large: LargeModel = largeModel(LARGE.count, LARGE.side);
  const largeBytes = LARGE.count * LARGE.side ** 2 * 4;
  const ones = { data: new Float32Array(LARGE.side).fill(1), dims: [1, LARGE.side] };
  const parity = parityModel();
  let runtime: Runtime;
  let gpu: GpuDevice;

  async function open(): Promise<GpuDevice> {
    return await GpuDevice.open((await requestAdapter()) as GPUAdapter);
  }

  describe.runIf(platform.available)(`GPU memory (${platform.runtime})`, () => {
    beforeAll(async () => {
      runtime = await startRuntime({ runtime: platform.runtime });
      gpu = await open();
    });
    afterAll(() => gpu.destroy());

    it("takes thousands of weights from a file, one after the other, and never gets stuck", async () => {
      const count = 1_500;
      const file = await platform.store([manyWeights(count)]);
      for (let load = 0; load < 3; load++) {
        const session = await createSession(runtime, file, { name: "many", device: gpu });
        expect(gpu.ledger.of("many").used).toBeGreaterThanOrEqual(count * 1024);
        const [sum] = await run(session, [1, 256]);
        expect(sum).toBeCloseTo((count * (count - 1)) / 2, 0);
        await session.release();
      }
    });

    it("is counted to the byte, through loads, runs and releases", async () => {
      using list = new BufferList();
      const device = await open();
      const { ledger } = device;
      const agree = (): void => expect(ledger.usage).toMatchObject(list.summary);
      const first = await createSession(runtime, parity, { name: "first", device });
      agree();
      const afterFirst = ledger.usage.used;
      const second = await createSession(runtime, parity, { name: "second", device });
      agree();
      expect(ledger.usage.used).toBeGreaterThan(afterFirst);
      for (const session of [first, second, first]) {
        await run(session, PARITY_INPUT);
        agree();
      }
      const { owners, pipelines } = ledger.usage;
      const sum = Object.values(owners).reduce((all, { used }) => all + used, 0);
      expect(sum).toBe(ledger.usage.used);
      expect(owners["activations"]?.peak).toBeGreaterThan(0);
      expect(owners["staging"]).toMatchObject({ used: 0 });
      expect(pipelines).toBeGreaterThan(5);
      await first.release();
      agree();
      await second.release();
      agree();
      expect(ledger.usage).toMatchObject({ used: 0, allocated: 0, buffers: 0 });
      device.destroy();
      expect(ledger.usage).toMatchObject({ pipelines: 0 });
    });

    it("of one session goes at once when it is released, and the others read on", async () => {
      const stays = await createSession(runtime, parity, { name: "stays", device: gpu });
      const before = await run(stays, PARITY_INPUT);
      const file = await platform.store(large.parts);
      for (let round = 0; round < 3; round++) {
        const goes = await createSession(runtime, file, { name: "goes", device: gpu });
        await goes.run({ x: ones });
        expect(goes.memory().gpuBytes).toBeGreaterThanOrEqual(largeBytes);
        await goes.release();
        expect(gpu.ledger.of("goes").used).toBe(0);
        expect(gpu.ledger.usage.allocated).toBeLessThan(MiB / 4);
        expect(await run(stays, PARITY_INPUT)).toEqual(before);
      }
      await stays.release();
      expect(gpu.ledger.usage).toMatchObject({ used: 0, allocated: 0 });
    });

    it("takes weights past the wasm heap", async () => {
      const heap = runtime.heap.bytes;
      const file = await platform.store(large.parts);
      const session = await createSession(runtime, file, { name: "large", device: gpu });
      const { y } = await session.run({ x: ones });
      for (const [i, value] of large.expected.entries()) {
        expect(Math.abs((y as Tensor).data[i]! - value)).toBeLessThan(1e-3);
      }
      expect(session.memory()).toMatchObject({ wasmBytes: runtime.heap.bytes - heap });
      expect(session.memory().wasmBytes).toBeLessThan(MiB);
      await session.release();
      // The other way, for the difference: it does pass through the heap.
      const bytes = new Uint8Array(await new Blob([...large.parts]).arrayBuffer());
      const inline = await createSession(runtime, bytes, { name: "inline", device: gpu });
      expect(inline.memory().wasmBytes).toBeGreaterThan(largeBytes);
      expect((await inline.run({ x: ones }))["y"]).toEqual(y);
      await inline.release();
    });

    it("over a budget fails the load, frees what was there, and the next load succeeds", async () => {
      const device = await open();
      const { ledger } = device;
      const stays = await createSession(runtime, parity, { name: "stays", device });
      const before = await run(stays, PARITY_INPUT);
      const file = await platform.store(large.parts);
      ledger.budget = largeBytes / 2;
      await expect(createSession(runtime, file, { name: "large", device })).rejects.toMatchObject({
        code: "GPU_OUT_OF_MEMORY",
        retryable: true,
      });
      expect(ledger.of("large").used).toBe(0);
      expect(await run(stays, PARITY_INPUT)).toEqual(before);
      ledger.budget = undefined;
      const large2 = await createSession(runtime, file, { name: "large", device });
      ledger.budget = ledger.usage.allocated;
      await expect(large2.run({ x: ones })).rejects.toMatchObject({ code: "GPU_OUT_OF_MEMORY" });
      ledger.budget = undefined;
      expect((await large2.run({ x: ones }))["y"]?.data.length).toBe(LARGE.side);
      ledger.budget = 0;
      await large2.release();
      expect(ledger.of("large").used).toBe(0);
      ledger.budget = undefined;
      await stays.release();
      expect(ledger.usage.used).toBe(0);
      device.destroy();
    });

    it("goes back whole when the device is replaced, and the new one computes the same", async () => {
      let device = await open();
      device.ledger.budget = 100 * MiB;
      const results: Float32Array[] = [];
      for (let round = 0; round < 3; round++) {
        const session = await createSession(runtime, parity, { name: "parity", device });
        results.push(await run(session, PARITY_INPUT));
        await session.release();
        const { ledger } = device;
        device = await device.reopen();
        expect(ledger.usage).toMatchObject({ used: 0, allocated: 0, buffers: 0, pipelines: 0 });
        expect(device.ledger.budget).toBe(100 * MiB);
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      device.destroy();
    });

    it("says what is wrong with a damaged file, and leaves nothing behind", async () => {
      const cut = (await platform.store(large.parts)).slice(0, large.size / 2);
      await expect(createSession(runtime, cut, { device: gpu })).rejects.toMatchObject({
        code: "MODEL_INVALID",
      });
      expect(gpu.ledger.usage.used).toBe(0);
    });

    it.each(platform.models)(
      "does not change with the way the weights come: $name",
      async (model) => {
        const { dims } = model;
        const blob = await model.open();
        const results: Float32Array[] = [];
        const bytes = new Uint8Array(await blob.slice().arrayBuffer());
        for (const data of [blob, bytes]) {
          const session = await createSession(runtime, data, { name: "model", device: gpu });
          results.push(await run(session, dims));
          await session.release();
        }
        expect(results[0]).toEqual(results[1]);
        expect(results[0]?.some((value) => value !== 0)).toBe(true);
        expect(gpu.ledger.usage.used).toBe(0);
      },
    );
  });
}

import { describe, expect, it } from "vitest";
import { GpuDevice, describeAdapter } from "../../../src/gpu/device.ts";
import { FakeDevice, fakeAdapter } from "./fake-gpu.ts";

const open = async (device: FakeDevice): Promise<GpuDevice> =>
  await GpuDevice.open(fakeAdapter({ device }));

describe("describeAdapter", () => {
  it.each([
    [{ isFallbackAdapter: true }, true],
    [{ info: { architecture: "swiftshader" } }, true],
    [{ info: { description: "llvmpipe (LLVM 15.0.6, 256 bits)" } }, true],
    [{ info: { description: "Microsoft Basic Render Driver" } }, true],
    [{ info: { architecture: "ampere", description: "NVIDIA GeForce" } }, false],
    [{ info: { architecture: "gen-12lp", description: "Warpaint 9" } }, false],
  ])("tells software from hardware: %j", (options, software) => {
    expect(describeAdapter(fakeAdapter(options)).software).toBe(software);
  });
});

describe("GpuDevice", () => {
  it("asks for the adapter's limits and for the features that there are", async () => {
    const adapter = fakeAdapter({ features: ["shader-f16", "timestamp-query"] });
    const { adapter: info } = await GpuDevice.open(adapter);
    expect(info.f16).toBe(true);
    expect(adapter.requests).toEqual([
      {
        requiredFeatures: ["shader-f16"],
        requiredLimits: { maxBufferSize: 7, maxStorageBufferBindingSize: 5 },
      },
    ]);
  });

  it("fails work that succeeded while the GPU ran out of memory", async () => {
    const device = new FakeDevice();
    const gpu = await open(device);
    device.failing = "out-of-memory";
    await expect(gpu.guard(async () => 1)).rejects.toMatchObject({
      code: "GPU_OUT_OF_MEMORY",
      retryable: true,
    });
    expect(device.scopes).toEqual([]);
    await expect(gpu.guard(async () => 1)).resolves.toBe(1);
  });

  it("reports an out-of-memory that came between two calls", async () => {
    const device = new FakeDevice();
    const gpu = await open(device);
    device.raiseOutOfMemory();
    await expect(gpu.guard(async () => 1)).rejects.toMatchObject({ code: "GPU_OUT_OF_MEMORY" });
    await expect(gpu.guard(async () => 1)).resolves.toBe(1);
  });

  it("prefers the memory as a reason to what the work says", async () => {
    const device = new FakeDevice();
    const gpu = await open(device);
    device.failing = "out-of-memory";
    const work = gpu.guard(() => Promise.reject(new Error("Invalid Buffer")));
    await expect(work).rejects.toMatchObject({ code: "GPU_OUT_OF_MEMORY" });
  });

  it("fails on validation errors and passes other failures on", async () => {
    const device = new FakeDevice();
    const gpu = await open(device);
    device.failing = "validation";
    await expect(gpu.guard(async () => 1)).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    await expect(gpu.guard(() => Promise.reject(new Error("own")))).rejects.toThrow("own");
    expect(device.scopes).toEqual([]);
  });

  it("ends work that hangs on a lost device, and refuses more", async () => {
    const device = new FakeDevice();
    const gpu = await open(device);
    const hanging = gpu.guard(() => new Promise(() => undefined));
    device.lose("driver reset");
    await expect(hanging).rejects.toMatchObject({
      code: "DEVICE_LOST",
      message: "The GPU device was lost: driver reset",
    });
    await expect(gpu.guard(async () => 1)).rejects.toMatchObject({ code: "DEVICE_LOST" });
    gpu.flush();
    expect(device.submits).toBe(0);
  });

  it("reports what the ledger refused as out of memory, and once", async () => {
    const gpu = await open(new FakeDevice());
    gpu.ledger.budget = 10;
    const work = async (): Promise<unknown> => gpu.device.createBuffer({ size: 11, usage: 0x80 });
    await expect(gpu.guard(work)).rejects.toMatchObject({
      code: "GPU_OUT_OF_MEMORY",
      message: expect.stringContaining("budget of 10 bytes"),
    });
    await expect(gpu.guard(async () => 1)).resolves.toBe(1);
  });

  it("is replaced by a new one of the same budget, on an adapter of its own", async () => {
    const [old, young] = [new FakeDevice(), new FakeDevice()];
    const gpu = await open(old);
    gpu.ledger.budget = 10;
    const next = await gpu.reopen(async () => fakeAdapter({ device: young }));
    expect(old.destroyed).toBe(true);
    expect(next.device).toBe(young);
    expect(next.ledger.budget).toBe(10);
    await expect(gpu.guard(async () => 1)).rejects.toMatchObject({ code: "DEVICE_LOST" });
    await expect(next.guard(async () => 1)).resolves.toBe(1);
  });

  it("is gone also where no adapter is left", async () => {
    const old = new FakeDevice();
    const gpu = await open(old);
    await expect(gpu.reopen(async () => undefined)).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
    });
    expect(old.destroyed).toBe(true);
  });

  it.each([
    ["llvmpipe (LLVM 15.0.6, 256 bits)", true],
    ["SwiftShader", false],
    ["NVIDIA GeForce", false],
  ])("hides the end of a loop from %s: %s", async (description, hidden) => {
    const device = new FakeDevice();
    const gpu = await GpuDevice.open(fakeAdapter({ device, info: { description } }));
    const loop = "let num_tiles = (uniforms.dim_inner - 1) / tileInner + 1; // num_workgroups";
    gpu.device.createShaderModule({ code: loop });
    gpu.device.createShaderModule({ code: "let x = 1;" });
    const [first, second] = device.shaders;
    expect(first === loop).toBe(!hidden);
    expect(first).toContain("tileInner + 1");
    expect(second).toBe("let x = 1;");
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseBackend } from "../../../src/gpu/backend.ts";
import type { BackendProbes } from "../../../src/gpu/backend.ts";
import { GpuDevice } from "../../../src/gpu/device.ts";
import type { Runtime } from "../../../src/gpu/runtime.ts";
import { FakeDevice, fakeAdapter } from "./fake-gpu.ts";
import type { FakeAdapterOptions } from "./fake-gpu.ts";

const runtime = {} as Runtime;
const hardware = { info: { architecture: "ampere", description: "a real GPU" } };

function probes(
  adapter: FakeAdapterOptions | undefined,
  disagreement?: string,
): BackendProbes & { tests: number } {
  const result = {
    tests: 0,
    requestAdapter: async () => adapter && fakeAdapter(adapter),
    openDevice: (found: GPUAdapter) => GpuDevice.open(found),
    findDisagreement: async () => {
      result.tests++;
      return disagreement;
    },
  };
  return result;
}

beforeEach(() => vi.stubGlobal("navigator", { gpu: {} }));
afterEach(() => vi.unstubAllGlobals());

describe("chooseBackend", () => {
  it("takes hardware that agrees with wasm", async () => {
    const choice = await chooseBackend("auto", runtime, probes(hardware));
    expect(choice).toMatchObject({ backend: "webgpu", adapter: { software: false } });
    expect(choice.device).toBeDefined();
  });

  it("takes wasm where the GPU computes something else, and destroys the device", async () => {
    const device = new FakeDevice();
    const probe = probes({ ...hardware, device }, "results differ by 0.4");
    const choice = await chooseBackend("auto", runtime, probe);
    expect(choice).toMatchObject({ backend: "wasm" });
    expect(choice.reason).toContain("results differ by 0.4");
    expect(device.destroyed).toBe(true);
  });

  it("takes wasm rather than an emulated GPU, without a test", async () => {
    const probe = probes({ info: { description: "llvmpipe" } });
    const choice = await chooseBackend("auto", runtime, probe);
    expect(choice).toMatchObject({ backend: "wasm", adapter: { software: true } });
    expect(choice.reason).toContain("llvmpipe");
    expect(probe.tests).toBe(0);
  });

  it("takes an emulated GPU when told to", async () => {
    const probe = probes({ info: { description: "llvmpipe" } });
    const choice = await chooseBackend("webgpu", runtime, probe);
    expect(choice.backend).toBe("webgpu");
    expect(probe.tests).toBe(0);
  });

  it("tells a missing WebGPU from a missing adapter", async () => {
    const blocked = await chooseBackend("auto", runtime, probes(undefined));
    expect(blocked).toMatchObject({ backend: "wasm" });
    expect(blocked.reason).toContain("no adapter");
    vi.stubGlobal("navigator", {});
    const absent = await chooseBackend("auto", runtime, probes(undefined));
    expect(absent.reason).toBe("this platform has no WebGPU");
    await expect(chooseBackend("webgpu", runtime, probes(undefined))).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
    });
  });

  it("does not even look for a GPU when wasm is wanted", async () => {
    const probe = probes(hardware);
    probe.requestAdapter = () => Promise.reject(new Error("looked"));
    await expect(chooseBackend("wasm", runtime, probe)).resolves.toMatchObject({ backend: "wasm" });
  });
});

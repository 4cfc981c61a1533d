import { describe, expect, it } from "vitest";

describe("the Deno test run", () => {
  it("has Deno, navigator.gpu and workers", () => {
    expect(typeof Deno.version.deno).toBe("string");
    expect(navigator.gpu).toBeDefined();
    expect(typeof Worker).toBe("function");
  });

  it("tells whether WebGPU works here", async (context) => {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) context.skip("no WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers)");
    const device = await adapter!.requestDevice();
    const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    expect(buffer.size).toBe(16);
    buffer.destroy();
    device.destroy();
  });
});

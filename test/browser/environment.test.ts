import { describe, expect, it } from "vitest";

describe("the browser test run", () => {
  it("is cross-origin isolated and has WebGPU", async () => {
    expect(globalThis.crossOriginIsolated).toBe(true);
    const adapter = await navigator.gpu.requestAdapter();
    expect(adapter).not.toBeNull();
    const device = await adapter!.requestDevice();
    device.destroy();
  });

  it("never gets an HTML page for a missing shared file", async () => {
    expect((await fetch("/shared/no-such-file.bin")).status).toBe(404);
    expect((await fetch("/shared/../package.json")).status).not.toBe(500);
  });

  it("serves shared files where the checkout has them", async (context) => {
    const response = await fetch("/shared/models/ppocrv6_tiny/manifest.json", { method: "HEAD" });
    const readme = await fetch("/shared/README.md");
    if (!readme.ok && !response.ok) context.skip("no ../shared next to this checkout");
    expect((await readme.text()).length).toBeGreaterThan(10);
  });
});

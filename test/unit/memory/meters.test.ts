import { describe, expect, it } from "vitest";
import { BrowserMeter } from "../../../src/memory/meters/browser.ts";
import { CgroupMeter } from "../../../src/memory/meters/cgroup.ts";
import { amdDeviceMeter, amdProcessMeter } from "../../../src/memory/meters/amd.ts";
import { ProcessMeter } from "../../../src/memory/meters/process.ts";
import type { TextFiles } from "../../../src/memory/meters/text-files.ts";
import { FakeTimers, settle } from "./fake-timers.ts";

/** A file system that holds just these files. */
function filesOf(contents: Readonly<Record<string, string>>): TextFiles {
  return {
    read: async (path) => {
      const text = contents[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
    list: async (path) => {
      const inside = Object.keys(contents).filter((name) => name.startsWith(`${path}/`));
      if (inside.length === 0) throw new Error(`no ${path}`);
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split("/")[0] ?? ""))];
    },
  };
}

const SELF = "/proc/self/cgroup";
const ROOT = "/sys/fs/cgroup";

describe("CgroupMeter", () => {
  const read = (contents: Record<string, string>): Promise<unknown> =>
    new CgroupMeter(filesOf(contents)).read();

  it("reads version 2, without the file cache that the kernel can drop", async () => {
    const reading = await read({
      [SELF]: "0::/pod/app\n",
      [`${ROOT}/pod/app/memory.max`]: "1000\n",
      [`${ROOT}/pod/app/memory.current`]: "700\n",
      [`${ROOT}/pod/app/memory.stat`]: "anon 1\ninactive_file 300\nactive_file 5\n",
    });
    expect(reading).toEqual({ bytes: 400, limit: 1000 });
  });

  it("takes the group around it that is nearest to its limit", async () => {
    const reading = await read({
      [SELF]: "0::/pod/app\n",
      [`${ROOT}/pod/app/memory.max`]: "max\n",
      [`${ROOT}/pod/app/memory.current`]: "100\n",
      [`${ROOT}/pod/memory.max`]: "500\n",
      [`${ROOT}/pod/memory.current`]: "450\n",
    });
    expect(reading).toEqual({ bytes: 450, limit: 500 });
  });

  it("reads version 1, where no limit is a number near 2^63", async () => {
    const group = `${ROOT}/memory/docker/x`;
    const files = {
      [SELF]: "9:name=systemd:/\n4:cpu,memory:/docker/x\n0::/\n",
      [`${group}/memory.limit_in_bytes`]: "9223372036854771712\n",
      [`${group}/memory.usage_in_bytes`]: "800\n",
      [`${group}/memory.stat`]: "inactive_file 1\ntotal_inactive_file 100\n",
    };
    expect(await read(files)).toEqual({ bytes: 700 });
    const bounded = { ...files, [`${group}/memory.limit_in_bytes`]: "4096" };
    expect(await read(bounded)).toEqual({ bytes: 700, limit: 4096 });
  });

  it("looks at the root where it cannot see its own path", async () => {
    const files = { [`${ROOT}/memory.max`]: "10", [`${ROOT}/memory.current`]: "5" };
    expect(await read(files)).toEqual({ bytes: 5, limit: 10 });
    expect(await read({ ...files, [SELF]: "0::/not/visible\n" })).toEqual({ bytes: 5, limit: 10 });
  });

  it("is unknown without files, and with files that hold no number", async () => {
    expect(await read({})).toEqual({ unknown: expect.stringContaining("no /sys/fs/cgroup") });
    const broken = { [`${ROOT}/memory.max`]: "10", [`${ROOT}/memory.current`]: "much" };
    expect(await read(broken)).toHaveProperty("unknown");
  });
});

describe("AMD meters", () => {
  const device = (files: Record<string, string>): Promise<unknown> =>
    amdDeviceMeter({ files: filesOf(files), root: "/drm" }).read();
  const own = (files: Record<string, string>): Promise<unknown> =>
    amdProcessMeter({ files: filesOf(files), fdinfo: "/fd" }).read();

  it("reads the card with the most memory", async () => {
    const reading = await device({
      "/drm/card0/device/vendor": "0x8086",
      "/drm/card1/device/mem_info_vram_total": "512\n",
      "/drm/card1/device/mem_info_vram_used": "500\n",
      "/drm/card2/device/mem_info_vram_total": "16384\n",
      "/drm/card2/device/mem_info_vram_used": "1024\n",
      "/drm/card2-DP-1/status": "connected",
      "/drm/renderD128/device/mem_info_vram_total": "99999\n",
    });
    expect(reading).toEqual({ bytes: 1024, limit: 16384 });
  });

  it("is unknown without a card, and with one that tells nothing", async () => {
    expect(await device({})).toEqual({ unknown: expect.stringContaining("no /drm") });
    expect(await device({ "/drm/version": "1" })).toEqual({ unknown: "Error: no card in /drm" });
    expect(await device({ "/drm/card0/device/vendor": "0x10de" })).toHaveProperty("unknown");
  });

  it("adds up the clients of the own process, each once", async () => {
    const client = (id: number, memory: string): string =>
      `pos:\t0\ndrm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t${id}\n${memory}\n`;
    const reading = await own({
      "/fd/0": "pos:\t0\nflags:\t02\n",
      "/fd/5": client(7, "drm-memory-vram:\t100 KiB"),
      "/fd/6": client(7, "drm-memory-vram:\t100 KiB"),
      "/fd/8": client(9, "drm-memory-vram:\t2 MiB"),
      "/fd/9": "drm-driver:\ti915\ndrm-memory-vram:\t5 MiB\n",
    });
    expect(reading).toEqual({ bytes: 100 * 1024 + 2 * 2 ** 20 });
    expect(await own({ "/fd/0": "pos: 0" })).toHaveProperty("unknown");
    expect(await own({ "/fd/5": client(7, "drm-memory-gtt: 1 KiB") })).toHaveProperty("unknown");
  });
});

describe("ProcessMeter", () => {
  it("shows resident bytes, or why there are none", async () => {
    expect(await new ProcessMeter(() => ({ rss: 5 })).read()).toEqual({ bytes: 5 });
    const denied = new ProcessMeter(() => {
      throw new TypeError("denied");
    });
    expect(await denied.read()).toEqual({ unknown: "TypeError: denied" });
  });
});

describe("BrowserMeter", () => {
  it("is unknown where the browser has no such function", async () => {
    const meter = new BrowserMeter({ timers: new FakeTimers() });
    expect(await meter.read()).toEqual({ unknown: expect.stringContaining("isolation") });
  });

  it("shows the latest finished measurement and starts none too soon", async () => {
    const timers = new FakeTimers();
    let calls = 0;
    const measure = async (): Promise<{ bytes: number }> => ({ bytes: ++calls * 100 });
    const meter = new BrowserMeter({ timers, measure, every: 1000 });
    expect(await meter.read()).toHaveProperty("unknown");
    await settle();
    expect(await meter.read()).toEqual({ bytes: 100 });
    await timers.pass(999);
    await meter.read();
    expect(calls).toBe(1);
    await timers.pass(1);
    await meter.read();
    await settle();
    expect(await meter.read()).toEqual({ bytes: 200 });
    expect(timers.pending).toBe(0);
  });

  it("gives a measurement up that never ends, and tries again later", async () => {
    const timers = new FakeTimers();
    let hangs = true;
    const measure = (): Promise<{ bytes: number }> =>
      hangs ? new Promise(() => undefined) : Promise.resolve({ bytes: 7 });
    const meter = new BrowserMeter({ timers, measure, every: 1000, deadline: 500 });
    await meter.read();
    await timers.pass(500);
    expect(await meter.read()).toEqual({ unknown: expect.stringContaining("500 ms") });
    hangs = false;
    await timers.pass(1000);
    await meter.read();
    await settle();
    expect(await meter.read()).toEqual({ bytes: 7 });
  });
});

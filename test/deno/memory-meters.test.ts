import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deriveBudget } from "../../src/memory/budget.ts";
import { amdDeviceMeter } from "../../src/memory/meters/amd.ts";
import { CgroupMeter } from "../../src/memory/meters/cgroup.ts";
import { isKnown, type Reading } from "../../src/memory/meters/meter.ts";
import { Nvml } from "../../src/memory/meters/nvml.ts";
import { openPlatformMeters } from "../../src/memory/meters/platform.ts";
import { ProcessMeter } from "../../src/memory/meters/process.ts";
import { denoFiles } from "../../src/memory/meters/text-files.ts";

const MB = 1_000_000;

/** Laid out as in the driver's header: two processes in both lists, one whose bytes are not told. */
const STUB = `
#include <stdint.h>
#include <string.h>
typedef struct { uint32_t pid; uint64_t used; uint32_t gi, ci; } process_t;
typedef struct { uint32_t version; uint64_t total, reserved, free, used; } memory_v2_t;
typedef struct { uint64_t total, free, used; } memory_t;
static int initialised = 0, fail_init = 0, old_driver = 0;
static uint32_t own = 0, others = 0;
void stub_set(uint32_t pid, uint32_t more, int init, int old) {
  own = pid; others = more; fail_init = init; old_driver = old;
}
int stub_initialised(void) { return initialised; }
int nvmlInit_v2(void) { if (fail_init) return fail_init; initialised++; return 0; }
int nvmlShutdown(void) { initialised--; return 0; }
int nvmlDeviceGetHandleByIndex_v2(uint32_t index, void **device) {
  if (index > 0) return 6;
  *device = (void *)0x7f00deadbeefULL;
  return 0;
}
static int bad(void *device) { return device != (void *)0x7f00deadbeefULL; }
int nvmlDeviceGetMemoryInfo_v2(void *device, memory_v2_t *info) {
  if (old_driver) return 13;
  if (bad(device) || info->version != (sizeof(memory_v2_t) | (2 << 24))) return 25;
  info->total = 8000000000ULL; info->reserved = 500000000ULL;
  info->free = 4500000000ULL; info->used = 3000000000ULL;
  return 0;
}
int nvmlDeviceGetMemoryInfo(void *device, memory_t *info) {
  if (bad(device)) return 2;
  info->total = 8000000000ULL; info->free = 4500000000ULL; info->used = 3500000000ULL;
  return 0;
}
static int list(void *device, uint32_t *count, process_t *infos, uint64_t bytes) {
  if (bad(device)) return 2;
  uint32_t room = *count, needed = (own ? 1 : 0) + others;
  *count = needed;
  if (room < needed) return 7;
  for (uint32_t i = 0; i < others; i++)
    infos[i] = (process_t){ 900000 + i, i == 0 ? UINT64_MAX : 1000, 0, 0 };
  if (own) infos[others] = (process_t){ own, bytes, 0, 0 };
  return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *d, uint32_t *n, process_t *p) {
  return list(d, n, p, 70000000ULL);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *d, uint32_t *n, process_t *p) {
  return list(d, n, p, 90000000ULL);
}
`;

async function compile(folder: string): Promise<string | undefined> {
  await Deno.writeTextFile(`${folder}/stub.c`, STUB);
  const library = `${folder}/libnvidia-ml-stub.so`;
  try {
    const args = ["-shared", "-fPIC", "-o", library, `${folder}/stub.c`];
    const { success } = await new Deno.Command("cc", { args }).output();
    return success ? library : undefined;
  } catch {
    return undefined;
  }
}

describe("NVML through a stub library", () => {
  let folder: string;
  let library: string | undefined;
  let stub: ReturnType<typeof openStub>;
  const openStub = (path: string) =>
    Deno.dlopen(path, {
      stub_set: { parameters: ["u32", "u32", "i32", "i32"], result: "void" },
      stub_initialised: { parameters: [], result: "i32" },
    });

  beforeAll(async () => {
    folder = await Deno.makeTempDir();
    library = await compile(folder);
    if (library) stub = openStub(library);
  });
  afterAll(async () => {
    stub?.close();
    await Deno.remove(folder, { recursive: true });
  });

  /** What both meters show, and that the library was given back. */
  async function read(
    skip: (note: string) => void,
    { pid = Deno.pid, others = 0, init = 0, old = 0, device = 0 } = {},
  ): Promise<{ process: Reading | undefined; device: Reading | undefined }> {
    if (!library) skip("no C compiler (cc) to build the stub with");
    stub.symbols.stub_set(pid, others, init, old);
    const nvml = new Nvml({ library: library ?? "", device });
    const readings = await Promise.all(nvml.meters.map((meter) => meter.read()));
    expect(stub.symbols.stub_initialised()).toBe(init === 0 ? 1 : 0);
    await nvml.close();
    expect(stub.symbols.stub_initialised()).toBe(0);
    return { process: readings[0], device: readings[1] };
  }

  it("reads the device and the own process, computing and drawing counted once", async ({
    skip,
  }) => {
    expect(await read(skip, { others: 2 })).toEqual({
      process: { bytes: 90 * MB },
      device: { bytes: 3500 * MB, limit: 8000 * MB },
    });
  });

  it("asks again when there are more processes than it had room for", async ({ skip }) => {
    expect((await read(skip, { others: 100 })).process).toEqual({ bytes: 90 * MB });
  });

  it("reads drivers that know the first version only", async ({ skip }) => {
    expect((await read(skip, { old: 1 })).device).toEqual({ bytes: 3500 * MB, limit: 8000 * MB });
  });

  it.for([
    ["no process of ours", { pid: 0, others: 1 }, "process", /lists no process of ours/],
    ["an init that fails", { init: 9 }, "device", /driver is not loaded \(9\)/],
    ["a device that is not there", { device: 3 }, "device", /no such device \(6\)/],
  ] as const)("is unknown for %s", async ([, setting, meter, reason], { skip }) => {
    const readings = await read(skip, setting);
    expect(readings[meter]).toEqual({ unknown: expect.stringMatching(reason) });
  });

  it("is unknown where the driver does not tell the bytes", async ({ skip }) => {
    if (!library) skip("no C compiler (cc) to build the stub with");
    stub.symbols.stub_set(0, 1, 0, 0);
    await using cleanup = new AsyncDisposableStack();
    const nvml = new Nvml({ library: library ?? "", processes: () => [900_000] });
    cleanup.defer(() => nvml.close());
    expect(await nvml.meters[0]?.read()).toEqual({ unknown: expect.stringContaining("900000") });
  });

  it("needs no more than the permission for this one library", async ({ skip }) => {
    if (!library) skip("no C compiler (cc) to build the stub with");
    const url = new URL("../../src/memory/meters/nvml.ts", import.meta.url).href;
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { Nvml } from ${JSON.stringify(url)};
      const nvml = new Nvml({ library: ${JSON.stringify(library)} });
      for (const meter of nvml.meters) console.log(JSON.stringify(await meter.read()));`,
    );
    const run = async (...flags: string[]): Promise<string> => {
      const args = ["run", "--no-prompt", "--no-check", ...flags, `${folder}/main.ts`];
      const output = await new Deno.Command(Deno.execPath(), { args }).output();
      return new TextDecoder().decode(output.stdout);
    };
    expect(await run(`--allow-ffi=${library}`)).toContain(
      `{"bytes":3500000000,"limit":8000000000}`,
    );
    const denied = await run();
    expect(denied.match(/"unknown":"Error: .* needs --allow-ffi/g)).toHaveLength(2);
  });

  it("is unknown without the library", async () => {
    const nvml = new Nvml({ library: "/no/such/libnvidia-ml.so.1" });
    for (const meter of nvml.meters) expect(await meter.read()).toHaveProperty("unknown");
    await nvml.close();
  });
});

describe("meters in Deno", () => {
  it("sees 100 MB that the process takes", async () => {
    const meter = new ProcessMeter();
    const before = await meter.read();
    const taken = new Uint8Array(100 * MB).fill(1);
    const after = await meter.read();
    if (!isKnown(before) || !isKnown(after)) throw new Error("the process meter is unknown");
    console.log(`process: ${before.bytes} → ${after.bytes} bytes`);
    expect(after.bytes - before.bytes).toBeGreaterThan(0.9 * taken.length);
    expect(after.bytes - before.bytes).toBeLessThan(1.5 * taken.length);
  });

  it("reads real files: an AMD card and a container in a folder", async () => {
    const root = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${root}/drm/card0/device`, { recursive: true });
      await Deno.writeTextFile(`${root}/drm/card0/device/mem_info_vram_total`, "17163091968\n");
      await Deno.writeTextFile(`${root}/drm/card0/device/mem_info_vram_used`, "25550848\n");
      const amd = amdDeviceMeter({ files: denoFiles, root: `${root}/drm` });
      expect(await amd.read()).toEqual({ bytes: 25550848, limit: 17163091968 });
      await Deno.writeTextFile(`${root}/memory.max`, "1073741824\n");
      await Deno.writeTextFile(`${root}/memory.current`, "536870912\n");
      await Deno.writeTextFile(`${root}/self`, "0::/\n");
      const cgroup = new CgroupMeter(denoFiles, root, `${root}/self`);
      expect(await cgroup.read()).toEqual({ bytes: 536870912, limit: 1073741824 });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });

  it("opens what this machine has, and derives a budget from it", async () => {
    const { meters, facts, close } = await openPlatformMeters();
    const readings = await Promise.all(
      meters.map(async (meter) => [meter.name, await meter.read()] as const),
    );
    console.log(readings, facts, deriveBudget(facts));
    const process = readings.find(([name]) => name === "process")?.[1];
    expect(isKnown(process) && process.bytes).toBeGreaterThan(10 * MB);
    expect(facts.systemMemory).toBeGreaterThan(100 * MB);
    await close();
  });

  it("opens without any permission, and asks for none", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const url = new URL("../../src/memory/meters/platform.ts", import.meta.url).href;
      await Deno.writeTextFile(
        `${folder}/main.ts`,
        `import { openPlatformMeters } from ${JSON.stringify(url)};
        const { meters, facts } = await openPlatformMeters();
        console.log(JSON.stringify([meters.map(({ name }) => name), facts]));`,
      );
      const args = ["run", "--no-prompt", "--no-check", `${folder}/main.ts`];
      const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
      expect(JSON.parse(new TextDecoder().decode(stdout))).toEqual([["process"], {}]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

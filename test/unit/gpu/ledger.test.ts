import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, constantFrom, integer, nat, oneof, property, record, array } from "fast-check";
import { describe, expect, it } from "vitest";
import { GpuLedger } from "../../../src/gpu/ledger.ts";
import { textureBytes } from "../../../src/gpu/ledger-texture.ts";
import { FakeDevice } from "./fake-gpu.ts";

const STORAGE = 0x80;
const UNIFORM = 0x40;
const MAP_READ = 0x1;
const MAP_WRITE = 0x2;

function open(budget?: number): { device: GPUDevice; fake: FakeDevice; ledger: GpuLedger } {
  const fake = new FakeDevice();
  const device = fake as unknown as GPUDevice;
  return { device, fake, ledger: new GpuLedger(device, { budget }) };
}

/** What one line of the list that the test keeps says. */
interface Line {
  readonly bytes: number;
  readonly owner: string;
  readonly thing: GPUBuffer | GPUTexture;
  state: "live" | "destroyed" | "gone";
}

const owners = ["detector", "recogniser", "activations"];
const commands = oneof(
  record({
    kind: constantFrom("buffer" as const),
    bytes: integer({ min: 0, max: 1000 }),
    usage: constantFrom(UNIFORM | 0x8, STORAGE, STORAGE | 0x8, MAP_READ | 0x8, MAP_WRITE | 0x4),
    owner: constantFrom(...owners),
  }),
  record({
    kind: constantFrom("texture" as const),
    bytes: integer({ min: 1, max: 30 }),
    usage: constantFrom(0),
    owner: constantFrom(...owners),
  }),
  record({ kind: constantFrom("destroy" as const), index: nat(100) }),
  record({ kind: constantFrom("submit" as const) }),
  record({ kind: constantFrom("pipeline" as const) }),
);

describe("GpuLedger", () => {
  it("agrees to the byte with a list, after every step", async () => {
    const sum = (lines: readonly Line[]): number =>
      lines.reduce((all, { bytes }) => all + bytes, 0);
    assert(
      property(array(commands, { maxLength: 60 }), (steps) => {
        const { device, ledger } = open();
        const list: Line[] = [];
        const peaks = new Map<string, number>();
        let peak = 0;
        let pipelines = 0;
        for (const step of steps) {
          if (step.kind === "buffer" || step.kind === "texture") {
            // The attribution ends with the promise; what is made synchronously lies inside of it.
            void ledger.attribute(step.owner, async () => {
              const isBuffer = step.kind === "buffer";
              const thing = isBuffer
                ? device.createBuffer({ size: step.bytes, usage: step.usage })
                : device.createTexture({ size: [step.bytes, 2], format: "rgba8unorm", usage: 4 });
              const staging = (step.usage & (MAP_READ | MAP_WRITE)) !== 0;
              const uniform = (step.usage & UNIFORM) !== 0;
              list.push({
                bytes: isBuffer ? step.bytes : step.bytes * 2 * 4,
                owner: staging ? "staging" : uniform ? "activations" : step.owner,
                thing,
                state: "live",
              });
              await Promise.resolve();
            });
          } else if (step.kind === "destroy") {
            const line = list[step.index % (list.length || 1)];
            line?.thing.destroy();
            if (line?.state === "live") line.state = "destroyed";
          } else if (step.kind === "submit") {
            device.queue.submit([]);
            for (const line of list) if (line.state === "destroyed") line.state = "gone";
          } else {
            device.createComputePipeline({} as GPUComputePipelineDescriptor);
            pipelines++;
          }
          const live = list.filter(({ state }) => state === "live");
          const allocated = sum(list.filter(({ state }) => state !== "gone"));
          peak = Math.max(peak, allocated);
          for (const { owner } of list) {
            const used = sum(live.filter((line) => line.owner === owner));
            peaks.set(owner, Math.max(peaks.get(owner) ?? 0, used));
            expect(ledger.of(owner)).toEqual({ used, peak: peaks.get(owner) });
          }
          expect(ledger.usage).toEqual({
            used: sum(live),
            allocated,
            peak,
            buffers: live.length,
            pipelines,
            owners: Object.fromEntries([...peaks].map(([name]) => [name, ledger.of(name)])),
          });
        }
      }),
    );
  });

  it("passes every call on to the device", async () => {
    const { device, fake } = open();
    const descriptor = { size: 4, usage: STORAGE };
    const buffer = device.createBuffer(descriptor);
    buffer.destroy();
    buffer.destroy();
    expect(buffer).toMatchObject({ descriptor, destroys: 2 });
    device.queue.submit([]);
    expect(fake.submits).toBe(1);
    device.destroy();
    expect(fake.destroyed).toBe(true);
  });

  it.each(["destroy", "lose"] as const)("holds nothing after %s", async (end) => {
    const { device, fake, ledger } = open();
    const early = device.createBuffer({ size: 8, usage: STORAGE });
    await device.createComputePipelineAsync({} as GPUComputePipelineDescriptor);
    expect(ledger.usage).toMatchObject({ used: 8, pipelines: 1 });
    if (end === "destroy") device.destroy();
    else fake.lose("driver reset");
    await fake.lost;
    const late = device.createBuffer({ size: 16, usage: STORAGE });
    early.destroy();
    late.destroy();
    const nothing = { used: 0, allocated: 0, buffers: 0, pipelines: 0, peak: 8 };
    expect(ledger.usage).toMatchObject(nothing);
    expect(ledger.of("other")).toEqual({ used: 0, peak: 8 });
  });

  it("counts a buffer that was collected as destroyed", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { device, ledger } = open();
    device.createBuffer({ size: 8, usage: STORAGE });
    expect(ledger.usage).toMatchObject({ used: 8, buffers: 1 });
    for (let tries = 0; tries < 50 && ledger.usage.used > 0; tries++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
      collect();
    }
    expect(ledger.usage).toMatchObject({ used: 0, allocated: 8, buffers: 0 });
  });

  it("gives two sessions of one name two accounts, and the name back", () => {
    const { ledger } = open();
    expect(ledger.claim("detector")).toBe("detector");
    expect(ledger.claim("detector")).toBe("detector (2)");
    expect(ledger.claim("activations")).toBe("activations (2)");
    ledger.unclaim("detector");
    expect(ledger.claim("detector")).toBe("detector");
  });

  it("begins a new peak with a new claim", async () => {
    const { device, ledger } = open();
    ledger.claim("detector");
    await ledger.attribute("detector", async () =>
      device.createBuffer({ size: 8, usage: STORAGE }).destroy(),
    );
    expect(ledger.of("detector")).toEqual({ used: 0, peak: 8 });
    ledger.unclaim("detector");
    ledger.claim("detector");
    expect(ledger.of("detector")).toEqual({ used: 0, peak: 0 });
    expect(ledger.usage.peak).toBe(8);
  });

  it("ends an attribution with its work, also when that fails", async () => {
    const { device, ledger } = open();
    const failing = ledger.attribute("detector", () => Promise.reject(new Error("own")));
    await expect(failing).rejects.toThrow("own");
    device.createBuffer({ size: 8, usage: STORAGE });
    expect(ledger.usage.owners).toEqual({ other: { used: 8, peak: 8 } });
  });

  it("refuses what exceeds the budget with a buffer that cannot be used, and says so once", () => {
    const { device, fake, ledger } = open(100);
    const buffer = device.createBuffer({ size: 60, usage: STORAGE });
    expect(device.createBuffer({ size: 40, usage: STORAGE })).toMatchObject({
      descriptor: { usage: STORAGE },
    });
    expect(ledger.takeRefusal()).toBeUndefined();
    const refused = device.createBuffer({ size: 1, usage: STORAGE });
    expect(refused).toMatchObject({ descriptor: { size: 1, usage: 0 } });
    expect(fake.scopes).toEqual([]);
    expect(ledger.usage).toMatchObject({ used: 100, buffers: 2 });
    expect(ledger.takeRefusal()).toContain("a buffer of 1 bytes for other");
    expect(ledger.takeRefusal()).toBeUndefined();
    // What is destroyed counts until the driver gets to know.
    buffer.destroy();
    device.createBuffer({ size: 1, usage: STORAGE });
    expect(ledger.takeRefusal()).toBeDefined();
    device.queue.submit([]);
    device.createBuffer({ size: 1, usage: STORAGE });
    device.createBuffer({ size: 1000, usage: MAP_WRITE });
    expect(ledger.takeRefusal()).toBeUndefined();
    expect(ledger.usage).toMatchObject({ used: 1041 });
  });
});

describe("textureBytes", () => {
  it.each<[GPUTextureDescriptor, number]>([
    [{ size: [10, 10], format: "rgba8unorm", usage: 4 }, 400],
    [{ size: { width: 10 }, format: "r8unorm", usage: 4, dimension: "1d" }, 10],
    [{ size: [8, 8, 3], format: "rg16float", usage: 4 }, 8 * 8 * 3 * 4],
    [{ size: [8, 4], format: "rgba32float", usage: 4, mipLevelCount: 4 }, (32 + 8 + 2 + 1) * 16],
    [{ size: [8, 8, 8], format: "r32uint", usage: 4, dimension: "3d", mipLevelCount: 2 }, 2304],
    [{ size: [8, 8, 4], format: "r8uint", usage: 4, mipLevelCount: 2 }, (64 + 16) * 4],
    [{ size: [4, 4], format: "bgra8unorm", usage: 4, sampleCount: 4 }, 256],
    [{ size: [5, 5], format: "bc1-rgba-unorm", usage: 4 }, 32],
    [{ size: [5, 5], format: "bc7-rgba-unorm", usage: 4 }, 64],
    [{ size: [7, 7], format: "astc-6x5-unorm", usage: 4 }, 64],
    [{ size: [4, 4], format: "rgb10a2unorm", usage: 4 }, 64],
    [{ size: [4, 4], format: "depth24plus-stencil8", usage: 4 }, 64],
  ])("%j", (descriptor, bytes) => {
    expect(textureBytes(descriptor)).toBe(bytes);
  });
});

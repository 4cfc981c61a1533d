import { afterEach, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { resolveSettings } from "../../../src/options/engine.ts";
import { EngineMemory } from "../../../src/pool/engine-memory.ts";
import { MemoryControl } from "../../../src/pool/memory-control.ts";
import { OcrServicePool } from "../../../src/pool/ocr-service-pool.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import type { ManagerSettings, WorkerInfo } from "../../../src/pool/worker-types.ts";
import { FakeWorker, MEMORY, PAGE, forever, ok } from "./fake-worker.ts";

const MIB = 2 ** 20;
const HEAP = 100 * MIB;
/** A GPU whose buffers bound the budget; there is none here, but an adapter may be told of. */
const ADAPTER = { maxBufferSize: 96 * MIB } as NonNullable<WorkerInfo["adapter"]>;

interface Rig {
  readonly memory: EngineMemory;
  readonly pool: OcrServicePool;
  readonly workers: FakeWorker[];
  /** What the workers were told last. */
  readonly told: ManagerSettings[];
}

let close: () => void = () => undefined;
afterEach(() => close());

async function open(
  adapter?: WorkerInfo["adapter"],
  read: (worker: number) => Promise<typeof PAGE> = async () => PAGE,
): Promise<Rig> {
  const settings = resolveSettings({ memory: { budget: "1GiB" }, sampleInterval: 0 });
  const control = new MemoryControl(settings, {
    meters: [],
    facts: {},
    close: async () => undefined,
  });
  const workers: FakeWorker[] = [];
  const told: ManagerSettings[] = [];
  const service: OcrService = new OcrService({
    name: "test",
    startDeadline: 5000,
    config: { backend: "wasm", runtime: "auto", limits: settings.limits, cache: false },
    spawn: () => {
      const worker: number = workers.length;
      const made = new FakeWorker({
        memory: async () => ok({ ...MEMORY, wasmHeap: HEAP }),
        configure: async (change) => {
          told.push(change);
          return ok(undefined);
        },
        read: async () => ok(await read(worker)),
      });
      workers.push(made);
      return made;
    },
    ...control.listeners(0, () => service),
  });
  const info = await service.start();
  const pool = new OcrServicePool(service, 1, () => service, settings);
  control.attach(pool, { ...info, ...(adapter ? { adapter } : {}) });
  close = () => {
    pool.close();
    control.close();
  };
  const memory = new EngineMemory(control);
  await memory.measure();
  return { memory, pool, workers, told };
}

it("takes a new budget at once, and tells the workers", async () => {
  const { memory, told } = await open();
  expect(memory.snapshot()).toMatchObject({ level: "ok", budget: 1024 * MIB });
  await memory.setBudget("105MiB");
  expect(memory.snapshot()).toMatchObject({ level: "critical", budget: 105 * MIB });
  await expect.poll(() => told.at(-1)).toEqual({ budget: 105 * MIB - 16 * MIB });
  await memory.setBudget(800 * MIB);
  expect(memory.snapshot()).toMatchObject({ level: "ok", budget: 800 * MIB });
});

it("derives a budget where none is given, also from the adapter", async () => {
  const { memory } = await open(ADAPTER);
  await memory.setBudget();
  const { budget, basis } = memory.snapshot();
  expect(budget).toBe(192 * MIB);
  expect(basis).toContain("adapter");
});

it.each([0, -1, "much", NaN])("refuses a budget of %j", async (budget) => {
  const { memory } = await open();
  await expect(memory.setBudget(budget)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  expect(memory.snapshot().budget).toBe(1024 * MIB);
});

it("ends a busy worker; what it was reading is read by the next one", async () => {
  const readers: number[] = [];
  const { memory, pool, workers } = await open(undefined, (worker) => {
    readers.push(worker);
    return worker === 0 ? forever() : Promise.resolve(PAGE);
  });
  const bytes = new Uint8Array([1]);
  const input = { input: { kind: "bytes" as const, bytes }, transfer: [] };
  const call = { open: async () => input, models: EMBEDDED, options: {}, repeatable: true };
  const read = pool.run({ ...call, name: "read" }, {});
  await expect.poll(() => readers).toEqual([0]);
  memory.respawn();
  expect(workers[0]?.terminated).toBe(true);
  expect(memory.snapshot().wasmHeap).toBe(0);
  await expect(read).resolves.toMatchObject({ text: PAGE.text });
  expect(readers).toEqual([0, 1]);
});

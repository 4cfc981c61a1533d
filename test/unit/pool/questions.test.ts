import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { delay } from "../../../src/core/wait.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import type { ReadCall } from "../../../src/pool/ocr-service.ts";
import { FakeWorker, MEMORY, PAGE, forever, ok } from "./fake-worker.ts";
import type { FakeCalls } from "./fake-worker.ts";

const read: ReadCall = {
  name: "read",
  open: async () => ({ input: { kind: "bytes", bytes: new Uint8Array(1) }, transfer: [] }),
  models: EMBEDDED,
  options: {},
};

/** Shorter than what the worker computes for. Milliseconds. */
const CONTROL = 50;
const COMPUTES = 5 * CONTROL;

let service: OcrService | undefined;
afterEach(() => service?.close());

function rig(...apis: Partial<FakeCalls>[]): { service: OcrService; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  service = new OcrService({
    name: "test",
    config: { backend: "wasm" } as never,
    startDeadline: 1_000,
    deadline: 5_000,
    controlDeadline: CONTROL,
    respawn: { backOff: 0 },
    spawn: () => {
      workers.push(new FakeWorker(apis[workers.length]));
      return workers.at(-1) as FakeWorker;
    },
  });
  return { service, workers };
}

/** A worker that answers nothing while it computes, as one does that is in the middle of a model's run. */
function busyWorker(): { api: Partial<FakeCalls>; release: () => void } {
  const computed = deferred<void>();
  const after = async <T>(value: T): Promise<ReturnType<typeof ok<T>>> => {
    await computed.promise;
    return ok(value);
  };
  const api: Partial<FakeCalls> = {
    read: () => after(PAGE),
    trim: () => after(undefined),
    evict: () => after(7),
    configure: () => after(undefined),
    memory: () => after(MEMORY),
    stats: () => after({ wasmHeap: 1, models: [] }),
    teardown: () => after(undefined),
    recycleDevice: () => after(true),
  };
  return { api, release: () => computed.resolve() };
}

describe("questions to a worker", () => {
  it("wait for the read that it computes, whatever that takes, and do not end it", async () => {
    const { api, release } = busyWorker();
    const { service: host, workers } = rig(api);
    await host.start();
    // One is asked just before the read, the others during it.
    const early = host.measure();
    const reading = host.run(read, {});
    await delay(1);
    const asked = Promise.all([
      host.trim(),
      host.evict(1),
      host.configure({ budget: 1 }),
      host.stats(),
      host.teardown(),
      host.recycleDevice(),
    ]);
    await delay(COMPUTES);
    release();
    await expect(reading).resolves.toEqual(PAGE);
    await expect(early).resolves.toEqual(MEMORY);
    await expect(asked).resolves.toMatchObject([undefined, 7, undefined, {}, undefined, true]);
    expect(workers).toHaveLength(1);
    expect(workers[0]?.terminated).toBe(false);
  });

  it("end a worker that has nothing to do and is silent, and the next call works", async () => {
    const { service: host, workers } = rig({ trim: forever }, {});
    await host.start();
    await expect(host.trim()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(workers[0]?.terminated).toBe(true);
    await expect(host.run(read, {})).resolves.toEqual(PAGE);
  });

  it("have their deadline from the end of the read", async () => {
    const { service: host, workers } = rig({
      read: async () => {
        await delay(COMPUTES);
        return ok(PAGE);
      },
      trim: forever,
    });
    await host.start();
    const reading = host.run(read, {});
    const trimming = host.trim();
    await expect(reading).resolves.toEqual(PAGE);
    expect(workers[0]?.terminated).toBe(false);
    await expect(trimming).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(workers[0]?.terminated).toBe(true);
  });

  it("are rejected when the read exceeds its own deadline", async () => {
    const { service: host } = rig({ read: forever, trim: forever });
    await host.start();
    const reading = host.run(read, { deadline: COMPUTES });
    const trimming = host.trim();
    void trimming.catch(() => undefined);
    await expect(reading).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect(trimming).rejects.toMatchObject({ code: "WORKER_DIED" });
  });
});

describe("a call that cannot be sent", () => {
  const unclonable = new Proxy({ x: 0, y: 0, width: 5, height: 5 }, {});

  it("says so, and neither the worker nor the model set suffers from it", async () => {
    const known = new Map<number, unknown>();
    const { service: host, workers } = rig({
      // The worker's own rule.
      read: async ({ models: { id, set } }) => {
        if (set) known.set(id, set);
        return known.has(id)
          ? ok(PAGE)
          : { ok: false, error: { code: "INTERNAL", message: `never got ${id}` } };
      },
    });
    const bad = { ...read, options: { region: unclonable } };
    await expect(host.run(bad, {})).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(host.run(read, {})).resolves.toEqual(PAGE);
    await expect(host.run(read, {})).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(1);
  });

  it.each<[string, Parameters<OcrService["run"]>[0]]>([
    ["model set", { ...read, models: { ...EMBEDDED, extra: () => undefined } as never }],
    ["structure", { ...read, options: { structure: { content: () => undefined } as never } }],
    [
      "picture",
      { ...read, name: "encode", open: async () => ({ input: unclonable as never, transfer: [] }) },
    ],
    ["preload", { name: "preload", models: { ...EMBEDDED, extra: unclonable } as never }],
  ])("for its %s", async (_, call) => {
    const { service: host, workers } = rig();
    await expect(host.run(call, {})).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(host.run(read, {})).resolves.toEqual(PAGE);
    expect(workers).toHaveLength(1);
  });
});

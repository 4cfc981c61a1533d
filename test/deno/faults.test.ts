import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/embedded.ts";
import { DEFAULT_LIMITS } from "../../src/config.ts";
import { OcrService } from "../../src/pool/ocr-service.ts";
import type { ReadJob } from "../../src/pool/ocr-service.ts";

let spawned = 0;

function service(): OcrService {
  return new OcrService({
    spawn: (name) => {
      spawned++;
      return new Worker(new URL("../faults/fault.worker.ts", import.meta.url), {
        type: "module",
        name,
      });
    },
    name: "fault",
    config: { backend: "wasm", runtime: "auto", limits: DEFAULT_LIMITS, cache: false },
    startDeadline: 20_000,
  });
}

/** The set's name chooses the fault. */
const job = (fault: string): ReadJob => ({
  open: async () => ({ input: { kind: "bytes", bytes: new Uint8Array(1) }, transfer: [] }),
  models: { ...EMBEDDED, name: fault },
  options: {},
});

describe("a real worker that fails", () => {
  let host: OcrService;
  afterEach(() => host.close());

  it.each([
    ["throw", "WORKER_DIED", 20_000],
    ["close", "WORKER_DIED", 20_000],
    ["silence", "DEADLINE_EXCEEDED", 200],
  ])("by %s rejects with %s, and a new one takes its place", async (fault, code, deadline) => {
    host = service();
    spawned = 0;
    await host.start();
    const start = performance.now();
    await expect(host.read(job(fault), { deadline })).rejects.toMatchObject({ code });
    expect(performance.now() - start).toBeLessThan(2_000);
    await expect(host.start()).resolves.toMatchObject({ backend: "wasm" });
    expect(spawned).toBe(2);
  });

  it("is noticed when its module does not exist", async () => {
    host = new OcrService({
      spawn: () => new Worker(new URL("../faults/none.ts", import.meta.url), { type: "module" }),
      name: "missing",
      config: { backend: "wasm", runtime: "auto", limits: DEFAULT_LIMITS, cache: false },
      startDeadline: 20_000,
    });
    await expect(host.start()).rejects.toMatchObject({ code: "WORKER_DIED" });
  });
});

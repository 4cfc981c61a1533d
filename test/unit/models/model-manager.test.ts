import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import type { ModelFile } from "../../../src/catalog/manifest/manifest.ts";
import { deferred } from "../../../src/core/deferred.ts";
import type { Deferred } from "../../../src/core/deferred.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import type { OwnedSession } from "../../../src/gpu/session.ts";
import { ModelManager } from "../../../src/models/model-manager.ts";

const { detection, recognition } = EMBEDDED;
const onnx: ModelFile = { name: "a.onnx", url: "https://models.test/a.onnx" };
const dictionary: ModelFile = { name: "a.txt", url: "https://models.test/a.txt" };

interface Rig {
  readonly manager: ModelManager;
  /** One per load, in order. */
  readonly loads: Deferred<Blob>[];
  readonly released: string[];
  readonly events: string[];
}

function rig(classes?: number): Rig {
  const loads: Deferred<Blob>[] = [];
  const released: string[] = [];
  const events: string[] = [];
  const manager = new ModelManager(
    {
      chooseFile: () => onnx,
      backendOf: () => "wasm",
      openModel: async (file) => {
        if (file === dictionary) return new Blob(["a\nb\n"]);
        loads.push(deferred<Blob>());
        return await (loads.at(-1) as Deferred<Blob>).promise;
      },
      createSession: async (_bytes, model): Promise<OwnedSession> => ({
        inputNames: ["x"],
        outputNames: ["y"],
        backend: "wasm",
        outputWidth: () => classes,
        run: async () => ({}),
        release: async () => void released.push(model.id),
        memory: () => ({ gpuBytes: 0, wasmBytes: 0 }),
      }),
    },
    { onLoad: (model, done) => events.push(`${model.id} ${done}`) },
  );
  return { manager, loads, released, events };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const states = (manager: ModelManager): string[] =>
  manager.models.map(({ id, state, leases }) => `${id} ${state} ${leases}`);

describe("ModelManager", () => {
  it("loads once for concurrent claims and keeps the model for the next", async () => {
    const { manager, loads, events } = rig();
    const claims = [manager.acquire(detection), manager.acquire(detection)];
    await turn();
    expect(states(manager)).toEqual([`${detection.id} loading 2`]);
    loads[0]?.resolve(new Blob());
    const [a, b] = await Promise.all(claims);
    expect(a?.session).toBe(b?.session);
    a?.[Symbol.dispose]();
    a?.[Symbol.dispose]();
    expect(states(manager)).toEqual([`${detection.id} ready 1`]);
    b?.[Symbol.dispose]();
    (await manager.acquire(detection))[Symbol.dispose]();
    expect(loads).toHaveLength(1);
    expect(events).toEqual([`${detection.id} false`, `${detection.id} true`]);
  });

  it("forgets a failed load, but keeps its reason until the next try", async () => {
    const { manager, loads } = rig();
    const claims = [manager.acquire(detection), manager.acquire(detection)];
    await turn();
    loads[0]?.reject(new GlyphpoolError("MODEL_DOWNLOAD_FAILED", "no network"));
    for (const claim of claims) {
      await expect(claim).rejects.toMatchObject({ code: "MODEL_DOWNLOAD_FAILED" });
    }
    expect(manager.models).toMatchObject([{ state: "failed", reason: "no network", leases: 0 }]);
    const again = manager.acquire(detection);
    await turn();
    loads[1]?.resolve(new Blob());
    (await again)[Symbol.dispose]();
    expect(states(manager)).toEqual([`${detection.id} ready 0`]);
  });

  it("lets an abort end the wait, not the load", async () => {
    const { manager, loads } = rig();
    const controller = new AbortController();
    const claim = manager.acquire(detection, controller.signal);
    await turn();
    controller.abort();
    await expect(claim).rejects.toMatchObject({ code: "ABORTED" });
    loads[0]?.resolve(new Blob());
    await turn();
    expect(states(manager)).toEqual([`${detection.id} ready 0`]);
    const late = manager.acquire(detection, AbortSignal.abort());
    await expect(late).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("unloads what is idle on teardown, and loads it again when needed", async () => {
    const { manager, loads, released } = rig();
    const first = manager.acquire(detection);
    await turn();
    loads[0]?.resolve(new Blob());
    const lease = await first;
    await manager.teardown();
    expect(released).toEqual([]);
    lease[Symbol.dispose]();
    const down = manager.teardown();
    const again = manager.acquire(detection);
    await down;
    expect(released).toEqual([detection.id]);
    await turn();
    loads[1]?.resolve(new Blob());
    (await again)[Symbol.dispose]();
    expect(states(manager)).toEqual([`${detection.id} ready 0`]);
  });

  it("reads the dictionary and fits it to the model's classes", async () => {
    const model = { ...recognition, dictionary };
    const { manager, loads } = rig(4);
    const claim = manager.acquire(model);
    await turn();
    loads[0]?.resolve(new Blob());
    using lease = await claim;
    expect(lease.alphabet).toEqual(["", "a", "b", " "]);
  });

  it("refuses a dictionary of another model and releases the session", async () => {
    const { manager, loads, released } = rig(50);
    const claim = manager.acquire({ ...recognition, dictionary });
    await turn();
    loads[0]?.resolve(new Blob());
    await expect(claim).rejects.toMatchObject({ code: "MODEL_INVALID" });
    expect(released).toEqual([recognition.id]);
  });
});

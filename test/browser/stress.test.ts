/** What a real engine does in a browser when its worker or its GPU device is gone. */
import { describe, expect, it } from "vitest";
import type { ReadOptions } from "../../src/index.ts";
import { FaultyEngine } from "../faults/faulty-engine.ts";
import { WORD } from "../faults/two-lines.ts";

const SMALL: string = new URL("../fixtures/pages/small.png", import.meta.url).href;
const SMALL_TEXT = "Opendoor\nRoom42";

function spawn(name: string): Worker {
  return new Worker(new URL("../faults/gpu-fault.worker.ts", import.meta.url), {
    type: "module",
    name,
  });
}

const since = (start: number): string => `after ${(performance.now() - start).toFixed(0)} ms`;

/** Runs `fault` once, when the stage begins. */
function at(stage: string, fault: () => void): NonNullable<ReadOptions["onProgress"]> {
  let fired = false;
  return (progress) => {
    if (fired || progress.stage !== stage || progress.done > 0) return;
    fired = true;
    fault();
  };
}

describe("on wasm", () => {
  const open = (options: object = {}): Promise<FaultyEngine<Worker>> =>
    FaultyEngine.open({ backend: "wasm", spawn, ...options });

  const readSmall = async (
    { engine }: FaultyEngine<Worker>,
    options: ReadOptions = {},
  ): Promise<string> => (await engine.read(SMALL, options)).text.replaceAll(" ", "");

  it("the read after a worker that was killed when idle is right", async () => {
    await using host = await open();
    await readSmall(host);
    const warm = performance.now();
    await readSmall(host);
    console.info(`a warm read: ${since(warm)}`);
    const start = performance.now();
    host.worker.terminate();
    expect(await readSmall(host)).toBe(SMALL_TEXT);
    console.info(`killed when idle: next read ${since(start)}`);
    expect(host.counts).toMatchObject({ spawns: 2, deaths: 1 });
  });

  it("the read whose worker is killed is done by the next worker", async () => {
    await using host = await open();
    await readSmall(host);
    let start = 0;
    const onProgress = at("recognize", () => {
      start = performance.now();
      host.worker.terminate();
    });
    expect(await readSmall(host, { onProgress })).toBe(SMALL_TEXT);
    console.info(`killed in a read: the same read ${since(start)}`);
    expect(host.counts).toEqual({ spawns: 2, deaths: 1, recycles: 0, reruns: 1 });
  });

  it("the read whose worker hangs is done by the next worker", async () => {
    const warmDeadline = 2_000;
    await using host = await open({ warmDeadline });
    await readSmall(host);
    await host.order({ kind: "spin", ms: Infinity });
    const start = performance.now();
    expect(await readSmall(host)).toBe(SMALL_TEXT);
    console.info(`hung: the same read ${since(start)}, ${warmDeadline} of them the deadline`);
    expect(host.counts).toEqual({ spawns: 2, deaths: 1, recycles: 0, reruns: 1 });
  });
});

const hasGpu = Boolean(await navigator.gpu?.requestAdapter());
if (!hasGpu) console.warn("no WebGPU adapter: tests skipped");

describe.skipIf(!hasGpu)("on WebGPU", () => {
  const readWord = async (
    { engine }: FaultyEngine<Worker>,
    options: ReadOptions = {},
  ): Promise<string> =>
    (await engine.read(SMALL, { region: WORD, recognizeOnly: true, ...options })).text;

  it("reads go on after a lost device, in the middle of a read too", async () => {
    await using host = await FaultyEngine.open({ backend: "webgpu", spawn });
    expect(await readWord(host)).toBe("42");
    const loaded = await host.engine.memory.measure();
    expect(loaded.gpuUsed).toBeGreaterThan(5_000_000);

    await host.order({ kind: "destroy" });
    let start = performance.now();
    expect(await readWord(host)).toBe("42");
    console.info(`WebGPU, device lost when idle: next read ${since(start)}`);
    expect(host.counts.spawns).toBe(2);

    const onProgress = at("recognize", () => {
      start = performance.now();
      void host.order({ kind: "destroy" });
    });
    expect(await readWord(host, { onProgress })).toBe("42");
    console.info(`WebGPU, device lost in a read: the same read ${since(start)}`);
    expect(host.counts.spawns).toBe(3);
    const warm = performance.now();
    expect(await readWord(host)).toBe("42");
    console.info(`WebGPU, a warm read: ${since(warm)}`);
    expect(host.engine.info.backend).toBe("webgpu");
  });
});

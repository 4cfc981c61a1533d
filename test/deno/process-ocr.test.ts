import { afterEach, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { DEFAULT_LIMITS } from "../../src/options/limits.ts";
import { spawnOcrProcess } from "../../src/pool/spawn-process.ts";
import { OcrService } from "../../src/pool/ocr-service.ts";
import type { CallLimits, ReadCall } from "../../src/pool/ocr-service.ts";
import type { ProcessWorker } from "../../src/rpc/process-worker.ts";
import { spawnWorker } from "../../src/pool/spawn.ts";
import type { WorkerLike } from "../../src/rpc/worker-like.ts";

const page = (name: string): URL => new URL(`../fixtures/pages/${name}`, import.meta.url);

describe("the OCR worker in a child process", () => {
  const services: OcrService[] = [];
  afterEach(() => {
    for (const host of services.splice(0)) host.close();
  });

  function service(
    spawn: (name: string) => WorkerLike,
    backend: "webgpu" | "wasm" = "wasm",
  ): OcrService {
    const made = new OcrService({
      spawn,
      name: "glyphpool-test",
      config: { backend, runtime: "auto", limits: DEFAULT_LIMITS, cache: true },
      startDeadline: 60_000,
    });
    services.push(made);
    return made;
  }

  /** A service that lives in processes, and the ones it has started. */
  function processes(): { host: OcrService; spawned: ProcessWorker[] } {
    const spawned: ProcessWorker[] = [];
    const host = service((name) => {
      const worker = spawnOcrProcess(name);
      spawned.push(worker);
      return worker;
    });
    return { host, spawned };
  }

  const job = (name: string): ReadCall => ({
    name: "read",
    open: async () => {
      const bytes = await Deno.readFile(page(name));
      return { input: { kind: "bytes", bytes }, transfer: [bytes.buffer] };
    },
    models: EMBEDDED,
    options: {},
  });
  const limits: CallLimits = { deadline: 100_000 };

  it("reads the same as in a worker, and reports its progress", async () => {
    const { host } = processes();
    const stages = new Set<string>();
    const inProcess = await host.run(job("small.png"), {
      ...limits,
      onProgress: ({ stage }) => stages.add(stage),
    });
    const inWorker = await service(spawnWorker).run(job("small.png"), limits);
    expect(inProcess.text).toBe(inWorker.text);
    expect(inProcess.lines).toEqual(inWorker.lines);
    expect(inProcess.text.replaceAll(" ", "")).toBe("Opendoor\nRoom42");
    expect([...stages]).toEqual(expect.arrayContaining(["decode", "detect", "recognize"]));
  });

  it("reads on WebGPU", async (context) => {
    if (!(await navigator.gpu.requestAdapter())) {
      context.skip("no WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers)");
    }
    const env = { DENO_WEBGPU_BACKEND: "vulkan" };
    const host = service((name) => spawnOcrProcess(name, { env }), "webgpu");
    expect(await host.start()).toMatchObject({ backend: "webgpu" });
    const { text } = await host.run(
      { ...job("line.png"), options: { recognizeOnly: true } },
      limits,
    );
    expect(text).toContain("58-2204");
  });

  it("that is killed in the middle of a read is replaced for the next one", async () => {
    const { host, spawned } = processes();
    const reading = host.run(job("letter.png"), {
      ...limits,
      onProgress: ({ stage, done }) => {
        if (stage === "detect" && done === 0) Deno.kill(spawned[0]?.pid as number, "SIGKILL");
      },
    });
    await expect(reading).rejects.toMatchObject({
      code: "WORKER_DIED",
      message: expect.stringContaining("signal SIGKILL"),
    });
    expect((await host.run(job("small.png"), limits)).text).toContain("42");
    expect(spawned).toHaveLength(2);
  });

  it("is killed at its deadline in the middle of a model, not only afterwards", async () => {
    const { host, spawned } = processes();
    await host.start();
    const late = host.run(job("letter.png"), { deadline: 300 });
    await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    const since = performance.now();
    await spawned[0]?.exited;
    expect(performance.now() - since).toBeLessThan(1000);
    expect((await host.run(job("small.png"), limits)).text).toContain("42");
  });
});

/** A page with an engine, for a test that crashes the GPU process of its browser. */
import { createEngine } from "../../src/index.ts";
import { FaultyEngine } from "./faulty-engine.ts";
import { WORD } from "./two-lines.ts";

export interface Outcome {
  readonly text: string;
  /** Of the worker that has read it. */
  readonly backend: string;
  readonly reason: string;
  /** Milliseconds. */
  readonly took: number;
  readonly spawns: number;
}

export interface CrashPage {
  /** Starts the engine with the first call. */
  read(): Promise<Outcome>;
  /** @returns the code that an engine is refused with which insists on WebGPU; nothing if it opens */
  insist(): Promise<string | undefined>;
}

const SMALL = new URL("../fixtures/pages/small.png", import.meta.url).href;

let host: FaultyEngine<Worker> | undefined;

const page: CrashPage = {
  async read() {
    host ??= await FaultyEngine.open({
      backend: "auto",
      spawn: (name) =>
        new Worker(new URL("./hardware-gpu.worker.ts", import.meta.url), { type: "module", name }),
    });
    const start = performance.now();
    const { text } = await host.engine.read(SMALL, { region: WORD, recognizeOnly: true });
    const took = performance.now() - start;
    const { backend, reason } = host.engine.info;
    return { text, backend, reason, took, spawns: host.counts.spawns };
  },
  async insist() {
    try {
      await using engine = await createEngine({ backend: "webgpu" });
      void engine;
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  },
};

Object.assign(globalThis, { page });

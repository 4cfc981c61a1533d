/** One worker with real models, and the steps that give memory back; in Deno, and in a page of Chromium. */
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { DEFAULT_LIMITS } from "../../../src/options/limits.ts";
import type { Rect } from "../../../src/index.ts";
import { OcrService } from "../../../src/pool/ocr-service.ts";
import { spawnWorker } from "../../../src/pool/spawn.ts";

export type Step = "trim" | "unload" | "device recycle" | "respawn";

export interface Task {
  /** The encoded image, as the runtime can get at it. */
  readonly image: string;
  readonly region?: Rect;
}

/** What the worker tells; bytes. */
export interface Held {
  readonly ledger: number;
  readonly wasmHeap: number;
}

export interface Subject {
  /** Starts the worker. @returns what it runs on, for people */
  open(backend: "webgpu" | "wasm"): Promise<string>;
  /** @returns the number of lines */
  read(task: Task): Promise<number>;
  held(): Promise<Held>;
  /** @returns false where there is no such step */
  recover(step: Step): Promise<boolean>;
  close(): Promise<void>;
}

/** Longer than anything takes on an emulated GPU; what exceeds it hangs. */
const DEADLINE = 300_000;

export class ServiceSubject implements Subject {
  readonly #load: (image: string) => Promise<Uint8Array>;
  #service: OcrService | undefined;

  /** @param load gets an encoded image */
  constructor(load: (image: string) => Promise<Uint8Array>) {
    this.#load = load;
  }

  async open(backend: "webgpu" | "wasm"): Promise<string> {
    this.#service = new OcrService({
      spawn: spawnWorker,
      name: "recovery",
      config: {
        backend,
        runtime: "auto",
        limits: DEFAULT_LIMITS,
        cache: false,
        // Nothing goes by itself: what is measured is what a step does.
        models: { idleTimeout: Infinity },
      },
      startDeadline: DEADLINE,
      deadline: DEADLINE,
      respawn: { minLife: 0 },
    });
    const { runtime, threads, adapter } = await this.#service.start();
    const name = adapter?.description || adapter?.architecture;
    return `${backend}, ${runtime}, ${name ?? `${threads} threads`}`;
  }

  async read({ image, region }: Task): Promise<number> {
    const bytes = await this.#load(image);
    const { lines } = await this.#running().run(
      {
        name: "read",
        open: async () => ({ input: { kind: "bytes", bytes }, transfer: [bytes.buffer] }),
        models: EMBEDDED,
        options: region ? { region } : {},
      },
      {},
    );
    return lines.length;
  }

  async held(): Promise<Held> {
    const memory = await this.#running().measure();
    if (!memory) throw new Error("There is no worker.");
    return { ledger: memory.gpu?.allocated ?? 0, wasmHeap: memory.wasmHeap };
  }

  async recover(step: Step): Promise<boolean> {
    const service = this.#running();
    const backend = service.info?.backend;
    if (step === "device recycle") return await service.recycleDevice();
    if (step === "trim") {
      // Buffers of the last run are all that it gives back.
      if (backend === "wasm") return false;
      await service.trim();
    } else if (step === "unload") {
      await service.evict(Infinity);
    } else {
      if (!(await service.recycle("measured"))) throw new Error("The worker was not replaced.");
      await service.start();
    }
    return true;
  }

  async close(): Promise<void> {
    this.#service?.close();
    this.#service = undefined;
  }

  #running(): OcrService {
    if (!this.#service) throw new Error("No worker was started.");
    return this.#service;
  }
}

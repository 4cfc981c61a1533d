/** A whole engine, composed as `createEngine` does it, whose workers a test gets hold of. */
import type { ModelSet } from "../../src/catalog/manifest/manifest.ts";
import { resolveModels } from "../../src/catalog/reading/resolve.ts";
import { resolveSettings } from "../../src/options/engine.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { MemoryControl } from "../../src/pool/memory-control.ts";
import { OcrServicePool } from "../../src/pool/ocr-service-pool.ts";
import { OcrService } from "../../src/pool/ocr-service.ts";
import type { WorkerCounts } from "../../src/pool/ocr-service.ts";
import type { WorkerLike } from "../../src/rpc/worker-like.ts";
import type { Fault, FaultMessage, FaultReport } from "./gpu-faults.ts";

export interface FaultyOptions<W extends WorkerLike> extends EngineOptions {
  readonly spawn: (name: string) => W;
}

export class FaultyEngine<W extends WorkerLike> implements AsyncDisposable {
  readonly engine: Engine;
  /** All workers that were ever started. */
  readonly workers: readonly W[];
  readonly #service: OcrService;

  private constructor(engine: Engine, service: OcrService, workers: readonly W[]) {
    this.engine = engine;
    this.workers = workers;
    this.#service = service;
  }

  static async open<W extends WorkerLike>({
    spawn,
    ...options
  }: FaultyOptions<W>): Promise<FaultyEngine<W>> {
    const settings = resolveSettings({ workers: 1, ...options }, ["models"]);
    const { backend, runtime, limits, cache, startDeadline, deadline, warmDeadline } = settings;
    const find = (): Promise<ModelSet> => resolveModels(options.models ?? "embedded");
    const models = await find();
    const workers: W[] = [];
    const memory = await MemoryControl.open(settings);
    const create = (index: number): OcrService => {
      const service: OcrService = new OcrService({
        name: `glyphpool-${index}`,
        config: { backend, runtime, limits, cache },
        startDeadline,
        deadline,
        warmDeadline: Math.min(warmDeadline || Infinity, deadline || Infinity),
        respawn: { minLife: settings.minWorkerLife },
        ...memory.listeners(index, () => service),
        spawn: (name) => {
          const worker = spawn(name);
          workers.push(worker);
          return worker;
        },
      });
      return service;
    };
    const service = create(0);
    const info = await service.start();
    const count = settings.workers ?? 1;
    const pool = new OcrServicePool(service, count, create, settings);
    memory.attach(pool, info);
    const engine = new Engine(settings, find, models, pool, count, memory);
    return new FaultyEngine(engine, service, workers);
  }

  /** Of the first service. */
  get counts(): WorkerCounts & { readonly reruns: number } {
    return this.#service.counts;
  }

  get worker(): W {
    const worker = this.workers.at(-1);
    if (!worker) throw new Error("No worker was started.");
    return worker;
  }

  /** Orders a fault of the present worker. @returns what happened since the order before */
  async order(fault: Fault): Promise<FaultReport> {
    const { worker } = this;
    const answer = new Promise<FaultReport>((resolve) => {
      worker.addEventListener("message", (event) => {
        const { data } = event as MessageEvent<{ faultReport?: FaultReport }>;
        if (data.faultReport) resolve(data.faultReport);
      });
    });
    const message: FaultMessage = { fault };
    worker.postMessage(message);
    return await answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
  }
}

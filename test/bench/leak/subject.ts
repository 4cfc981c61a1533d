/** The engine under test, driven the same way in Deno and, through Playwright, in a page of Chromium. */
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { resolveModels } from "../../../src/catalog/reading/resolve.ts";
import { COMER_PICTURE } from "../../../src/catalog/presets/structure-families.ts";
import { createEngine } from "../../../src/index.ts";
import type {
  Backend,
  Engine,
  MemorySnapshot,
  ModelSet,
  Rect,
  UserModelFiles,
} from "../../../src/index.ts";

export interface Task {
  /** The encoded image, as the runtime can get at it. */
  readonly image: string;
  readonly region?: Rect;
}

export interface Setup {
  readonly backend: Backend;
  /** Absent: the embedded models. */
  readonly models?: UserModelFiles;
  /** Where a model in the role `formula-encoder` is, loaded beside those of the text. */
  readonly structure: string;
  /** Milliseconds. */
  readonly idleTimeout: number;
}

/** What has to be known of a snapshot. */
export type Held = Pick<
  MemorySnapshot,
  "gpuUsed" | "gpuAllocated" | "gpuPeak" | "gpuOverhead" | "gpuOverheadPeak" | "wasmHeap"
> & {
  readonly backend: string;
  readonly pipelines: number;
  readonly workers: number;
  /** Of every model that the worker has had. */
  readonly states: Readonly<Record<string, string>>;
};

export interface Subject {
  open(setup: Setup): Promise<string>;
  /** Loads all models, that of the structure too. */
  preload(): Promise<void>;
  /** @returns the number of lines */
  read(task: Task): Promise<number>;
  held(): Promise<Held>;
  /** Unloads every model; the worker stays. */
  evict(): Promise<void>;
  teardown(): Promise<void>;
  /** Collects garbage in this realm and in the worker, where both were started with --expose-gc. */
  collect(): Promise<void>;
  close(): Promise<void>;
}

/** Longer than any read on an emulated GPU takes; what exceeds it hangs. */
const DEADLINE = 300_000;

export class EngineSubject implements Subject {
  readonly #load: (image: string) => Promise<Uint8Array>;
  #engine: Engine | undefined;

  /** @param load gets an encoded image */
  constructor(load: (image: string) => Promise<Uint8Array>) {
    this.#load = load;
  }

  async open({ backend, models, structure, idleTimeout }: Setup): Promise<string> {
    const set = models ? await resolveModels(models) : EMBEDDED;
    this.#engine = await createEngine({
      backend,
      idleTimeout,
      workers: 1,
      cache: false,
      deadline: DEADLINE,
      warmDeadline: DEADLINE,
      minConfidence: 0,
      models: {
        ...(backend === "webgpu" ? withoutEnlarging(set) : set),
        structure: [
          {
            role: "formula-encoder",
            id: "structure",
            license: "NOASSERTION",
            variants: [{ precision: "int8", onnx: { name: "encoder.onnx", url: structure } }],
            params: { picture: COMER_PICTURE },
          },
        ],
      },
    });
    const { info } = this.#engine;
    return `${info.backend}, ${info.runtime}, ${info.adapter?.description || info.adapter?.architecture || "no adapter"}`;
  }

  async preload(): Promise<void> {
    await this.#running().preload();
  }

  async read({ image, region }: Task): Promise<number> {
    const bytes = await this.#load(image);
    const page = await this.#running().read(bytes, region ? { region } : {});
    return page.lines.length;
  }

  async held(): Promise<Held> {
    const { memory } = this.#running();
    const { gpuUsed, gpuAllocated, gpuPeak, gpuOverhead, gpuOverheadPeak, wasmHeap, workers } =
      await memory.measure();
    const all = Object.values(workers).filter((worker) => worker !== undefined);
    return {
      gpuUsed,
      gpuAllocated,
      gpuPeak,
      gpuOverhead,
      gpuOverheadPeak,
      wasmHeap,
      backend: all.map(({ backend }) => backend).join(),
      pipelines: all.reduce((sum, { gpu }) => sum + (gpu?.pipelines ?? 0), 0),
      workers: all.length,
      states: Object.fromEntries(all.flatMap(({ models }) => models.map((m) => [m.id, m.state]))),
    };
  }

  async evict(): Promise<void> {
    await this.#running().memory.evict();
  }

  async teardown(): Promise<void> {
    await this.#running().teardown();
  }

  async collect(): Promise<void> {
    await this.#running().memory.trim();
    (globalThis as { gc?: () => void }).gc?.();
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }

  #running(): Engine {
    if (!this.#engine) throw new Error("No engine is open.");
    return this.#engine;
  }
}

/** What an emulated GPU takes minutes for does not make the leak larger. */
function withoutEnlarging(set: ModelSet): ModelSet {
  const { detection } = set;
  const params = { ...detection.params, limitType: "max" as const, limitSide: 160 };
  return { ...set, detection: { ...detection, params } };
}

/** One engine at a time, driven the same way in Deno and, through Playwright, in a page of Chromium. */
import { resolveModels } from "../../../src/catalog/reading/resolve.ts";
import type { ModelSet } from "../../../src/catalog/manifest/manifest.ts";
import { createEngine } from "../../../src/index.ts";
import type {
  Engine,
  EngineInfo,
  Line,
  ModelStatus,
  Rect,
  UserModelFiles,
} from "../../../src/index.ts";
import { SMALL_SIDE, type Setup } from "./setup.ts";

export interface Reading {
  readonly lines: Pick<Line, "text" | "confidence" | "polygon">[];
  readonly ms: number;
}

export interface Reader {
  open(setup: Setup): Promise<EngineInfo>;
  /** @param page where the image is, as the runtime can get at it */
  read(page: string, region: Rect): Promise<Reading>;
  /** Models that were loaded, with the backend of each. */
  models(): Promise<ModelStatus[]>;
  close(): Promise<void>;
}

/** Longer than any read on an emulated GPU takes; what exceeds it hangs. */
const DEADLINE = 300_000;

/** Runs in Deno, and inside the page in Chromium. */
export class EngineReader implements Reader {
  readonly #weights: UserModelFiles;
  readonly #load: (page: string) => Promise<Uint8Array>;
  readonly #pages = new Map<string, Promise<Uint8Array>>();
  #engine: Engine | undefined;

  /**
   * @param weights files with their published names, which say what parameters they take
   * @param load gets an encoded image
   */
  constructor(weights: UserModelFiles, load: (page: string) => Promise<Uint8Array>) {
    this.#weights = weights;
    this.#load = load;
  }

  async open({ backend, runtime, detection }: Setup): Promise<EngineInfo> {
    const own = await resolveModels(this.#weights);
    this.#engine = await createEngine({
      backend,
      runtime,
      models: detection === "own" ? own : withSmallDetection(own),
      workers: 1,
      cache: false,
      deadline: DEADLINE,
    });
    return this.#engine.info;
  }

  async read(page: string, region: Rect): Promise<Reading> {
    let loading = this.#pages.get(page);
    if (!loading) this.#pages.set(page, (loading = this.#load(page)));
    const bytes = await loading;
    const start = performance.now();
    const { lines } = await this.#running().read(bytes, { region });
    const ms = performance.now() - start;
    return {
      lines: lines.map(({ text, confidence, polygon }) => ({ text, confidence, polygon })),
      ms,
    };
  }

  async models(): Promise<ModelStatus[]> {
    return (await this.#running().stats()).models;
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    this.#engine = undefined;
  }

  #running(): Engine {
    if (!this.#engine) throw new Error("No engine is open.");
    return this.#engine;
  }
}

function withSmallDetection(set: ModelSet): ModelSet {
  const { detection } = set;
  const params = { ...detection.params, limitType: "max" as const, limitSide: SMALL_SIDE };
  return { ...set, detection: { ...detection, params } };
}

/** How one picture becomes a page: which models, which options at that moment, and what is left for later. */
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import type { ReadOptions } from "../options/engine.ts";
import type { KnownText } from "../options/structure.ts";
import { StructurePlan } from "./structure-plan.ts";
import { presentPage } from "../output/present-page.ts";
import type { MemoryControl } from "../pool/memory-control.ts";
import type { OcrServicePool } from "../pool/ocr-service-pool.ts";
import type { Picture } from "../pool/call.ts";
import type { DeferredWork } from "../tasks/deferred-work.ts";
import { readCharts } from "../tasks/read-charts.ts";
import type { Page } from "../types.ts";

/** An input that is opened when a worker is free. */
export interface ReadPicture extends Picture {
  /** Text that it comes with. */
  readonly known?: KnownText;
}

export interface PageReadsParts {
  readonly pool: OcrServicePool;
  readonly control: MemoryControl;
  readonly models: ModelSet;
  /** The set for another language. */
  readonly find: (language: string) => Promise<ModelSet>;
  readonly minConfidence: number;
}

/** Put-off work waits for every read. */
const LAST = Number.MIN_SAFE_INTEGER;

export class PageReads {
  readonly #parts: PageReadsParts;
  /** Sets for other languages; the same object each time, because a worker gets each set once. */
  readonly #otherLanguages = new Map<string, Promise<ModelSet>>();

  constructor(parts: PageReadsParts) {
    this.#parts = parts;
  }

  /**
   * @param late gets what of the structure is put off
   * @throws GlyphpoolError see `Engine.read`
   */
  async read(
    { known, ...picture }: ReadPicture,
    options: ReadOptions,
    signal: AbortSignal,
    late: DeferredWork,
  ): Promise<Page> {
    const { onProgress, language, deadline, priority, group } = options;
    const { region, detectOnly, recognizeOnly, order } = options;
    const { pool, control, minConfidence: usual } = this.#parts;
    const { minConfidence = usual } = options;
    const models = language === undefined ? this.#parts.models : await this.#modelsFor(language);
    const plan = new StructurePlan(options, {
      hasModels: (models.structure?.length ?? 0) > 0,
      repeatable: picture.repeatable === true,
    });
    const plain = plainRegion(region);
    const pipeline = given({ region: plain, detectOnly, recognizeOnly, order, known });
    const page = await pool.run(
      {
        ...picture,
        name: "read",
        models,
        // Asked for when a worker takes the read: the memory may have changed while it waited.
        get options() {
          const { quality, level } = control.guard;
          const structure = plan.request(quality.structure, level);
          return { ...pipeline, minConfidence, ...control.batchLimits, ...given({ structure }) };
        },
        priority,
        group,
      },
      { signal, onProgress, deadline },
    );
    const { chartReader } = options;
    if (chartReader) await readCharts(page, chartReader, signal);
    const analyses = plan.late;
    if (analyses.length > 0) {
      const { width, height, rotation, lines } = page;
      const text = { lines, width, height, rotation };
      const request = { ...pipeline, known: text, structure: plan.lateRequest };
      late.add({
        run: async (later) => {
          const call = { ...picture, models, options: request, priority: LAST, group } as const;
          const full = await pool.run({ ...call, name: "read" }, { signal: later, deadline });
          if (chartReader) await readCharts(full, chartReader, later);
          const { warnings } = page;
          plan.tell(presentPage({ ...full, ...given({ warnings }) }), analyses);
        },
        fail: (error) => plan.tell(presentPage({ ...page }), analyses, error),
      });
    }
    return page;
  }

  async #modelsFor(language: string): Promise<ModelSet> {
    let models = this.#otherLanguages.get(language);
    if (!models) {
      models = this.#parts.find(language);
      this.#otherLanguages.set(language, models);
      // What failed once may work later: a folder can be filled, a server can come back.
      models.catch(() => this.#otherLanguages.delete(language));
    }
    return await models;
  }
}

/** A copy without whatever a framework has wrapped it in: proxies cannot cross to a worker. */
function plainRegion(region: ReadOptions["region"]): ReadOptions["region"] {
  if (!region) return undefined;
  const { x, y, width, height } = region;
  return { x, y, width, height };
}

/** Without what is `undefined`. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

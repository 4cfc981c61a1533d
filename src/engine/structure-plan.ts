/** What of a page's structure is found out with its text, and what later. */
import { ANALYSES, analysesOf, wantsStructure } from "../options/structure.ts";
import type { AnalysisName, StructureOptions, StructureRequest } from "../options/structure.ts";
import { GlyphpoolError } from "../errors.ts";
import type { Quality } from "../memory/actions.ts";
import type { MemoryLevel } from "../memory/snapshot.ts";
import type { Page, PageMethods } from "../types.ts";

export interface PlanFacts {
  /** Whether the model set has models for the structure. */
  readonly hasModels: boolean;
  /** Whether the picture can be opened a second time. What cannot is analysed at once. */
  readonly repeatable: boolean;
}

export class StructurePlan {
  readonly #options: StructureOptions;
  readonly #facts: PlanFacts;
  #late: AnalysisName[] = [];

  constructor(options: StructureOptions, facts: PlanFacts) {
    this.#options = options;
    this.#facts = facts;
  }

  /** What the last {@link request} has put off, beside which the others have to be done again. */
  get late(): readonly AnalysisName[] {
    return this.#late;
  }

  /** What a worker has to do with the page now; nothing when only the text is wanted. */
  request(quality: Quality["structure"], level: MemoryLevel): StructureRequest | undefined {
    this.#late = [];
    if (!wantsStructure(this.#options)) return undefined;
    const { content = "page", onUpdate } = this.#options;
    const { hasModels, repeatable } = this.#facts;
    const deferred = analysesOf(this.#options, "defer");
    const now = analysesOf(this.#options, true);
    if (!repeatable) {
      return { content, analyses: [...now, ...deferred], useModels: quality === "on", level };
    }
    // While memory is short nothing loads models: what needs them waits, if somebody hears of it later.
    const short = quality === "defer" && hasModels && onUpdate !== undefined;
    this.#late = short ? [...now, ...deferred] : deferred;
    return { content, analyses: short ? [] : now, useModels: quality === "on", level };
  }

  /** What a worker has to do when memory is there again. */
  get lateRequest(): StructureRequest {
    const { content = "page" } = this.#options;
    const analyses = ANALYSES.filter((name) => analysesOf(this.#options, true).includes(name));
    return {
      content,
      analyses: [...new Set([...analyses, ...this.#late])],
      useModels: true,
      level: "ok",
    };
  }

  /** Tells of a page whose late analyses are done. A listener that throws does not disturb the engine. */
  tell(page: Page & PageMethods, analyses: readonly AnalysisName[], error?: unknown): void {
    const failure = error === undefined ? {} : { error: typed(error) };
    try {
      this.#options.onUpdate?.({ page, analyses, ...failure });
    } catch (thrown) {
      // As an event's listener: told where uncaught errors are, and nothing else happens.
      globalThis.reportError?.(thrown);
    }
  }
}

function typed(error: unknown): GlyphpoolError {
  if (GlyphpoolError.is(error)) return error;
  return new GlyphpoolError("INTERNAL", String(error), { cause: error });
}

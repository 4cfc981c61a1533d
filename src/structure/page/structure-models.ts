import type {
  LayoutModel,
  Model,
  ModelSet,
  StructureModel,
  StructureRole,
} from "../../catalog/manifest/manifest.ts";
import type { MemoryLevel } from "../../memory/snapshot.ts";
import { estimateFromFile } from "../../models/estimate.ts";
import type { StructureRequest, StructureStage } from "../../options/structure.ts";
import { throwIfAborted } from "../../errors.ts";
import { InferenceClock } from "../../models/inference-clock.ts";
import type { ModelLease, ModelSource } from "../../models/lease.ts";
import type { RgbaImage } from "../../types.ts";
import { detectLayout } from "../layout/model/layout-model.ts";
import type { LayoutRegion } from "../layout/region.ts";

/** Which of several layout models runs when memory is short. */

interface LayoutMemory {
  readonly level: MemoryLevel;
  /** Bytes that a model may take. Absent: as many as it wants. */
  readonly room?: number | undefined;
  /** Where models run that do not name a backend. */
  readonly backend: "webgpu" | "wasm";
}

/**
 * The preferred model while memory is fine; the smallest at `warning` and where no meter can read; none when it
 * is `critical`, or when none has room: the built-in layout needs no model.
 *
 * @param models the preferred one first
 */
export function chooseLayout(
  models: readonly LayoutModel[],
  { level, room = Infinity, backend }: LayoutMemory,
): LayoutModel | undefined {
  if (level === "critical") return undefined;
  const sized = models.map((model) => ({ model, bytes: bytesOf(model, backend) }));
  const fitting = sized.filter(({ bytes }) => room === Infinity || bytes <= room);
  if (level !== "ok") fitting.sort((a, b) => a.bytes - b.bytes);
  return fitting[0]?.model;
}

/** What it will take; a file of unknown size counts as larger than all others. */
function bytesOf({ variants, backend }: LayoutModel, usual: "webgpu" | "wasm"): number {
  const { bytes } = variants[0].onnx;
  return bytes === undefined ? Infinity : estimateFromFile(bytes, backend ?? usual);
}

/** The structure models of one page's analysis: which are used, loaded when they are needed and not before. */

type ModelOf<R extends StructureRole> = Extract<StructureModel, { readonly role: R }>;

/** Loads a model, or gives a claim on a loaded one, until the end of its stage. */
export type Borrow = <M extends Model>(model: M) => Promise<ModelLease<M>>;

export interface StageContext {
  readonly signal: AbortSignal;
  /** Waits for the share of a stage; disposing the result gives it back. */
  readonly permit: (stage: StructureStage) => Promise<Disposable>;
}

export class StructureModels {
  readonly #models: readonly StructureModel[];
  readonly #layout: LayoutModel | undefined;
  readonly #source: ModelSource;
  readonly #context: StageContext;
  readonly #clock = new InferenceClock();

  /** @param request what it does not name is never loaded */
  constructor(
    set: ModelSet,
    source: ModelSource,
    { useModels, level }: Pick<StructureRequest, "useModels" | "level">,
    context: StageContext,
  ) {
    this.#models = useModels ? (set.structure ?? []) : [];
    this.#layout = chooseLayout(this.all("layout"), { level, backend: "wasm" });
    this.#source = source;
    this.#context = context;
  }

  /** Time that was spent inside the model runtime. */
  get milliseconds(): number {
    return this.#clock.milliseconds;
  }

  /** The models with a role, the preferred one first; empty where none may be used. */
  all<R extends StructureRole>(role: R): ModelOf<R>[] {
    return this.#models.filter((model): model is ModelOf<R> => model.role === role);
  }

  /** Runs a stage that needs models, with its share, and with leases that are given back at its end. */
  async stage<T>(name: StructureStage, work: (borrow: Borrow) => Promise<T>): Promise<T> {
    const { signal, permit } = this.#context;
    throwIfAborted(signal);
    using share = await permit(name);
    void share;
    const leases: Disposable[] = [];
    try {
      return await work(async (model) => {
        const lease = this.#clock.watch(await this.#source.acquire(model, signal));
        leases.push(lease);
        return lease;
      });
    } finally {
      for (const lease of leases) lease[Symbol.dispose]();
    }
  }

  /** The parts of a page; nothing where there is no model for them. */
  async detectLayout(image: RgbaImage): Promise<LayoutRegion[] | undefined> {
    const model = this.#layout;
    if (!model) return undefined;
    const { signal } = this.#context;
    return await this.stage("layout", async (borrow) =>
      detectLayout(image, await borrow(model), { signal }),
    );
  }
}

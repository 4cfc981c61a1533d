import type { Model } from "../catalog/manifest/manifest.ts";
import type { Session } from "../gpu/tensor.ts";

/** A claim on a loaded model: the model cannot be unloaded until the lease is disposed. */
export interface ModelLease<M extends Model = Model> extends Disposable {
  readonly model: M;
  readonly session: Session;
  /**
   * Text recognition: class index → text, the blank at its own index as an empty string. Formulas: token id →
   * token as the vocabulary spells it, special ones empty. Other models: empty.
   */
  readonly alphabet: readonly string[];
  /**
   * How large the input of the next run may be, so that the memory budget bounds the run. Where `least` does not fit,
   * idle models are unloaded first. Absent: as large as is wanted.
   *
   * @param wanted N × H × W
   * @param least what makes sense at least
   * @returns from `least` to `wanted`
   * @throws GlyphpoolError `MEMORY_EXHAUSTED` when not even `least` fits
   */
  readonly fitRun?: (wanted: number, least: number) => Promise<number>;
}

/** What the pipeline needs of the ModelManager: the only way to a session. */
export interface ModelSource {
  acquire<M extends Model>(model: M, signal?: AbortSignal): Promise<ModelLease<M>>;
}

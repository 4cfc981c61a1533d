/** What a decoder computed in earlier steps, where its graph takes it back (`past_key_values.*`). */
import type { FormulaDecoderParams } from "../catalog/structure-params.ts";
import { GlyphpoolError } from "../errors.ts";
import type { Session, Tensor } from "../gpu/tensor.ts";

const PAST = "past_key_values.";
const PRESENT = "present.";
/** Of graphs that are two in one: whether the keys and values of earlier steps are fed. */
const USE_CACHE = "use_cache_branch";

/** Keys and values of the steps so far; it is empty for graphs that take none. */
export class FormulaCache {
  readonly #past = new Map<string, Tensor>();
  readonly #hasSwitch: boolean;
  #steps = 0;

  constructor(session: Session, { cache }: FormulaDecoderParams, id: string) {
    const names = session.inputNames.filter((name) => name.startsWith(PAST));
    if (names.length > 0 && !cache) {
      const message = `${id} takes keys and values of earlier steps, but its \`params.cache\` is missing.`;
      throw new GlyphpoolError("MODEL_INVALID", message);
    }
    this.#hasSwitch = session.inputNames.includes(USE_CACHE);
    for (const name of names) {
      const dims = [1, cache?.heads ?? 0, 0, cache?.size ?? 0];
      this.#past.set(name, { data: new Float32Array(0), dims });
    }
  }

  /** Whether a step needs only the tokens that it has not seen. */
  get isUsed(): boolean {
    return this.#past.size > 0;
  }

  /** Outputs to be fetched with each step. */
  get outputs(): string[] {
    return [...this.#past.keys()].map((name) => PRESENT + name.slice(PAST.length));
  }

  feeds(): Record<string, Tensor> {
    const flag = Float32Array.of(this.#steps > 0 ? 1 : 0);
    return {
      ...Object.fromEntries(this.#past),
      ...(this.#hasSwitch ? { [USE_CACHE]: { data: flag, dims: [1] } } : {}),
    };
  }

  /** Takes what a step computed. The keys of the picture come with the first step only; they stay. */
  update(outputs: Readonly<Record<string, Tensor>>): void {
    for (const name of this.#past.keys()) {
      const present = outputs[PRESENT + name.slice(PAST.length)];
      if (present && present.data.length > 0) this.#past.set(name, present);
    }
    this.#steps++;
  }
}

import type { FormulaDecoderParams } from "../../catalog/manifest/structure-params.ts";
import { GlyphpoolError, throwIfAborted } from "../../errors.ts";
import type { Feeds, Session, Tensor } from "../../gpu/tensor.ts";
import type { FormulaDecoderModel } from "../../catalog/manifest/manifest.ts";
import { delay } from "../../core/wait.ts";
import type { ModelLease } from "../../models/lease.ts";

/** What a decoder computed in earlier steps, where its graph takes it back (`past_key_values.*`). */

const PAST = "past_key_values.";
const PRESENT = "present.";
/** Of graphs that are two in one: whether the keys and values of earlier steps are fed. */
const USE_CACHE = "use_cache_branch";

/** Keys and values of the steps so far; it is empty for graphs that take none. */
class FormulaCache {
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

/** The loop of an encoder/decoder formula reader: one token at a time, the likeliest each. */

export interface DecodeLimits {
  readonly signal?: AbortSignal | undefined;
  /** At most the model's own. */
  readonly maxTokens?: number | undefined;
}

/** Tokens without the first and the last one, which are not part of the formula. */
export interface DecodedTokens {
  readonly ids: number[];
  /** Mean probability of the tokens and of the end; 0 when there was no step. */
  readonly confidence: number;
  /** Whether it was cut off at the limit. */
  readonly truncated: boolean;
}

/**
 * Decodes what an encoder saw. The signal is looked at before each token, after messages were let in, so that
 * an abort takes effect within one step.
 *
 * @param encoded outputs of the encoder, in its order
 * @throws GlyphpoolError `ABORTED`, `MODEL_INVALID`, and what runs throw
 */
export async function decodeTokens(
  encoded: readonly (readonly [name: string, tensor: Tensor])[],
  lease: ModelLease<FormulaDecoderModel>,
  { signal, maxTokens = Infinity }: DecodeLimits = {},
): Promise<DecodedTokens> {
  const { params, id } = lease.model;
  const cache = new FormulaCache(lease.session, params, id);
  const context = contextOf(encoded, lease);
  const limit = Math.min(maxTokens, params.maxTokens);
  const ids: number[] = [];
  let sum = 0;
  for (;;) {
    await delay(0);
    throwIfAborted(signal);
    const fed = cache.isUsed ? [ids.at(-1) ?? params.start] : [params.start, ...ids];
    const { token, probability } = await step(fed, context, cache, lease);
    sum += probability;
    const ended = token === params.end;
    // The step that finds the end is one more than there are tokens.
    if (ended || ids.length === limit) {
      const confidence = sum / (ids.length + 1);
      return { ids, confidence, truncated: !ended };
    }
    ids.push(token);
  }
}

async function step(
  fed: readonly number[],
  context: Feeds,
  cache: FormulaCache,
  { session, model }: ModelLease<FormulaDecoderModel>,
): Promise<{ token: number; probability: number }> {
  const tokens: Tensor = { data: Float32Array.from(fed), dims: [1, fed.length] };
  const logitsName = session.outputNames[0] as string;
  const outputs = await session.run({ ...context, ...cache.feeds(), input_ids: tokens }, [
    logitsName,
    ...cache.outputs,
  ]);
  cache.update(outputs);
  const logits = outputs[logitsName];
  const classes = logits?.dims.at(-1) ?? 0;
  if (!logits || classes <= model.params.end || logits.data.length < classes) {
    const shape = logits?.dims.join(", ") ?? "";
    const message = `${model.id} is not a decoder with the token ${model.params.end}: it returned [${shape}].`;
    throw new GlyphpoolError("MODEL_INVALID", message);
  }
  return likeliest(logits.data.subarray(logits.data.length - classes));
}

/**
 * Inputs of the decoder beside the tokens: outputs of the encoder with the same name; the first one also goes by
 * the name that Hugging Face gives it.
 */
function contextOf(
  encoded: readonly (readonly [name: string, tensor: Tensor])[],
  { session, model }: ModelLease<FormulaDecoderModel>,
): Feeds {
  const outputs = new Map(encoded);
  const first = encoded[0]?.[1];
  if (first) {
    const length = first.dims.at(-2) ?? 0;
    const everything = { data: new Float32Array(length).fill(1), dims: [1, length] };
    for (const [name, tensor] of [
      ["encoder_hidden_states", first],
      ["encoder_attention_mask", everything],
    ] as const) {
      if (!outputs.has(name)) outputs.set(name, tensor);
    }
  }
  const context: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    if (name === "input_ids" || /^(past_key_values\.|use_cache_branch$)/.test(name)) continue;
    const tensor = outputs.get(name);
    if (!tensor) {
      const names = encoded.map(([output]) => output).join(", ");
      const message = `${model.id} wants "${name}", which its encoder does not return: ${names}.`;
      throw new GlyphpoolError("MODEL_INVALID", message);
    }
    context[name] = tensor;
  }
  return context;
}

/** The largest logit and its softmax; of equal ones the first. */
function likeliest(logits: Float32Array): { token: number; probability: number } {
  let token = 0;
  for (const [i, value] of logits.entries()) if (value > (logits[token] as number)) token = i;
  const largest = logits[token] as number;
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return { token, probability: 1 / total };
}

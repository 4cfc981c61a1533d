/** The loop of an encoder/decoder formula reader: one token at a time, the likeliest each. */
import type { FormulaDecoderModel } from "../catalog/manifest.ts";
import { delay } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { Feeds, Tensor } from "../gpu/tensor.ts";
import type { ModelLease } from "../models/lease.ts";
import { FormulaCache } from "./formula-cache.ts";

export interface DecodeLimits {
  readonly signal?: AbortSignal | undefined;
  /** At most the model's own. */
  readonly maxTokens?: number | undefined;
}

/** Tokens without the first and the last one, which are no part of the formula. */
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
    const message = `${model.id} is no decoder with the token ${model.params.end}: it returned [${shape}].`;
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

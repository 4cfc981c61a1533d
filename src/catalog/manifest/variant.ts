/** Which number format of a model to load where. */

import { GlyphpoolError } from "../../errors.ts";
import type { Model, ModelVariant, Precision } from "./manifest.ts";

/** What decides between variants. */
export interface VariantTarget {
  readonly backend: "webgpu" | "wasm";
  /** Whether the adapter has `shader-f16`. Irrelevant for wasm. */
  readonly shaderF16: boolean;
}

function preference({ backend, shaderF16 }: VariantTarget): readonly Precision[] {
  // wasm widens fp16 on load: it works, but costs memory and brings nothing.
  if (backend === "wasm") return ["fp32", "int8", "fp16"];
  // int8 is dequantised on the GPU: larger activations and slower than fp32, so it comes last.
  // Without shader-f16 session creation fails on fp16 weights, so they are not candidates.
  return shaderF16 ? ["fp16", "fp32", "int8"] : ["fp32", "int8"];
}

/**
 * The variant of a model that fits the backend best.
 *
 * @throws GlyphpoolError `MODEL_INVALID` when the model has only fp16 weights and the GPU no
 *   `shader-f16`.
 */
export function chooseVariant(model: Model, target: VariantTarget): ModelVariant {
  for (const precision of preference(target)) {
    const variant = model.variants.find((candidate) => candidate.precision === precision);
    if (variant) return variant;
  }
  const formats = model.variants.map((variant) => variant.precision).join(", ");
  throw new GlyphpoolError(
    "MODEL_INVALID",
    `${model.id} has only ${formats} weights, which this GPU cannot run because it lacks shader-f16. ` +
      `Add fp32 weights or use the wasm backend.`,
  );
}

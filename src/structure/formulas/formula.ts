/** Formulas: from a part of a picture to LaTeX. */
import type {
  FormulaDecoderModel,
  FormulaEncoderModel,
  FormulaModel,
} from "../../catalog/manifest/manifest.ts";
import { GlyphpoolError, throwIfAborted } from "../../errors.ts";
import type { Feeds, Session, Tensor } from "../../gpu/tensor.ts";
import type { ModelLease } from "../../models/lease.ts";
import type { Rect, RgbaImage } from "../../types.ts";
import { decodeTokens } from "./decode.ts";
import type { DecodeLimits, DecodedTokens } from "./decode.ts";
import { preparePicture } from "./picture.ts";
import type { PreparedPicture } from "./picture.ts";
import { spellTokens } from "./tokens.ts";

/** One graph that does everything, or an encoder with its decoder. */
export type FormulaLeases =
  | { readonly formula: ModelLease<FormulaModel> }
  | {
      readonly encoder: ModelLease<FormulaEncoderModel>;
      readonly decoder: ModelLease<FormulaDecoderModel>;
    };

export interface FormulaReading {
  readonly latex: string;
  /** Mean probability of the tokens; 1 where the graph only returns tokens. */
  readonly confidence: number;
  readonly tokens: number;
  /** Whether the formula was longer than the limit: what is there is its beginning. */
  readonly truncated: boolean;
}

/**
 * Reads the formula in a box. A decoder that is a graph of its own can be stopped between two tokens, a graph
 * that does everything only before and after its run.
 *
 * @param box pixels of the image
 * @returns empty LaTeX for a box without anything in it
 * @throws GlyphpoolError `ABORTED`, `MODEL_INVALID`, and what runs throw
 */
export async function readFormula(
  image: RgbaImage,
  box: Rect,
  leases: FormulaLeases,
  limits: DecodeLimits = {},
): Promise<FormulaReading> {
  throwIfAborted(limits.signal);
  const reader = "formula" in leases ? leases.formula : leases.encoder;
  const picture = preparePicture(image, box, reader.model.params.picture);
  if (!picture) return { latex: "", confidence: 1, tokens: 0, truncated: false };
  const [decoded, { model, alphabet }] =
    "formula" in leases
      ? [await runWhole(picture, leases.formula, limits), leases.formula]
      : [await runHalves(picture, leases, limits), leases.decoder];
  const { ids, confidence, truncated } = decoded;
  const latex = spellTokens(ids, alphabet, model.params.spelling);
  const tokens = ids.filter((id) => alphabet[id] !== "").length;
  return { latex, confidence, tokens, truncated };
}

async function runHalves(
  picture: PreparedPicture,
  leases: { encoder: ModelLease<FormulaEncoderModel>; decoder: ModelLease<FormulaDecoderModel> },
  limits: DecodeLimits,
): Promise<DecodedTokens> {
  const { session, model } = leases.encoder;
  const outputs = await session.run(feedsOf(picture, session, model.id));
  const encoded = session.outputNames.map((name) => [name, outputs[name] as Tensor] as const);
  return await decodeTokens(encoded, leases.decoder, limits);
}

async function runWhole(
  picture: PreparedPicture,
  { session, model }: ModelLease<FormulaModel>,
  { signal, maxTokens = Infinity }: DecodeLimits,
): Promise<DecodedTokens> {
  const name = session.outputNames[0] as string;
  const outputs = await session.run(feedsOf(picture, session, model.id), [name]);
  throwIfAborted(signal);
  const all = [...(outputs[name]?.data ?? [])];
  const limit = Math.min(maxTokens, model.params.maxTokens);
  const end = all.indexOf(model.params.end);
  const ids = all.slice(0, Math.min(end < 0 ? all.length : end, limit));
  return { ids, confidence: 1, truncated: end < 0 || end > limit };
}

/** The mask, for graphs that have an input for it, is 1 where there is nothing. */
function feedsOf({ pixels, mask }: PreparedPicture, { inputNames }: Session, id: string): Feeds {
  const [first, ...others] = inputNames;
  const feeds: Record<string, Tensor> = { [first as string]: pixels };
  for (const name of others) {
    if (name !== "pixel_mask" || !mask) {
      const message = `${id} has an input "${name}" that is not known: pixel_mask is.`;
      throw new GlyphpoolError("MODEL_INVALID", message);
    }
    feeds[name] = mask;
  }
  return feeds;
}

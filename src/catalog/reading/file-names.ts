/** What the name of a model file or dictionary tells, by the conventions of PaddleOCR and its mirrors. */

import type { Family } from "../presets/families.ts";
import type { Precision, TextRole } from "../manifest/manifest.ts";

/** A model file by its name. */
export interface NamedModel {
  readonly role: TextRole;
  /** The same for all precisions of a model: the name without precision and extension. */
  readonly id: string;
  readonly precision: Precision;
  readonly family: Family | undefined;
  readonly tier: string | undefined;
  /** `korean`, `en`, `latin`, …; `ch` and no prefix are the general models. */
  readonly script: string | undefined;
  readonly lcnet: boolean;
}

/** Names that {@link parseModelName} accepts, for error messages. */
export const ACCEPTED_NAMES: Record<TextRole, string> = {
  detection: "*_det*.onnx (PP-OCRv6_tiny_det.onnx, ch_PP-OCRv4_det_infer.onnx, …)",
  recognition: "*_rec*.onnx (PP-OCRv6_tiny_rec.onnx, korean_PP-OCRv5_mobile_rec.onnx, …)",
  orientation: "*_textline_ori*.onnx or *_cls*.onnx",
  "page-orientation": "*_doc_ori*.onnx",
};

/** Other detectors and classifiers of the Paddle family that match the patterns below. */
const OTHERS = /seal|doc_cls|table|cell|layout|formula/i;

/**
 * What a path such as `PP-OCRv6_tiny_det_fp16.onnx` or `PP-OCRv6_tiny_det_onnx/inference.onnx` is;
 * undefined when it is not a model of this pipeline.
 *
 * @param folder name of the folder that the path is relative to, for a lone `inference.onnx`
 */
export function parseModelName(path: string, folder = ""): NamedModel | undefined {
  const parts = [folder, ...path.split("/")];
  const file = parts.at(-1) ?? "";
  if (!/\.onnx$/i.test(file)) return undefined;
  const stem = file.slice(0, -".onnx".length);
  const precision = (/[_.-](fp32|fp16|int8)$/i.exec(stem)?.[1]?.toLowerCase() ??
    "fp32") as Precision;
  const bare = stem.replace(/[_.-](fp32|fp16|int8)$/i, "");
  const named = /^(inference|model)$/i.test(bare) ? (parts.at(-2) ?? "") : bare;
  const id = named.replace(/[_-]onnx(_infer)?$/i, "").replace(/_infer$/i, "");
  const role = roleOf(id);
  if (!role) return undefined;
  const family = /(?:OCR_?|mobile_|server_)v([2-6])/i.exec(id)?.[1];
  const tier = /_(tiny|small|medium|mobile|server)(?:_|$)/i.exec(id)?.[1]?.toLowerCase();
  const lcnet = /lcnet/i.test(id);
  return {
    role,
    id,
    precision,
    family: family ? (`v${family}` as Family) : undefined,
    tier,
    script: scriptOf(id),
    lcnet,
  };
}

function roleOf(id: string): TextRole | undefined {
  if (OTHERS.test(id)) return undefined;
  if (/doc_ori/i.test(id)) return "page-orientation";
  if (/textline_ori|(^|[_-])cls([_-]|$)/i.test(id)) return "orientation";
  if (/(^|[_-])det([_-]|$)/i.test(id)) return "detection";
  return /(^|[_-])rec([_-]|$)/i.test(id) ? "recognition" : undefined;
}

/** Whether a file is a dictionary of one character per line. */
export function isDictionaryName(path: string): boolean {
  const file = path.split("/").at(-1) ?? "";
  return /\.txt$/i.test(file) && /dict|keys/i.test(file);
}

const SCRIPTS =
  /^(?:ppocrv\d_)?(korean|latin|eslav|cyrillic|arabic|devanagari|japan|chinese_cht|en|th|el|ta|te|ka)[_-]/i;

function scriptOf(name: string): string | undefined {
  return SCRIPTS.exec(name)?.[1]?.toLowerCase();
}

/** How well a dictionary's name fits a recogniser's; higher is better. */
export function dictionaryScore(path: string, model: NamedModel): number {
  const file = path.split("/").at(-1) ?? "";
  const version = /v([2-6])/i.exec(file)?.[1];
  const tier = /_(tiny|small|medium)_/i.exec(file)?.[1]?.toLowerCase();
  let score = scriptOf(file) === model.script ? 8 : 0;
  if (version !== undefined) score += `v${version}` === model.family ? 4 : -4;
  // Only tiny has a dictionary of its own; `ppocrv6_dict` is that of small and medium.
  if (tier === (model.tier === "tiny" ? "tiny" : undefined)) score += 2;
  // In HF-style folders the dictionary lies beside the model.
  if (path.includes(model.id)) score += 16;
  return score;
}

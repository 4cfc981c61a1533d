/** The model sets that can be named. */

import { GlyphpoolError } from "../../errors.ts";
import { EMBEDDED, EMBEDDED_FAST } from "./embedded.ts";
import { ORIENTATION, V6_MEDIUM, V6_SMALL, V6_TINY, officialDetector } from "./official.ts";
import type { ModelSet } from "../manifest/manifest.ts";
import { LANGUAGE_RECOGNISERS, V5_MOBILE_REC } from "./recognisers.ts";

const V5_MOBILE: ModelSet = {
  schema: 1,
  name: "ppocr-v5-mobile",
  description: "PP-OCRv5 mobile: Chinese, Japanese and English",
  detection: officialDetector({
    id: "PP-OCRv5_mobile_det",
    family: "v5",
    tier: "mobile",
    revision: "e6f4fa85f00e168c862bc462aebca69eef9b3d3d",
    onnx: { sha256: "a431985659dc921974177a95adcfbb90fd9e51989a5e04d70d0b75f597b6e61d" },
  }),
  recognition: V5_MOBILE_REC,
  orientation: ORIENTATION,
};

/** Detection does not depend on the script, so the language sets share the v5 mobile detector. */
const LANGUAGE_SETS: readonly ModelSet[] = LANGUAGE_RECOGNISERS.map(({ preset, title, model }) => ({
  ...V5_MOBILE,
  name: preset,
  description: `PP-OCRv5 mobile: ${title}`,
  recognition: model,
}));

/** Every named model set. */
export const PRESETS: ReadonlyMap<string, ModelSet> = new Map(
  [EMBEDDED, EMBEDDED_FAST, V6_TINY, V6_SMALL, V6_MEDIUM, V5_MOBILE, ...LANGUAGE_SETS].map(
    (set) => [set.name, set],
  ),
);

/** The names of all presets, the embedded ones first. */
export function presetNames(): string[] {
  return [...PRESETS.keys()];
}

/**
 * The preset of that name.
 *
 * @throws GlyphpoolError `UNKNOWN_PRESET` that names the closest preset and all others.
 */
export function findPreset(name: string): ModelSet {
  const preset = PRESETS.get(name);
  if (preset) return preset;
  const names = presetNames();
  const closest = names.reduce((best, candidate) =>
    editDistance(name, candidate) < editDistance(name, best) ? candidate : best,
  );
  throw new GlyphpoolError(
    "UNKNOWN_PRESET",
    `There is no model preset "${name}". Did you mean "${closest}"? Presets: ${names.join(", ")}.`,
  );
}

function editDistance(left: string, right: string): number {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substitution = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(substitution, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

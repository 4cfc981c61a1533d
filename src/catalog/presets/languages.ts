/** Which recogniser reads a language. */

import { GlyphpoolError } from "../../errors.ts";
import type { ModelSet, RecognitionModel } from "../manifest/manifest.ts";
import { LANGUAGE_RECOGNISERS, V5_MOBILE_REC } from "./recognisers.ts";

/** Recognisers that may replace a set's own, in order of preference. */
const REPLACEMENTS: readonly RecognitionModel[] = [
  V5_MOBILE_REC,
  ...LANGUAGE_RECOGNISERS.map(({ model }) => model),
];

/** Language and script of a tag: regions do not matter for OCR, scripts do (sr-Latn, sr-Cyrl). */
function languageAndScript(tag: string): string | undefined {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script ?? ""}`;
  } catch {
    return undefined;
  }
}

function covers(model: RecognitionModel, wanted: string): boolean {
  return model.languages.some((language) => languageAndScript(language) === wanted);
}

/**
 * The set with a recogniser that reads `language` (BCP 47: `ko`, `ru`, `zh-Hant`, `sr-Latn`). The
 * set's own recogniser stays when it covers the language or does not say what it covers, as is the
 * case for a user's own files; else a PP-OCRv5 language recogniser takes its place. Detection and
 * orientation do not depend on the language.
 *
 * @throws GlyphpoolError `UNSUPPORTED_LANGUAGE` that lists what is supported.
 */
export function resolveLanguage(set: ModelSet, language: string | undefined): ModelSet {
  if (language === undefined) return set;
  const wanted = languageAndScript(language);
  if (wanted !== undefined) {
    if (set.recognition.languages.length === 0 || covers(set.recognition, wanted)) return set;
    const replacement = REPLACEMENTS.find((model) => covers(model, wanted));
    if (replacement) {
      return { ...set, name: `${set.name}+${replacement.id}`, recognition: replacement };
    }
  }
  throw new GlyphpoolError(
    "UNSUPPORTED_LANGUAGE",
    wanted === undefined
      ? `"${language}" is not a BCP 47 language tag such as "ko", "ru" or "zh-Hant". Supported: ${supportedLanguages(set).join(", ")}.`
      : `No recogniser reads "${language}". Supported: ${supportedLanguages(set).join(", ")}.`,
  );
}

/** Every language tag that {@link resolveLanguage} accepts for this set, sorted. */
export function supportedLanguages(set?: ModelSet): string[] {
  const models = set ? [set.recognition, ...REPLACEMENTS] : REPLACEMENTS;
  return [...new Set(models.flatMap((model) => model.languages))].sort();
}

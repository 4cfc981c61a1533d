/** The published recognisers that presets and the `language` option choose from. */

import { type Family, recognitionParams } from "./families.ts";
import type { ModelFile, RecognitionModel } from "../manifest/manifest.ts";

/** RapidOCR's conversions carry their dictionary in the ONNX metadata, so one file is enough. */
export const RAPIDOCR = "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.9.2/onnx";

/**
 * Latin-script languages whose letters are all in the v6 and the v5 Latin dictionaries. Vietnamese and
 * Pali, which upstream lists too, are left out: their dictionaries lack ấ, ế, ữ and ṃ, ṇ, ḍ.
 */
const LATIN = [
  "af bs ca cs cy da de es et eu fi fr ga gl hr hu id is it ku-Latn la lb lt lv mi ms mt nl nb nn no",
  "oc pl pt qu rm ro sk sl sq sr-Latn sv sw fil tr uz-Latn",
]
  .join(" ")
  .split(" ");

/** What PP-OCRv6 tiny reads. Its dictionary has neither kana nor the ə of Azerbaijani. */
export const V6_TINY_LANGUAGES: readonly string[] = ["zh-Hans", "zh-Hant", "en", ...LATIN];

/** What PP-OCRv6 small and medium read. */
export const V6_LANGUAGES: readonly string[] = [...V6_TINY_LANGUAGES, "ja", "az-Latn"];

/** A v6 recogniser or the v5 mobile one, from the official Hugging Face repository. */
export function officialRecogniser(model: {
  id: string;
  family: Family;
  revision: string;
  languages: readonly string[];
  onnx: Pick<ModelFile, "bytes" | "sha256">;
  yml: Pick<ModelFile, "bytes" | "sha256">;
}): RecognitionModel {
  const base = `https://huggingface.co/PaddlePaddle/${model.id}_onnx/resolve/${model.revision}`;
  return {
    id: model.id,
    role: "recognition",
    license: "Apache-2.0",
    revision: model.revision,
    params: recognitionParams(model.family),
    languages: model.languages,
    variants: [
      {
        precision: "fp32",
        onnx: { name: `${model.id}.onnx`, url: `${base}/inference.onnx`, ...model.onnx },
      },
    ],
    dictionary: { name: `${model.id}.yml`, url: `${base}/inference.yml`, ...model.yml },
  };
}

/** PP-OCRv5 mobile: Chinese, Japanese and English. */
export const V5_MOBILE_REC: RecognitionModel = officialRecogniser({
  id: "PP-OCRv5_mobile_rec",
  family: "v5",
  revision: "ed152b8b495f84de93cda5709d768548a9127622",
  languages: ["zh-Hans", "zh-Hant", "ja", "en"],
  onnx: {
    bytes: 16_534_782,
    sha256: "da72dc72ca4dc220df0dfde68c1dedc31c58d3e76a25871122e5056227d50092",
  },
  yml: {
    bytes: 148_345,
    sha256: "5dfeb2777f6d0db8177d8128a8acfcf6e6276dc4ac73ea3bf0dc06d6a5e85d8e",
  },
});

function rapid(
  code: string,
  languages: string,
  sha256: string,
  options: { rightToLeft?: boolean } = {},
): RecognitionModel {
  const id = `${code}_PP-OCRv5_mobile_rec`;
  const file = `${code}_PP-OCRv5_rec_mobile.onnx`;
  return {
    id,
    role: "recognition",
    license: "Apache-2.0",
    revision: "v3.9.2",
    params: recognitionParams("v5", options),
    languages: languages.split(" "),
    variants: [
      {
        precision: "fp32",
        onnx: { name: `${id}.onnx`, url: `${RAPIDOCR}/PP-OCRv5/rec/${file}`, sha256 },
      },
    ],
  };
}

/** A v5 recogniser for one script, and the name of the preset that is built on it. */
export interface LanguageRecogniser {
  readonly preset: string;
  readonly title: string;
  readonly model: RecognitionModel;
}

/** In order of preference: for Russian the East Slavic model comes before the general Cyrillic one. */
export const LANGUAGE_RECOGNISERS: readonly LanguageRecogniser[] = [
  {
    preset: "ppocr-v5-korean",
    title: "Korean",
    model: rapid(
      "korean",
      "ko en",
      "cd6e2ea50f6943ca7271eb8c56a877a5a90720b7047fe9c41a2e541a25773c9b",
    ),
  },
  {
    preset: "ppocr-v5-english",
    title: "English",
    model: rapid("en", "en", "c3461add59bb4323ecba96a492ab75e06dda42467c9e3d0c18db5d1d21924be8"),
  },
  {
    preset: "ppocr-v5-latin",
    title: "Latin script",
    model: rapid(
      "latin",
      ["en", ...LATIN].join(" "),
      "b20bd37c168a570f583afbc8cd7925603890efbcdc000a59e22c269d160b5f5a",
    ),
  },
  {
    preset: "ppocr-v5-east-slavic",
    title: "Russian, Belarusian, Ukrainian",
    model: rapid(
      "eslav",
      "ru be uk en",
      "08705d6721849b1347d26187f15a5e362c431963a2a62bfff4feac578c489aab",
    ),
  },
  {
    preset: "ppocr-v5-cyrillic",
    title: "Cyrillic script",
    model: rapid(
      "cyrillic",
      "ru be uk sr bg mn abq ady kbd av dar inh ce lbe lez tab kk ky tg mk tt cv ba chm ro-Cyrl udm kv os " +
        "bua xal tyv sah kaa en",
      "90f761b4bfcce0c8c561c0cb5c887b0971d3ec01c32164bdf7374a35b0982711",
    ),
  },
  {
    preset: "ppocr-v5-arabic",
    title: "Arabic script",
    model: rapid(
      "arabic",
      "ar fa ug ur ps ku-Arab ckb sd bal en",
      "c1192e632d0baa9146ae5b756a0e635e3dc63c1733737ebfd1629e87144e9295",
      { rightToLeft: true },
    ),
  },
  {
    preset: "ppocr-v5-thai",
    title: "Thai",
    model: rapid("th", "th en", "de541dd83161c241ff426f7ecfd602a0ba77d686cf3ab9a6c255ea82fd08006e"),
  },
  {
    preset: "ppocr-v5-greek",
    title: "Greek",
    model: rapid("el", "el en", "b4368bccd557123c702b7549fee6cd1e94b581337d1c9b65310f109131542b7f"),
  },
  {
    preset: "ppocr-v5-devanagari",
    title: "Devanagari script",
    model: rapid(
      "devanagari",
      "hi mr ne mai anp bho mag sck new kok sa bgc en",
      "d6f0a906580e3fa6b324a318718f1f31f268b6ea8ef985f91c2012a37f52c91e",
    ),
  },
  {
    preset: "ppocr-v5-tamil",
    title: "Tamil",
    model: rapid("ta", "ta en", "a42448808b7dea87597336f12438935f40353f1949e8360acd9e06b4da21bfe1"),
  },
  {
    preset: "ppocr-v5-telugu",
    title: "Telugu",
    model: rapid("te", "te en", "a3690451b50028a09a3316a1274f7c05728151ea3f8fd392696397a7fefcbd92"),
  },
];

/** The languages of a published recogniser by its id; empty, meaning unknown, for any other. */
export function languagesOf(id: string): readonly string[] {
  const general: Record<string, readonly string[]> = {
    [V5_MOBILE_REC.id]: V5_MOBILE_REC.languages,
    "PP-OCRv6_tiny_rec": V6_TINY_LANGUAGES,
    "PP-OCRv6_small_rec": V6_LANGUAGES,
    "PP-OCRv6_medium_rec": V6_LANGUAGES,
    "ch_PP-OCRv4_rec": ["zh-Hans", "en"],
  };
  const script = LANGUAGE_RECOGNISERS.find(({ model }) => model.id === id);
  return general[id] ?? script?.model.languages ?? [];
}

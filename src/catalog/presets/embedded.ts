/**
 * The models that ship with the package. `scripts/embed-models.mjs` puts the files into `assets/embedded`, and `set.js`
 * there says which they are: the official PP-OCRv6, or PP-OCRv4 where a checkout could not get those.
 *
 * The `new URL(…, import.meta.url)` literals are what bundlers look for: Vite and webpack emit the files as assets,
 * Deno and Node read them as `file:` URLs. The names are those in `assets/embedded`, for who serves that folder.
 */

import { embedded } from "../../../assets/embedded/set.js";
import { V2_ORIENTATION, detectionParams, recognitionParams } from "./families.ts";
import { filesOf } from "../manifest/manifest.ts";
import type { ModelFile, ModelSet, OrientationModel } from "../manifest/manifest.ts";
import { V6_SMALL, V6_TINY } from "./official.ts";

const DETECTION = new URL("../../../assets/embedded/detection.onnx", import.meta.url).href;
const RECOGNITION = new URL("../../../assets/embedded/recognition.onnx", import.meta.url).href;
const DICTIONARY = new URL("../../../assets/embedded/dictionary.txt", import.meta.url).href;
const FAST_DETECTION = new URL("../../../assets/embedded/fast-detection.onnx", import.meta.url)
  .href;
const FAST_RECOGNITION = new URL("../../../assets/embedded/fast-recognition.onnx", import.meta.url)
  .href;
const FAST_DICTIONARY = new URL("../../../assets/embedded/fast-dictionary.txt", import.meta.url)
  .href;
const ORIENTATION = new URL("../../../assets/embedded/orientation.onnx", import.meta.url).href;

/** Seven times smaller than that of the published sets. */
const SMALL_ORIENTATION: OrientationModel = {
  id: "ch_ppocr_mobile_v2.0_cls",
  role: "orientation",
  license: "Apache-2.0",
  params: V2_ORIENTATION,
  variants: [
    {
      precision: "fp32",
      onnx: {
        name: "orientation.onnx",
        url: ORIENTATION,
        bytes: 578_966,
        sha256: "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640",
        bundled: true,
      },
    },
  ],
};

type Stored = Pick<ModelFile, "url" | "bytes" | "sha256">;

/** A published set whose weights are stored in half precision; see `gpu/graph/half-storage`. */
function stored(
  set: ModelSet,
  name: string,
  description: string,
  prefix: "" | "fast-",
  files: { detection: Stored; recognition: Stored; dictionary: Stored },
): ModelSet {
  const { detection, recognition } = set;
  const asset = (file: string, known: Stored): ModelFile => ({
    name: file,
    ...known,
    bundled: true,
  });
  return {
    schema: 1,
    name,
    description,
    detection: {
      ...detection,
      variants: [{ precision: "fp32", onnx: asset(`${prefix}detection.onnx`, files.detection) }],
    },
    recognition: {
      ...recognition,
      variants: [
        { precision: "fp32", onnx: asset(`${prefix}recognition.onnx`, files.recognition) },
      ],
      dictionary: asset(`${prefix}dictionary.txt`, files.dictionary),
    },
    orientation: SMALL_ORIENTATION,
  };
}

const SMALL = stored(
  V6_SMALL,
  "embedded",
  "PP-OCRv6 small, shipped with the package: Chinese, Japanese, English and Latin script, no download",
  "",
  {
    detection: {
      url: DETECTION,
      bytes: 5_015_304,
      sha256: "6485debb890831f379adf52452847ae8955bc137a1a86d99f4ff577662548e41",
    },
    recognition: {
      url: RECOGNITION,
      bytes: 10_669_662,
      sha256: "525223d9f6bad82912a217add9b5ac2888612484611670db79965240a811fd71",
    },
    dictionary: {
      url: DICTIONARY,
      bytes: 74_947,
      sha256: "b5f2bfe2bdd9448429e3e82b51c789775d9b42f2403d082b00662eb77e401c5d",
    },
  },
);

const TINY = stored(
  V6_TINY,
  "embedded-fast",
  "PP-OCRv6 tiny, shipped with the package: Chinese, English and Latin script, three times faster, less accurate",
  "fast-",
  {
    detection: {
      url: FAST_DETECTION,
      bytes: 956_343,
      sha256: "fc1f1a6b71a304631de8705918936e5f937b2f0c3476d940bbde5f9fe6d27e81",
    },
    recognition: {
      url: FAST_RECOGNITION,
      bytes: 2_280_423,
      sha256: "01b119e98506f5ee6bc42bd18c903bacf04025ce3575ae363613528173ad71ff",
    },
    dictionary: {
      url: FAST_DICTIONARY,
      bytes: 27_156,
      sha256: "c5cbe34ef40c29c4df07ed012bf96569cb69a2d2a01a07027e9f13cb832bd9cd",
    },
  },
);

const V4: ModelSet = {
  schema: 1,
  name: "embedded",
  description:
    "PP-OCRv4 mobile in place of PP-OCRv6, which this checkout could not get: Chinese and English, no download",
  detection: {
    id: "ch_PP-OCRv4_det",
    role: "detection",
    license: "Apache-2.0",
    params: detectionParams("v4"),
    variants: [
      {
        precision: "fp32",
        onnx: {
          name: "detection.onnx",
          url: DETECTION,
          bytes: 4_745_517,
          sha256: "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff",
          bundled: true,
        },
      },
    ],
  },
  recognition: {
    id: "ch_PP-OCRv4_rec",
    role: "recognition",
    license: "Apache-2.0",
    params: recognitionParams("v4"),
    languages: ["zh-Hans", "en"],
    variants: [
      {
        precision: "fp32",
        onnx: {
          name: "recognition.onnx",
          url: RECOGNITION,
          bytes: 10_822_323,
          sha256: "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0",
          bundled: true,
        },
      },
    ],
    dictionary: {
      name: "dictionary.txt",
      url: DICTIONARY,
      bytes: 26_249,
      sha256: "28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7",
      bundled: true,
    },
  },
  orientation: SMALL_ORIENTATION,
};

/** What the embedded files are and where the build found them, for people. */
export const EMBEDDED_FILES: string = `${embedded.set} (source: ${embedded.source})`;

const isFallback = embedded.set === "PP-OCRv4";

/** The default: works without any network. */
export const EMBEDDED: ModelSet = isFallback ? V4 : SMALL;

/** The fastest; in a checkout with the fallback, the same as {@link EMBEDDED}. */
export const EMBEDDED_FAST: ModelSet = isFallback ? { ...V4, name: "embedded-fast" } : TINY;

/**
 * An embedded set with its files in another folder, by their names.
 *
 * @param folder absolute URL with a slash at its end
 */
export function embeddedIn(folder: string, embeddedSet: ModelSet = EMBEDDED): ModelSet {
  const set = structuredClone(embeddedSet);
  for (const file of filesOf(set)) Object.assign(file, { url: new URL(file.name, folder).href });
  return set;
}

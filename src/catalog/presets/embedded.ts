/**
 * The models that ship with the package. The `new URL(…, import.meta.url)` literals are what bundlers
 * look for: Vite and webpack emit the files as assets, Deno and Node read them as `file:` URLs.
 * `scripts/embed-models.mjs` puts the files there and checks them against these hashes.
 */

import { V2_ORIENTATION, detectionParams, recognitionParams } from "./families.ts";
import { filesOf } from "../manifest/manifest.ts";
import type { ModelSet } from "../manifest/manifest.ts";

/** PP-OCRv4 mobile: Chinese and English, works without any network. */
export const EMBEDDED: ModelSet = {
  schema: 1,
  name: "embedded",
  description: "PP-OCRv4 mobile, shipped with the package: Chinese and English, no download",
  detection: {
    id: "ch_PP-OCRv4_det",
    role: "detection",
    license: "Apache-2.0",
    params: detectionParams("v4"),
    variants: [
      {
        precision: "fp32",
        onnx: {
          name: "ch_PP-OCRv4_det_infer.onnx",
          url: new URL("../../../assets/embedded/ch_PP-OCRv4_det_infer.onnx", import.meta.url).href,
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
          name: "ch_PP-OCRv4_rec_infer.onnx",
          url: new URL("../../../assets/embedded/ch_PP-OCRv4_rec_infer.onnx", import.meta.url).href,
          bytes: 10_822_323,
          sha256: "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0",
          bundled: true,
        },
      },
    ],
    dictionary: {
      name: "ppocr_keys_v1.txt",
      url: new URL("../../../assets/embedded/ppocr_keys_v1.txt", import.meta.url).href,
      bytes: 26_249,
      sha256: "28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7",
      bundled: true,
    },
  },
  orientation: {
    id: "ch_ppocr_mobile_v2.0_cls",
    role: "orientation",
    license: "Apache-2.0",
    params: V2_ORIENTATION,
    variants: [
      {
        precision: "fp32",
        onnx: {
          name: "ch_ppocr_mobile_v2.0_cls_infer.onnx",
          url: new URL(
            "../../../assets/embedded/ch_ppocr_mobile_v2.0_cls_infer.onnx",
            import.meta.url,
          ).href,
          bytes: 578_966,
          sha256: "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640",
          bundled: true,
        },
      },
    ],
  },
};

/**
 * The same with its files in another folder, by their names.
 *
 * @param folder absolute URL with a slash at its end
 */
export function embeddedIn(folder: string): ModelSet {
  const set = structuredClone(EMBEDDED);
  for (const file of filesOf(set)) Object.assign(file, { url: new URL(file.name, folder).href });
  return set;
}

/** The official PP-OCRv6 sets, pinned to a revision and a hash. `scripts/embed` reads them too. */

import { type Family, LCNET_ORIENTATION, detectionParams } from "./families.ts";
import type {
  DetectionModel,
  ModelFile,
  ModelSet,
  OrientationModel,
} from "../manifest/manifest.ts";
import { RAPIDOCR, V6_LANGUAGES, V6_TINY_LANGUAGES, officialRecogniser } from "./recognisers.ts";

/** A published detector, from its official repository. */
export function officialDetector(model: {
  id: string;
  family: Family;
  tier: string;
  revision: string;
  onnx: Pick<ModelFile, "bytes" | "sha256">;
}): DetectionModel {
  const url = `https://huggingface.co/PaddlePaddle/${model.id}_onnx/resolve/${model.revision}/inference.onnx`;
  return {
    id: model.id,
    role: "detection",
    license: "Apache-2.0",
    revision: model.revision,
    params: detectionParams(model.family, model.tier),
    variants: [{ precision: "fp32", onnx: { name: `${model.id}.onnx`, url, ...model.onnx } }],
  };
}

/** Line orientation for all sets but tiny. */
export const ORIENTATION: OrientationModel = {
  id: "PP-LCNet_x1_0_textline_ori",
  role: "orientation",
  license: "Apache-2.0",
  revision: "7fdcf3cf7061163eda7183b224aa334bd33068f7",
  params: LCNET_ORIENTATION,
  variants: [
    {
      precision: "fp32",
      onnx: {
        name: "PP-LCNet_x1_0_textline_ori.onnx",
        url: "https://huggingface.co/PaddlePaddle/PP-LCNet_x1_0_textline_ori_onnx/resolve/7fdcf3cf7061163eda7183b224aa334bd33068f7/inference.onnx",
        bytes: 6_777_816,
        sha256: "38aa97cd4be591e0ad304e659f07ba30d946f27a63315433f6659c69c8778345",
      },
    },
  ],
};

/** A seventh of the size, for the tiny set. */
const SMALL_ORIENTATION: OrientationModel = {
  id: "PP-LCNet_x0_25_textline_ori",
  role: "orientation",
  license: "Apache-2.0",
  revision: "v3.9.2",
  params: LCNET_ORIENTATION,
  variants: [
    {
      precision: "fp32",
      onnx: {
        name: "PP-LCNet_x0_25_textline_ori.onnx",
        url: `${RAPIDOCR}/PP-OCRv5/cls/ch_PP-LCNet_x0_25_textline_ori_cls_mobile.onnx`,
        sha256: "54379ae5174d026780215fc748a7f31910dee36818e63d49e17dc598ecc82df7",
      },
    },
  ],
};

/** PP-OCRv6 tiny, as published. */
export const V6_TINY: ModelSet = {
  schema: 1,
  name: "ppocr-v6-tiny",
  description: "PP-OCRv6 tiny: Chinese, English and Latin script; the smallest download",
  detection: officialDetector({
    id: "PP-OCRv6_tiny_det",
    family: "v6",
    tier: "tiny",
    revision: "2ba1506c0380b8f0b03dd142459aac66d4421f6c",
    onnx: {
      bytes: 1_780_590,
      sha256: "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
    },
  }),
  recognition: officialRecogniser({
    id: "PP-OCRv6_tiny_rec",
    family: "v6",
    revision: "2612ab37152ae0a677521bae4e1e3d4fb4cf7c30",
    languages: V6_TINY_LANGUAGES,
    onnx: {
      bytes: 4_462_639,
      sha256: "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    },
    yml: {
      bytes: 55_571,
      sha256: "66170210bad538e83fff3c4a3867e547d6bf20b50d64b20347c4b913f3034ea1",
    },
  }),
  orientation: SMALL_ORIENTATION,
};

/** PP-OCRv6 small, as published. */
export const V6_SMALL: ModelSet = {
  schema: 1,
  name: "ppocr-v6-small",
  description: "PP-OCRv6 small: Chinese, Japanese, English and Latin script; the balanced choice",
  detection: officialDetector({
    id: "PP-OCRv6_small_det",
    family: "v6",
    tier: "small",
    revision: "28fe5895c24fd108c19eb3e8479f4ab385fbfc62",
    onnx: {
      bytes: 9_880_512,
      sha256: "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
    },
  }),
  recognition: officialRecogniser({
    id: "PP-OCRv6_small_rec",
    family: "v6",
    revision: "b8f84f0b80c529de40b4fbb3544b84fa7233a513",
    languages: V6_LANGUAGES,
    onnx: {
      bytes: 21_159_378,
      sha256: "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
    },
    yml: {
      bytes: 150_579,
      sha256: "ab078671bb49f06228eadccd34f1bb501e157f7a047095ffb943ba81512c77d1",
    },
  }),
  orientation: ORIENTATION,
};

/** PP-OCRv6 medium, as published. */
export const V6_MEDIUM: ModelSet = {
  schema: 1,
  name: "ppocr-v6-medium",
  description: "PP-OCRv6 medium: the languages of small, highest accuracy, 145 MB",
  detection: officialDetector({
    id: "PP-OCRv6_medium_det",
    family: "v6",
    tier: "medium",
    revision: "61323801669c338b7891481ec7bac61ce31b576a",
    onnx: {
      bytes: 62_032_837,
      sha256: "eb13b44b25bb36f89528b68720af8a61d9cf381176107f465db1757b65d086e1",
    },
  }),
  recognition: officialRecogniser({
    id: "PP-OCRv6_medium_rec",
    family: "v6",
    revision: "50c7eacafc52fa7bcf4194e8cd08e46f8558504b",
    languages: V6_LANGUAGES,
    onnx: {
      bytes: 76_554_979,
      sha256: "9c09abf0957f7968c7586464b7397b84ad2387a0497a351af40e9acc71b673ba",
    },
    yml: {
      bytes: 150_580,
      sha256: "991b700facf5b50a7de193468207d5f4255b538dde0d312ae3b7c7a9b6873129",
    },
  }),
  orientation: ORIENTATION,
};

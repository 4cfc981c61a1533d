/** Published formula readers. */
import type {
  FormulaDecoderModel,
  FormulaEncoderModel,
  FormulaModel,
  ModelFile,
  ModelVariant,
  StructureModel,
} from "../manifest/manifest.ts";
import {
  COMER_DECODER,
  COMER_PICTURE,
  PIX2TEXT_DECODER,
  PIX2TEXT_PICTURE,
  formulaNetParams,
} from "./structure-families.ts";
import { OAR, published } from "./structure-sources.ts";
import type { Digest } from "./structure-sources.ts";

const FORMULA_NET_TOKENS: ModelFile = {
  name: "pp-formulanet-tokenizer.json",
  url: `${OAR}/pp-formulanet-tokenizer.json`,
  bytes: 2_140_014,
  sha256: "2811d82701ec97c192fa256aa2b4516929373870ae660326cc5b1dc879b95ff2",
};

/** The graph decodes by itself, in a Loop, for which WebGPU has no kernel. */
function formulaNet(size: "S" | "M" | "L", digest: Digest): FormulaModel {
  const name = `pp-formulanet_plus-${size.toLowerCase()}.onnx`;
  return {
    ...published(`PP-FormulaNet_plus-${size}`, { name, url: `${OAR}/${name}`, ...digest }),
    role: "formula",
    backend: "wasm",
    params: formulaNetParams(size === "L" ? 768 : 384, size === "S" ? 1024 : 2560),
    vocabulary: FORMULA_NET_TOKENS,
  };
}

export const FORMULA_NET_S: FormulaModel = formulaNet("S", {
  bytes: 231_878_904,
  sha256: "449d205c8fb2fe0a9b134a5e4a0f2421c2e7812fd902ea67dfda4e9ef4588978",
});
export const FORMULA_NET_M: FormulaModel = formulaNet("M", {
  bytes: 592_372_919,
  sha256: "9e3539c2b4eeed28f2d35e342fd5bb0bdaa7f6034a475fc7e890c92780910618",
});
export const FORMULA_NET_L: FormulaModel = formulaNet("L", {
  bytes: 733_525_676,
  sha256: "b4924d69c731365048de3d11a5d1829f3dfd8b98b4dbfd82437f934c2611934f",
});

/** A model whose file lies in another place than PaddlePaddle's. */
function foreign(
  id: string,
  license: string,
  revision: string,
  precision: ModelVariant["precision"],
  onnx: ModelFile,
): Pick<StructureModel, "id" | "license" | "revision" | "variants"> {
  return { id, license, revision, variants: [{ precision, onnx }] };
}

const PIX2TEXT = "bea257edb2653f2ae413b084f2ac0e8299d08df0";
const pix2text = (name: string, rest: Omit<ModelFile, "name" | "url">): ModelFile => ({
  name: `pix2text-mfr_${name}`,
  url: `https://huggingface.co/breezedeus/pix2text-mfr/resolve/${PIX2TEXT}/${name}`,
  ...rest,
});

export const PIX2TEXT_ENCODER: FormulaEncoderModel = {
  ...foreign(
    "pix2text-mfr_encoder",
    "MIT",
    PIX2TEXT,
    "fp32",
    pix2text("encoder_model.onnx", {
      bytes: 87_496_990,
      sha256: "bd8d5c322792e9ec45793af5569e9748f82a3d728a9e00213dbfc56c1486f37d",
    }),
  ),
  role: "formula-encoder",
  params: { picture: PIX2TEXT_PICTURE },
};
export const PIX2TEXT_DECODER_MODEL: FormulaDecoderModel = {
  ...foreign(
    "pix2text-mfr_decoder",
    "MIT",
    PIX2TEXT,
    "fp32",
    pix2text("decoder_model.onnx", {
      bytes: 30_114_937,
      sha256: "fd0f92d7a012f3dae41e1ac79421aea0ea888b5a66cb3f9a004e424f82f3daed",
    }),
  ),
  role: "formula-decoder",
  params: PIX2TEXT_DECODER,
  vocabulary: pix2text("tokenizer.json", {
    bytes: 39_161,
    sha256: "3e2ab757277d22639bec28c9d7972e352d3d1dba223051fa674002dc5ab64df3",
  }),
};

const INK_ON = "v0.1.0";
const inkOn = (name: string, rest: Omit<ModelFile, "name" | "url">): ModelFile => ({
  name: `comer_${name}`,
  url: `https://github.com/kimseungdae/ink-on/releases/download/${INK_ON}/${name}`,
  ...rest,
});

/** The graphs compute in int8 (ConvInteger, MatMulInteger), for which WebGPU has no kernels. */
const COMER_BACKEND = "wasm";
/** The authors of CoMER name no licence for its weights; the export and its code are Apache-2.0. */
const COMER_LICENSE = "NOASSERTION";
export const COMER_ENCODER: FormulaEncoderModel = {
  ...foreign(
    "CoMER_encoder",
    COMER_LICENSE,
    INK_ON,
    "int8",
    inkOn("encoder_int8.onnx", {
      bytes: 3_460_779,
      sha256: "272f17c7b120db61db6cd8d77e695d0139144044abd57d9b23284435a5d916fa",
    }),
  ),
  role: "formula-encoder",
  backend: COMER_BACKEND,
  params: { picture: COMER_PICTURE },
};
export const COMER_DECODER_MODEL: FormulaDecoderModel = {
  ...foreign(
    "CoMER_decoder",
    COMER_LICENSE,
    INK_ON,
    "int8",
    inkOn("decoder_int8.onnx", {
      bytes: 4_118_047,
      sha256: "658901d81ca3aa4b62b0da262e8fe67ebcfdac19cfb52ca2cfd076bebd481088",
    }),
  ),
  role: "formula-decoder",
  backend: COMER_BACKEND,
  params: COMER_DECODER,
  vocabulary: inkOn("vocab.json", {
    bytes: 3_697,
    sha256: "1d75cbbea3bed558683d7e9c3b3c72069ef2143a155d5f8c610f85a281af000c",
  }),
};

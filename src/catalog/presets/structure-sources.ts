/** Where the structure models of PaddlePaddle are published. */
import type { ModelFile, StructureModel } from "../manifest/manifest.ts";

/** Conversions by oar-ocr, for what PaddlePaddle has not published as ONNX, or not with a known hash. */
export const OAR = "https://github.com/GreatV/oar-ocr/releases/download/v0.3.0";

/** Some sizes are not recorded anywhere; every hash is. */
export type Digest = Pick<ModelFile, "bytes"> & Required<Pick<ModelFile, "sha256">>;

/** The graph in PaddlePaddle's own repository, at a revision. */
export function official(id: string, revision: string, digest: Digest): ModelFile {
  const url = `https://huggingface.co/PaddlePaddle/${id}_onnx/resolve/${revision}/inference.onnx`;
  return { name: `${id}.onnx`, url, ...digest };
}

/** What the manifest says of every model by PaddlePaddle, wherever its conversion lies. */
export function published(
  id: string,
  onnx: ModelFile,
): Pick<StructureModel, "id" | "license" | "revision" | "variants"> {
  const revision = /\/(?:resolve|download)\/([^/]+)\//.exec(onnx.url)?.[1];
  return {
    id,
    license: "Apache-2.0",
    ...(revision ? { revision } : {}),
    variants: [{ precision: "fp32", onnx }],
  };
}

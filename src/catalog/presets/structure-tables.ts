/** Published table models. */
import type {
  Normalisation,
  TableCellsModel,
  TableClassificationModel,
  TableStructureModel,
} from "../manifest/manifest.ts";
import type { TableKind, TableStructureParams } from "../manifest/structure-params-table.ts";
import { OAR, official, published } from "./structure-sources.ts";
import type { Digest } from "./structure-sources.ts";

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

export const TABLE_CLASSIFIER: TableClassificationModel = {
  ...published("PP-LCNet_x1_0_table_cls", {
    name: "PP-LCNet_x1_0_table_cls.onnx",
    url: `${OAR}/pp-lcnet_x1_0_table_cls.onnx`,
    bytes: 6_776_998,
    sha256: "61ed75151cadba903ec5182f1ffc59e961e52de501c61c5ffeb466346fc65040",
  }),
  role: "table-classification",
  params: {
    channels: "rgb",
    ...IMAGENET,
    resizeShort: 256,
    crop: 224,
    labels: ["wired", "wireless"],
  },
};

/** Table structure reads BGR, and decodes in a Loop, for which WebGPU has no kernel. */
function structure(
  id: string,
  revision: string,
  digest: Digest,
  params: Omit<TableStructureParams, keyof Normalisation>,
): TableStructureModel {
  return {
    ...published(id, official(id, revision, digest)),
    role: "table-structure",
    backend: "wasm",
    params: { channels: "bgr", ...IMAGENET, ...params },
  };
}

export const SLANET_PLUS: TableStructureModel = structure(
  "SLANet_plus",
  "7dbe640e127602bf506815e822c09758de73c482",
  { sha256: "7790c0c13ce064782c9d22ebeb16b4da8216f83d3ba576da962c106ef58386da" },
  { side: 488, boxes: "padded" },
);
export const SLANEXT_WIRED: TableStructureModel = structure(
  "SLANeXt_wired",
  "04356de883011f433f83e5098793f3a501a9af6e",
  {
    bytes: 367_743_373,
    sha256: "0a6e063b56e35a434eb6669eb2342113c6bd76a6ce5acaa0331f370c9e00732f",
  },
  { side: 512, boxes: "padded", kind: "wired" },
);
export const SLANEXT_WIRELESS: TableStructureModel = structure(
  "SLANeXt_wireless",
  "9207aaed01d1bbb0743af384bac5b0bd35869ba3",
  { sha256: "5c79ee87cce6712f8f640394decce72157bd1df13c9bccf86d071bd07a6e9f97" },
  { side: 512, boxes: "padded", kind: "wireless" },
);

/** The pipelines run cell detection at 0.3, whatever its own `inference.yml` says. */
function cells(kind: TableKind, revision: string, sha256: string): TableCellsModel {
  const id = `RT-DETR-L_${kind}_table_cell_det`;
  return {
    ...published(id, official(id, revision, { sha256 })),
    role: "table-cells",
    params: {
      channels: "rgb",
      mean: [0, 0, 0],
      std: [1, 1, 1],
      width: 640,
      height: 640,
      threshold: 0.3,
      nms: 0.3,
      kind,
    },
  };
}

export const WIRED_CELLS: TableCellsModel = cells(
  "wired",
  "b2c0720b5fe6f1c0dd40f8a7993a3f28e04252f8",
  "bf5490020512a31f43813d90feadae9526a2c3474ffe807571f2c23594f5958f",
);
export const WIRELESS_CELLS: TableCellsModel = cells(
  "wireless",
  "94c021be206064f0136ef1383fbd4b68b168fa61",
  "47515940ec5c37156e09aa9acb20c4e7e22456cad6ce49473661f1762fb46a78",
);

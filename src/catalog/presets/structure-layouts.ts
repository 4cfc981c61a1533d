/** Published layout models. */
import type { LayoutModel, LayoutRegionsModel, ModelFile } from "../manifest/manifest.ts";
import { layoutParams } from "./structure-families.ts";
import type { LayoutFamily } from "./structure-families.ts";
import { OAR, official, published } from "./structure-sources.ts";

function layout(
  id: LayoutFamily,
  onnx: ModelFile,
  backend: { backend?: "wasm" } = {},
): LayoutModel {
  return { ...published(id, onnx), role: "layout", params: layoutParams(id), ...backend };
}

export const DOC_LAYOUT_V3: LayoutModel = layout(
  "PP-DocLayoutV3",
  official("PP-DocLayoutV3", "46bbdf188bb0a772c08aed74882ce7e51a8f1ea6", {
    bytes: 130_502_049,
    sha256: "45bf71750b00739a41fc209f132eb104a4d6b5bb29483c9078164d8b87cf28ba",
  }),
);
export const DOC_LAYOUT_V2: LayoutModel = layout("PP-DocLayoutV2", {
  name: "PP-DocLayoutV2.onnx",
  url: `${OAR}/pp-doclayoutv2.onnx`,
  bytes: 213_969_379,
  sha256: "a325532df1c7530538ef4e8254695c091adc6afd3366c0851425491f0816d1d1",
});
export const DOC_LAYOUT_PLUS: LayoutModel = layout(
  "PP-DocLayout_plus-L",
  official("PP-DocLayout_plus-L", "feb74619326f634e0e883218598096a3733ad9f7", {
    bytes: 129_736_329,
    sha256: "77afb2caa74dd13240d087d2eced91d7fcd2caebd16006a0a66162fc8707ff0e",
  }),
);
export const DOC_LAYOUT_L: LayoutModel = layout("PP-DocLayout-L", {
  name: "PP-DocLayout-L.onnx",
  url: `${OAR}/pp-doclayout-l.onnx`,
  bytes: 129_377_057,
  sha256: "094fef666d9785d001238d0b93a88c2c365b059d211d7e1e494ccd2419f3b3c1",
});
/** M and S thin out their boxes in the graph (NonMaxSuppression), for which WebGPU has no kernel. */
export const DOC_LAYOUT_M: LayoutModel = layout(
  "PP-DocLayout-M",
  {
    name: "PP-DocLayout-M.onnx",
    url: `${OAR}/pp-doclayout-m.onnx`,
    bytes: 23_496_727,
    sha256: "8e458bfc919bbf7a35be9802485b5cd30151cb356364cfad09911d2ee1fc1f76",
  },
  { backend: "wasm" },
);
export const DOC_LAYOUT_S: LayoutModel = layout(
  "PP-DocLayout-S",
  {
    name: "PP-DocLayout-S.onnx",
    url: `${OAR}/pp-doclayout-s.onnx`,
    bytes: 4_914_918,
    sha256: "c2336493a0a13cd9b9b457ca68aea370b327c362a4a7da4917c2bba96029bceb",
  },
  { backend: "wasm" },
);

export const DOC_BLOCK_LAYOUT: LayoutRegionsModel = {
  ...published("PP-DocBlockLayout", {
    name: "PP-DocBlockLayout.onnx",
    url: `${OAR}/pp-docblocklayout.onnx`,
    bytes: 129_331_821,
    sha256: "4f2b7465a9ca1e8519848573544e1ee108ead67f8b35958b77a293b02eca44cd",
  }),
  role: "layout-regions",
  params: layoutParams("PP-DocBlockLayout"),
};

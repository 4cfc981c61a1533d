/**
 * The constants of every family of layout and formula models. Layouts: PaddleX 3.7.2, each model's
 * `inference.yml` and `configs/pipelines/{PP-StructureV3,PaddleOCR-VL,PaddleOCR-VL-1.6}.yaml`.
 */
import type { Normalisation } from "../manifest/manifest.ts";
import type {
  Containment,
  FormulaDecoderParams,
  FormulaParams,
  FormulaPicture,
  LayoutParams,
} from "../manifest/structure-params.ts";

export type LayoutFamily =
  | "PP-DocLayoutV3"
  | "PP-DocLayoutV2"
  | "PP-DocLayout_plus-L"
  | "PP-DocLayout-L"
  | "PP-DocLayout-M"
  | "PP-DocLayout-S"
  | "PP-DocBlockLayout";

/** Without a normalisation (`norm_type: none`) PaddleX still divides by 255. */
const PLAIN: Normalisation = { channels: "rgb", mean: [0, 0, 0], std: [1, 1, 1] };
const IMAGENET: Normalisation = {
  channels: "rgb",
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const list = (names: string): readonly string[] => names.split(" ");

/** PP-DocLayoutV2 and V3. */
const ORDERED_LABELS = list(
  "abstract algorithm aside_text chart content display_formula doc_title figure_title footer footer_image " +
    "footnote formula_number header header_image image inline_formula number paragraph_title reference " +
    "reference_content seal table text vertical_text vision_footnote",
);
const PLUS_LABELS = list(
  "paragraph_title image text number abstract content figure_title formula table reference doc_title footnote " +
    "header algorithm footer seal chart formula_number aside_text reference_content",
);
/** PP-DocLayout-L, M and S. */
const FIRST_LABELS = list(
  "paragraph_title image text number abstract content figure_title formula table table_title reference doc_title " +
    "footnote header algorithm footer seal chart_title chart formula_number header_image footer_image aside_text",
);

const allOf = (labels: readonly string[], mode: Containment): Record<string, Containment> =>
  Object.fromEntries(labels.map((label) => [label, mode]));

const ORDERED: LayoutParams = {
  ...PLAIN,
  width: 800,
  height: 800,
  labels: ORDERED_LABELS,
  threshold: 0.5,
  nms: true,
  containment: allOf(
    list("chart display_formula doc_title inline_formula paragraph_title"),
    "large",
  ),
  overlaps: "by-label",
};

const FIRST: LayoutParams = {
  ...PLAIN,
  width: 640,
  height: 640,
  labels: FIRST_LABELS,
  threshold: 0.5,
  nms: true,
  overlaps: "smaller",
};

const LAYOUTS: Readonly<Record<LayoutFamily, LayoutParams>> = {
  "PP-DocLayoutV3": { ...ORDERED, threshold: 0.3 },
  "PP-DocLayoutV2": {
    ...ORDERED,
    thresholds: {
      display_formula: 0.4,
      doc_title: 0.4,
      inline_formula: 0.4,
      paragraph_title: 0.4,
      text: 0.4,
      vertical_text: 0.4,
      seal: 0.45,
    },
  },
  "PP-DocLayout_plus-L": {
    ...PLAIN,
    width: 800,
    height: 800,
    labels: PLUS_LABELS,
    threshold: 0.5,
    thresholds: { paragraph_title: 0.3, formula: 0.3, text: 0.4, seal: 0.45 },
    nms: true,
    containment: allOf(list("paragraph_title image formula chart"), "large"),
    overlaps: "smaller",
  },
  "PP-DocLayout-L": FIRST,
  "PP-DocLayout-M": { ...FIRST, ...IMAGENET },
  "PP-DocLayout-S": { ...FIRST, ...IMAGENET, width: 480, height: 480 },
  "PP-DocBlockLayout": { ...FIRST, labels: ["Region"], containment: "small" },
};

/** Without `overlaps` regions may lie over each other: blocks are given to the one that holds most of them. */
export function layoutParams(family: LayoutFamily): LayoutParams {
  const params = LAYOUTS[family];
  if (family !== "PP-DocBlockLayout") return params;
  const { overlaps: _overlaps, ...regions } = params;
  return regions;
}

/**
 * PP-FormulaNet and PP-FormulaNet_plus: UniMERNet's pictures and tokens
 * (`paddlex/inference/models/formula_recognition/processors.py`).
 *
 * @param side 384 for S, plus-S and plus-M, 768 for L and plus-L
 */
export function formulaNetParams(side: 384 | 768, maxTokens: number): FormulaParams {
  const picture: FormulaPicture = {
    fit: "centre",
    width: side,
    height: side,
    mean: 0.7931,
    std: 0.1738,
  };
  return { picture, end: 2, maxTokens, spelling: "byte-level" };
}

/** pix2text-mfr: a DeiT encoder and a TrOCR decoder. Its end token also starts a formula. */
export const PIX2TEXT_PICTURE: FormulaPicture = {
  fit: "stretch",
  width: 384,
  height: 384,
  channels: "rgb",
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};
export const PIX2TEXT_DECODER: FormulaDecoderParams = {
  start: 2,
  end: 2,
  maxTokens: 512,
  spelling: "byte-level",
};

/** CoMER, as exported by ink-on: handwriting as in CROHME, white on black. */
export const COMER_PICTURE: FormulaPicture = {
  fit: "ink",
  width: 1024,
  height: 256,
  widthStep: 64,
  inkHeight: 128,
  margin: 16,
};
/** Left to right; a formula that starts with 2 would be spelled backwards and end with 1. */
export const COMER_DECODER: FormulaDecoderParams = {
  start: 1,
  end: 2,
  maxTokens: 200,
  spelling: "words",
};

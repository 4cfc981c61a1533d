/**
 * The constants of every PP-OCR family, as the reference pipelines use them. A preset, a folder of
 * files with official names and a user's own files all take theirs from here.
 */

import type {
  CropMargin,
  DetectionParams,
  Normalisation,
  OrientationParams,
  PageOrientationParams,
  RecognitionParams,
} from "../manifest/manifest.ts";

/** Generations of PP-OCR with their own constants. */
export type Family = "v2" | "v3" | "v4" | "v5" | "v6";

/** Newest first. */
export const FAMILIES: readonly Family[] = ["v6", "v5", "v4", "v3", "v2"];

const IMAGENET = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

const HALF = {
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
} as const;

/** Detectors read BGR: the ImageNet constants apply to B, G, R in the order written. */
const DETECTION_INPUT: Normalisation = { channels: "bgr", ...IMAGENET };
const RECOGNITION_INPUT: Normalisation = { channels: "bgr", ...HALF };

const V4_DETECTION: DetectionParams = {
  ...DETECTION_INPUT,
  limitType: "max",
  limitSide: 960,
  maxSide: 4000,
  multiple: 32,
  threshold: 0.3,
  boxThreshold: 0.6,
  // 1.5 is what the models' own `inference.yml` says. One pipeline file of PaddleX (OCR.yaml for v4)
  // says 2.0, whose boxes swallow neighbouring lines on dense pages.
  unclipRatio: 1.5,
  maxCandidates: 1000,
  minBoxSide: 3,
};

const V5_DETECTION: DetectionParams = {
  ...V4_DETECTION,
  // The general OCR pipeline runs v5 at the page's own size; its yml still carries v4's 960.
  limitType: "min",
  limitSide: 64,
  // Ours: a scan of 35 megapixels took 2.4 GB.
  maxPixels: 2_000_000,
};

const V6_DETECTION: DetectionParams = {
  ...DETECTION_INPUT,
  limitType: "min",
  limitSide: 736,
  maxSide: 4000,
  // Ours: `inference.yml` runs a 600-dpi page at 11 megapixels, for 2 GB of activations. At one megapixel
  // SROIE and OmniDocBench read as well (± 0.3 points), at a tenth of the memory and time.
  maxPixels: 1_000_000,
  multiple: 32,
  threshold: 0.2,
  boxThreshold: 0.45,
  unclipRatio: 1.4,
  maxCandidates: 3000,
  minBoxSide: 3,
};

const DETECTION: Record<Family, DetectionParams> = {
  v2: V4_DETECTION,
  v3: V4_DETECTION,
  v4: V4_DETECTION,
  v5: V5_DETECTION,
  v6: V6_DETECTION,
};

/**
 * DB boxes shave small print: a tenth of the height more on top and bottom reads four words in a hundred
 * better on 75-dpi forms, and does no harm where there is room for it.
 */
const CROP_MARGIN: CropMargin = { along: 0, across: 0.1 };

const RECOGNITION: RecognitionParams = {
  ...RECOGNITION_INPUT,
  height: 48,
  maxWidth: 3200,
  blank: 0,
  appendSpace: true,
  cropMargin: CROP_MARGIN,
  rightToLeft: false,
};

/**
 * They read what they see of the lines above and below: with crops that keep clear of them the embedded
 * v4 finds six words in a hundred more on forms and sixteen on a skewed page. Those of v6 do not mind.
 */
const CLOSE_LINES: ReadonlySet<Family> = new Set(["v2", "v3", "v4"]);
const OVERLAP = 0.1;

/** For networks with a step of 8 pixels at 48 pixels of height: three steps are half the height. */
const FAINT_SPACE = { probability: 0.1, steps: 3 };

/** PP-LCNet text-line orientation. All PP-LCNet classifiers read RGB. */
export const LCNET_ORIENTATION: OrientationParams = {
  channels: "rgb",
  ...IMAGENET,
  width: 160,
  height: 80,
  resize: "stretch",
  labels: [0, 180],
  threshold: 0.9,
};

/** PP-LCNet page orientation (doc_ori). */
export const LCNET_PAGE_ORIENTATION: PageOrientationParams = {
  channels: "rgb",
  ...IMAGENET,
  resizeShort: 256,
  crop: 224,
  labels: [0, 90, 180, 270],
};

/** The angle classifier of PP-OCR v2 to v4. */
export const V2_ORIENTATION: OrientationParams = {
  channels: "bgr",
  ...HALF,
  width: 192,
  height: 48,
  resize: "pad",
  labels: [0, 180],
  threshold: 0.9,
};

/** Constants of a detector. `tier` matters for v6 only, where tiny keeps weaker boxes. */
export function detectionParams(family: Family, tier?: string): DetectionParams {
  const params = DETECTION[family];
  return family === "v6" && tier === "tiny" ? { ...params, boxThreshold: 0.4 } : params;
}

/** Constants of a recogniser. */
export function recognitionParams(
  family: Family,
  options: { rightToLeft?: boolean } = {},
): RecognitionParams {
  return {
    ...RECOGNITION,
    height: family === "v2" ? 32 : 48,
    ...(CLOSE_LINES.has(family) ? { cropMargin: { ...CROP_MARGIN, overlap: OVERLAP } } : {}),
    ...(family === "v2" ? {} : { faintSpace: FAINT_SPACE }),
    rightToLeft: options.rightToLeft ?? false,
  };
}

/** v2 recognisers are CRNNs: their recurrent cells have no WebGPU kernel. */
export function recognitionBackend(family: Family): "wasm" | undefined {
  return family === "v2" ? "wasm" : undefined;
}

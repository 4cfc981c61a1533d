/**
 * The manifest schema: which files make up a model, where they come from, how to know that they are
 * right, and every constant of their pre- and post-processing. No pipeline code holds a model constant.
 */
import type {
  FormulaDecoderParams,
  FormulaEncoderParams,
  FormulaParams,
  LayoutParams,
} from "./structure-params.ts";
import type {
  TableCellsParams,
  TableClassificationParams,
  TableStructureParams,
} from "./structure-params-table.ts";
import type { ChannelOrder, Normalisation } from "./normalisation.ts";

export type { ChannelOrder, Normalisation };

/** What a text model does in the pipeline. */
export type TextRole = "detection" | "recognition" | "orientation" | "page-orientation";

/** What a model of the document structure does. */
export const STRUCTURE_ROLES = [
  "layout",
  "layout-regions",
  "table-classification",
  "table-structure",
  "table-cells",
  "formula",
  "formula-encoder",
  "formula-decoder",
] as const;
export type StructureRole = (typeof STRUCTURE_ROLES)[number];

export type ModelRole = TextRole | StructureRole;

/** Number format of the weights. fp16 needs `shader-f16` on WebGPU; see `chooseVariant`. */
export type Precision = "fp32" | "fp16" | "int8";

/** One file, and what its bytes must be. */
export interface ModelFile {
  /** File name in caches and on disk. */
  readonly name: string;
  /** Where to get it: https, http, file or blob URL; pinned to a revision for published presets. */
  readonly url: string;
  /** Exact length. Verified when given. */
  readonly bytes?: number;
  /** Lower-case hex. Verified when given; without it only `bytes` and the format guard the file. */
  readonly sha256?: string;
  /** The file is an asset of this package: it is read where it lies and never copied into a cache. */
  readonly bundled?: boolean;
  /** Run time only, never in a `manifest.json`: the bytes themselves. See {@link MemoryFile}. */
  readonly data?: Uint8Array;
}

/**
 * A file that the user handed over as bytes. It is read from memory and never requested or cached.
 * Bytes, not a Blob or a `blob:` URL, because only bytes reach a worker in every runtime.
 */
export interface MemoryFile extends ModelFile {
  readonly data: Uint8Array;
}

/** One set of weights of a model. */
export interface ModelVariant {
  readonly precision: Precision;
  readonly onnx: ModelFile;
}

/** DB text detection. Names follow PaddleOCR's `inference.yml`. */
export interface DetectionParams extends Normalisation {
  /** `min`: enlarge until the short side reaches `limitSide`; `max`: shrink until the long side fits. */
  readonly limitType: "min" | "max";
  readonly limitSide: number;
  /** Hard cap of the long side after the rule above. */
  readonly maxSide: number;
  /**
   * Most pixels after the rules above: activations take about 0.1 kB for each. Absent: no bound but
   * `maxSide`.
   */
  readonly maxPixels?: number;
  /** Both sides are rounded to a multiple of this. */
  readonly multiple: number;
  /** Probability above which a pixel is text. */
  readonly threshold: number;
  /** Mean probability inside a box below which it is dropped. */
  readonly boxThreshold: number;
  /** Offset distance = area · ratio / perimeter. */
  readonly unclipRatio: number;
  readonly maxCandidates: number;
  /** Shortest side of a box before unclipping, in map pixels; after it the bound is two more. */
  readonly minBoxSide: number;
}

/** Fractions of the height of a detected box; see `ocr/crop-margin`. */
export interface CropMargin {
  readonly along: number;
  /** Above and below. */
  readonly across: number;
  /**
   * Keeps crops clear of other lines: no more than half of the gap is taken, and where boxes overlap, half of that is
   * given up, but at most this. Absent: other lines do not matter.
   */
  readonly overlap?: number;
}

/** CTC text-line recognition. */
export interface RecognitionParams extends Normalisation {
  readonly height: number;
  readonly maxWidth: number;
  /** Index of the CTC blank. */
  readonly blank: number;
  /** Whether a space follows the dictionary's last character. */
  readonly appendSpace: boolean;
  /**
   * How far a crop reaches beyond the detected box on each side, as a fraction of the box height.
   * DB boxes cut ascenders and descenders of small text. Absent: exactly the box.
   */
  readonly cropMargin?: CropMargin;
  /** When a space counts that no time step chose; see `SpaceRule` in `ocr/ctc`. Absent: never. */
  readonly faintSpace?: { readonly probability: number; readonly steps: number };
  /** Scripts whose output has to be reversed (Arabic). */
  readonly rightToLeft: boolean;
}

/** Two-class (0°, 180°) line orientation. */
export interface OrientationParams extends Normalisation {
  readonly width: number;
  readonly height: number;
  /** `stretch` ignores the aspect ratio; `pad` keeps it and pads right with zeros. */
  readonly resize: "stretch" | "pad";
  /** Rotation in degrees for each output index. */
  readonly labels: readonly number[];
  /** A line is turned only when the probability of 180° reaches this. */
  readonly threshold: number;
}

/** Four-class orientation of a page. */
export interface PageOrientationParams extends Normalisation {
  /** The page's short side is resized to this. */
  readonly resizeShort: number;
  /** Side of the square that is cut out of its middle. */
  readonly crop: number;
  /** For each output index the degrees by which the page lies turned clockwise. */
  readonly labels: readonly number[];
}

interface ModelBase {
  /** Unique id, also the cache folder: `PP-OCRv6_tiny_det`. */
  readonly id: string;
  /** SPDX id of the weights. */
  readonly license: string;
  /** Source revision the URLs are pinned to. */
  readonly revision?: string;
  readonly variants: readonly [ModelVariant, ...ModelVariant[]];
  /** Backend on which the graph runs best; `wasm` for graphs with ops that WebGPU lacks. */
  readonly backend?: "webgpu" | "wasm";
}

export interface DetectionModel extends ModelBase {
  readonly role: "detection";
  readonly params: DetectionParams;
}

/** Run time only, never in a `manifest.json`: characters that may come out; see `reading/narrow`. */
export interface Narrowing {
  readonly alphabet: string;
  /** Whether a graph that cannot be narrowed is an error; else it reads with all of its characters. */
  readonly required: boolean;
}

export interface RecognitionModel extends ModelBase {
  readonly role: "recognition";
  readonly params: RecognitionParams;
  /**
   * One character per line (`.txt`), or an `inference.yml` with `PostProcess.character_dict`.
   * Absent: the ONNX file carries the list in its `character` metadata.
   */
  readonly dictionary?: ModelFile;
  /** BCP 47 languages that the dictionary covers. */
  readonly languages: readonly string[];
  readonly narrowing?: Narrowing;
}

export interface OrientationModel extends ModelBase {
  readonly role: "orientation";
  readonly params: OrientationParams;
}

export interface PageOrientationModel extends ModelBase {
  readonly role: "page-orientation";
  readonly params: PageOrientationParams;
}

/** Finds the parts of a page. */
export interface LayoutModel extends ModelBase {
  readonly role: "layout";
  readonly params: LayoutParams;
}

/** Finds the articles of a page: regions that are each read as a whole before the next. */
export interface LayoutRegionsModel extends ModelBase {
  readonly role: "layout-regions";
  readonly params: LayoutParams;
}

export interface TableClassificationModel extends ModelBase {
  readonly role: "table-classification";
  readonly params: TableClassificationParams;
}

export interface TableStructureModel extends ModelBase {
  readonly role: "table-structure";
  readonly params: TableStructureParams;
}

export interface TableCellsModel extends ModelBase {
  readonly role: "table-cells";
  readonly params: TableCellsParams;
}

/** Turns the picture of a formula into tokens in one run. */
export interface FormulaModel extends ModelBase {
  readonly role: "formula";
  readonly params: FormulaParams;
  /** See `structure-vocabulary`. */
  readonly vocabulary: ModelFile;
}

/** The first half of a formula reader: from a picture to features. */
export interface FormulaEncoderModel extends ModelBase {
  readonly role: "formula-encoder";
  readonly params: FormulaEncoderParams;
}

/** The second half: from features and tokens to the next token. */
export interface FormulaDecoderModel extends ModelBase {
  readonly role: "formula-decoder";
  readonly params: FormulaDecoderParams;
  readonly vocabulary: ModelFile;
}

/** A model of the document structure: loaded, counted and unloaded like every other. */
export type StructureModel =
  | LayoutModel
  | LayoutRegionsModel
  | TableClassificationModel
  | TableStructureModel
  | TableCellsModel
  | FormulaModel
  | FormulaEncoderModel
  | FormulaDecoderModel;

export type Model =
  | DetectionModel
  | RecognitionModel
  | OrientationModel
  | PageOrientationModel
  | StructureModel;

/** A usable set of models. `manifest.json` in a model folder has exactly this shape. */
export interface ModelSet {
  readonly schema: 1;
  readonly name: string;
  readonly description?: string;
  readonly detection: DetectionModel;
  readonly recognition: RecognitionModel;
  readonly orientation?: OrientationModel;
  /** Absent: which way up a page lies is decided from its lines. */
  readonly pageOrientation?: PageOrientationModel;
  /**
   * Several may have the role `layout`, the preferred one first: which one runs is a matter of memory. The same
   * goes for tables, where the kind of table decides. At most one has each other role.
   */
  readonly structure?: readonly StructureModel[];
}

/** Every model of a set, those of the text first. */
export function modelsOf(set: ModelSet): Model[] {
  const { detection, recognition, orientation, pageOrientation, structure = [] } = set;
  return [
    detection,
    recognition,
    ...(orientation ? [orientation] : []),
    ...(pageOrientation ? [pageOrientation] : []),
    ...structure,
  ];
}

/** Every file of a set: all variants of its models, and what turns their outputs into text. */
export function filesOf(set: ModelSet): ModelFile[] {
  const files = modelsOf(set).flatMap((model) => model.variants.map(({ onnx }) => onnx));
  const vocabularies = (set.structure ?? []).flatMap((model) =>
    "vocabulary" in model ? [model.vocabulary] : [],
  );
  const { dictionary } = set.recognition;
  return [...files, ...(dictionary ? [dictionary] : []), ...vocabularies];
}

/**
 * What a model's `inference.yml` says beyond its family's constants. Its `DetResizeForTest` counts only
 * with an explicit limit: the `resize_long: 960` of v5 is a leftover that the reference pipeline
 * overrides.
 */

import type {
  DetectionParams,
  Normalisation,
  OrientationParams,
  RecognitionParams,
} from "../manifest/manifest.ts";
import { type YamlNode, parseYamlSection } from "./yaml.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Mapping = { [key: string]: YamlNode };

/** An `inference.yml`, read as far as it concerns text. */
export class InferenceYml {
  readonly #post: Mapping;
  readonly #operations: Mapping;

  /** @throws GlyphpoolError `MODEL_INVALID` with the line number */
  constructor(text: string) {
    this.#post = mapping(parseYamlSection(text, "PostProcess"));
    const pre = mapping(parseYamlSection(text, "PreProcess"));
    const list = pre["transform_ops"];
    // A list of one-key mappings; names do not repeat in it.
    this.#operations = Object.assign({}, ...(Array.isArray(list) ? list.map(mapping) : []));
  }

  /** Whether it lists characters, so that it can serve as the dictionary. */
  get hasDictionary(): boolean {
    return Array.isArray(this.#post["character_dict"]);
  }

  detection(base: DetectionParams): DetectionParams {
    const params: Writable<DetectionParams> = { ...base, ...this.#normalisation() };
    params.threshold = number(this.#post["thresh"]) ?? params.threshold;
    params.boxThreshold = number(this.#post["box_thresh"]) ?? params.boxThreshold;
    params.unclipRatio = number(this.#post["unclip_ratio"]) ?? params.unclipRatio;
    params.maxCandidates = number(this.#post["max_candidates"]) ?? params.maxCandidates;
    const resize = mapping(this.#operations["DetResizeForTest"]);
    const side = number(resize["limit_side_len"]);
    const type = resize["limit_type"];
    if (side !== undefined && (type === "min" || type === "max")) {
      params.limitSide = side;
      params.limitType = type;
      params.maxSide = number(resize["max_side_limit"]) ?? params.maxSide;
    }
    return params;
  }

  recognition(base: RecognitionParams): RecognitionParams {
    const shape = mapping(this.#operations["RecResizeImg"])["image_shape"];
    const height = Array.isArray(shape) ? number(shape[1]) : undefined;
    return { ...base, ...(height === undefined ? {} : { height }) };
  }

  orientation(base: OrientationParams): OrientationParams {
    const params: Writable<OrientationParams> = { ...base, ...this.#normalisation() };
    const size = mapping(this.#operations["ResizeImage"])["size"];
    if (Array.isArray(size)) {
      params.width = number(size[0]) ?? params.width;
      params.height = number(size[1]) ?? params.height;
    }
    const topk = mapping(this.#post["Topk"])["label_list"];
    if (Array.isArray(topk)) {
      const labels = topk.map((label) =>
        typeof label === "string" ? Number.parseInt(label, 10) : Number.NaN,
      );
      if (labels.every((label) => !Number.isNaN(label))) params.labels = labels;
    }
    return params;
  }

  #normalisation(): Partial<Normalisation> {
    const { mean, std } = mapping(this.#operations["NormalizeImage"]);
    const means = triple(mean);
    const deviations = triple(std);
    return means && deviations ? { mean: means, std: deviations } : {};
  }
}

function mapping(node: YamlNode | undefined): Mapping {
  return typeof node === "object" && node !== null && !Array.isArray(node) ? node : {};
}

function number(node: YamlNode | undefined): number | undefined {
  const value = typeof node === "string" && node !== "" ? Number(node) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function triple(node: YamlNode | undefined): [number, number, number] | undefined {
  if (!Array.isArray(node)) return undefined;
  const [a, b, c] = node.map(number);
  return a === undefined || b === undefined || c === undefined ? undefined : [a, b, c];
}

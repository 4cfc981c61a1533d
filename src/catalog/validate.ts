/** Checks a `manifest.json` at run time and resolves its URLs. */

import { GlyphpoolError } from "../errors.ts";
import { STRUCTURE_ROLES } from "./manifest.ts";
import type {
  DetectionParams,
  Model,
  ModelFile,
  ModelSet,
  ModelVariant,
  Normalisation,
  OrientationParams,
  PageOrientationParams,
  RecognitionParams,
  StructureModel,
} from "./manifest.ts";
import { Field } from "./schema.ts";

const MAX_SIDE = 16_384;
const NORMALISATION = ["channels", "mean", "std"];
const MODEL = ["id", "role", "license", "revision", "variants", "backend", "params"];

/**
 * Instead of a base URL: the set was made by a program, so that it may hold bytes and bundled files, and
 * its URLs are absolute.
 */
export const RUNTIME: unique symbol = Symbol("runtime");
type Runtime = typeof RUNTIME;

/**
 * A model set from parsed JSON. URLs are resolved against the manifest's own.
 *
 * @throws GlyphpoolError `MODEL_INVALID` that names the path of the field that is wrong
 */
export function validateManifest(json: unknown, base: string | Runtime): ModelSet {
  const root = new Field(json, "manifest");
  root.only([
    "$schema",
    "schema",
    "name",
    "description",
    "detection",
    "recognition",
    "orientation",
    "pageOrientation",
    "structure",
  ]);
  root.get("schema").oneOf([1]);
  const detection = root.get("detection").only(MODEL);
  const recognition = root.get("recognition").only([...MODEL, "dictionary", "languages"]);
  const orientation = root.get("orientation");
  const pageOrientation = root.get("pageOrientation");
  const structure = root.get("structure");
  const description = root.get("description");
  const dictionary = recognition.get("dictionary");
  return {
    schema: 1,
    name: root.get("name").text(),
    ...(description.missing ? {} : { description: description.text() }),
    detection: {
      ...model(detection, "detection", base),
      role: "detection",
      params: detectionOf(detection.get("params")),
    },
    recognition: {
      ...model(recognition, "recognition", base),
      role: "recognition",
      params: recognitionOf(recognition.get("params")),
      languages: recognition.get("languages").items().map(language),
      ...(dictionary.missing ? {} : { dictionary: fileOf(dictionary, base) }),
    },
    ...(orientation.missing
      ? {}
      : {
          orientation: {
            ...model(orientation.only(MODEL), "orientation", base),
            role: "orientation" as const,
            params: orientationOf(orientation.get("params")),
          },
        }),
    ...(pageOrientation.missing
      ? {}
      : {
          pageOrientation: {
            ...model(pageOrientation.only(MODEL), "page-orientation", base),
            role: "page-orientation" as const,
            params: pageOrientationOf(pageOrientation.get("params")),
          },
        }),
    ...(structure.missing ? {} : { structure: structureOf(structure, base) }),
  };
}

function structureOf(field: Field, base: string | Runtime): StructureModel[] {
  const taken = new Set<string>();
  return field.items().map((item) => {
    item.only(MODEL.filter((name) => name !== "params"));
    const role = item.get("role").oneOf(STRUCTURE_ROLES);
    if (taken.has(role)) item.get("role").fail("a role that no other model of the set has");
    taken.add(role);
    return { ...model(item, role, base), role };
  });
}

function model(
  field: Field,
  role: Model["role"],
  base: string | Runtime,
): Pick<Model, "id" | "license" | "revision" | "variants" | "backend"> {
  field.get("role").oneOf([role]);
  const [first, ...rest] = field
    .get("variants")
    .items()
    .map((item) => variant(item, base));
  const revision = field.get("revision");
  const backend = field.get("backend");
  return {
    id: field.get("id").text(),
    license: field.get("license").text(),
    variants: first
      ? [first, ...rest]
      : field.get("variants").fail("a list of at least one variant"),
    ...(revision.missing ? {} : { revision: revision.text() }),
    ...(backend.missing ? {} : { backend: backend.oneOf(["webgpu", "wasm"]) }),
  };
}

function variant(field: Field, base: string | Runtime): ModelVariant {
  field.only(["precision", "onnx"]);
  return {
    precision: field.get("precision").oneOf(["fp32", "fp16", "int8"]),
    onnx: fileOf(field.get("onnx"), base),
  };
}

function fileOf(field: Field, base: string | Runtime): ModelFile {
  const names = ["name", "url", "bytes", "sha256"];
  if (base === RUNTIME) names.push("bundled", "data");
  field.only(names);
  const bytes = field.get("bytes");
  const sha256 = field.get("sha256");
  const bundled = field.get("bundled");
  const data = field.get("data").value;
  return {
    name: field.get("name").match(/^[^/\\]+$/, "a file name without a path"),
    url: data instanceof Uint8Array ? field.get("url").text() : urlOf(field.get("url"), base),
    ...(bytes.missing ? {} : { bytes: bytes.integer(1, Number.MAX_SAFE_INTEGER) }),
    ...(sha256.missing
      ? {}
      : { sha256: sha256.match(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits") }),
    ...(bundled.missing ? {} : { bundled: bundled.flag() }),
    ...(data instanceof Uint8Array ? { data } : {}),
  };
}

function urlOf(field: Field, base: string | Runtime): string {
  const text = field.text();
  const against = base === RUNTIME ? undefined : base;
  // Not URL.parse, which Safari has only had since 18.
  const url = URL.canParse(text, against) ? new URL(text, against) : undefined;
  if (!url || !/^(https?|file|blob):$/.test(url.protocol)) {
    return field.fail("an https, http, file or blob URL, or one relative to the manifest");
  }
  // A manifest from the network must not make a server open its own files.
  if (url.protocol === "file:" && against !== undefined && !against.startsWith("file:")) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${field.path} names a local file (${url.href}), which a manifest from the network may not do.`,
    );
  }
  return url.href;
}

function language(field: Field): string {
  const tag = field.text();
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return field.fail("a BCP 47 language tag");
  }
}

function triple(field: Field, minimum: number): [number, number, number] {
  const numbers = field.items().map((item) => item.number(minimum, 1000));
  const [a, b, c] = numbers;
  if (a === undefined || b === undefined || c === undefined || numbers.length !== 3) {
    return field.fail("a list of three numbers");
  }
  return [a, b, c];
}

function normalisation(field: Field): Normalisation {
  return {
    channels: field.get("channels").oneOf(["rgb", "bgr"]),
    mean: triple(field.get("mean"), -1000),
    std: triple(field.get("std"), 1e-6),
  };
}

function detectionOf(field: Field): DetectionParams {
  field.only([
    ...NORMALISATION,
    "limitType",
    "limitSide",
    "maxSide",
    "maxPixels",
    "multiple",
    "threshold",
    "boxThreshold",
    "unclipRatio",
    "maxCandidates",
    "minBoxSide",
  ]);
  const maxPixels = field.get("maxPixels");
  return {
    ...normalisation(field),
    ...(maxPixels.missing ? {} : { maxPixels: maxPixels.integer(1024, MAX_SIDE * MAX_SIDE) }),
    limitType: field.get("limitType").oneOf(["min", "max"]),
    limitSide: field.get("limitSide").integer(1, MAX_SIDE),
    maxSide: field.get("maxSide").integer(32, MAX_SIDE),
    multiple: field.get("multiple").integer(1, 1024),
    threshold: field.get("threshold").number(0, 1),
    boxThreshold: field.get("boxThreshold").number(0, 1),
    unclipRatio: field.get("unclipRatio").number(0, 10),
    maxCandidates: field.get("maxCandidates").integer(1, 1_000_000),
    minBoxSide: field.get("minBoxSide").number(0, MAX_SIDE),
  };
}

function recognitionOf(field: Field): RecognitionParams {
  const names = ["height", "maxWidth", "blank", "appendSpace", "cropMargin", "faintSpace"];
  field.only([...NORMALISATION, ...names, "rightToLeft"]);
  const margin = field.get("cropMargin");
  const space = field.get("faintSpace");
  return {
    ...normalisation(field),
    height: field.get("height").integer(1, MAX_SIDE),
    maxWidth: field.get("maxWidth").integer(1, 65_536),
    blank: field.get("blank").integer(0, 1_000_000),
    appendSpace: field.get("appendSpace").flag(),
    rightToLeft: field.get("rightToLeft").flag(),
    ...(margin.missing ? {} : { cropMargin: marginOf(margin) }),
    ...(space.missing ? {} : { faintSpace: spaceOf(space) }),
  };
}

function marginOf(field: Field): { along: number; across: number } {
  field.only(["along", "across"]);
  return { along: field.get("along").number(0, 2), across: field.get("across").number(0, 2) };
}

function spaceOf(field: Field): { probability: number; steps: number } {
  field.only(["probability", "steps"]);
  return {
    probability: field.get("probability").number(0, 1),
    steps: field.get("steps").number(0, 1000),
  };
}

function orientationOf(field: Field): OrientationParams {
  field.only([...NORMALISATION, "width", "height", "resize", "labels", "threshold"]);
  return {
    ...normalisation(field),
    width: field.get("width").integer(1, MAX_SIDE),
    height: field.get("height").integer(1, MAX_SIDE),
    resize: field.get("resize").oneOf(["stretch", "pad"]),
    labels: anglesOf(field.get("labels")),
    threshold: field.get("threshold").number(0, 1),
  };
}

function pageOrientationOf(field: Field): PageOrientationParams {
  field.only([...NORMALISATION, "resizeShort", "crop", "labels"]);
  return {
    ...normalisation(field),
    resizeShort: field.get("resizeShort").integer(1, MAX_SIDE),
    crop: field.get("crop").integer(1, MAX_SIDE),
    labels: anglesOf(field.get("labels")),
  };
}

/** Degrees, one for each output of a classifier. */
function anglesOf(field: Field): number[] {
  return field.items().map((item) => item.number(0, 359));
}

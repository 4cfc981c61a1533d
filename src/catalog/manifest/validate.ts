/** Checks a `manifest.json` at run time and resolves its URLs. */

import type {
  CropMargin,
  DetectionParams,
  ModelSet,
  OrientationParams,
  PageOrientationParams,
  RecognitionParams,
} from "./manifest.ts";
import { Field } from "./schema.ts";
import { MAX_SIDE, MODEL, NORMALISATION, fileOf, model, normalisation } from "./validate-fields.ts";
import type { Runtime } from "./validate-fields.ts";
import { structureOf } from "./validate-structure.ts";

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

function language(field: Field): string {
  const tag = field.text();
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch {
    return field.fail("a BCP 47 language tag");
  }
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

function marginOf(field: Field): CropMargin {
  field.only(["along", "across", "overlap"]);
  const overlap = field.get("overlap");
  return {
    along: field.get("along").number(0, 2),
    across: field.get("across").number(0, 2),
    ...(overlap.missing ? {} : { overlap: overlap.number(0, 0.4) }),
  };
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

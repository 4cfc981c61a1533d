import type { Field } from "./schema.ts";
import type {
  TableCellsParams,
  TableClassificationParams,
  TableKind,
  TableStructureParams,
} from "./structure-params-table.ts";
import {
  fileOf,
  MAX_SIDE,
  MODEL,
  model,
  NORMALISATION,
  normalisation,
  type Runtime,
} from "./validate-fields.ts";
import { STRUCTURE_ROLES, type StructureModel } from "./manifest.ts";
import type {
  Containment,
  FormulaDecoderParams,
  FormulaParams,
  FormulaPicture,
  LayoutParams,
} from "./structure-params.ts";

/** Checks the constants of table models in a manifest. */

const KINDS: readonly TableKind[] = ["wired", "wireless"];

function tableClassificationOf(field: Field): TableClassificationParams {
  field.only([...NORMALISATION, "resizeShort", "crop", "labels"]);
  return {
    ...normalisation(field),
    resizeShort: field.get("resizeShort").integer(1, MAX_SIDE),
    crop: field.get("crop").integer(1, MAX_SIDE),
    labels: field
      .get("labels")
      .items()
      .map((item) => item.oneOf(KINDS)),
  };
}

function tableStructureOf(field: Field): TableStructureParams {
  field.only([...NORMALISATION, "side", "boxes", "kind"]);
  return {
    ...normalisation(field),
    side: field.get("side").integer(1, MAX_SIDE),
    boxes: field.get("boxes").oneOf(["crop", "padded"]),
    ...kindOf(field),
  };
}

function tableCellsOf(field: Field): TableCellsParams {
  field.only([...NORMALISATION, "width", "height", "threshold", "nms", "kind"]);
  return {
    ...normalisation(field),
    width: field.get("width").integer(1, MAX_SIDE),
    height: field.get("height").integer(1, MAX_SIDE),
    threshold: field.get("threshold").number(0, 1),
    nms: field.get("nms").number(0, 1),
    ...kindOf(field),
  };
}

function kindOf(field: Field): { kind?: TableKind } {
  const kind = field.get("kind");
  return kind.missing ? {} : { kind: kind.oneOf(KINDS) };
}

/** Checks the models of the document structure in a manifest. */

/** Roles of which a set may have several models. */
const REPEATED: ReadonlySet<string> = new Set(["layout", "table-structure", "table-cells"]);
const CONTAINMENTS: readonly Containment[] = ["large", "small"];
const TOKENS = ["end", "maxTokens", "spelling"];
/** Far beyond any vocabulary, and exact as a float. */
const MAX_TOKEN = 1_000_000;

/** @throws GlyphpoolError `MODEL_INVALID` */
export function structureOf(field: Field, base: string | Runtime): StructureModel[] {
  const roles = new Set<string>();
  const ids = new Set<string>();
  return field.items().map((item) => {
    const role = item.get("role").oneOf(STRUCTURE_ROLES);
    if (roles.has(role) && !REPEATED.has(role)) {
      item.get("role").fail("a role that no other model of the set has");
    }
    roles.add(role);
    const id = item.get("id").text();
    if (ids.has(id)) item.get("id").fail("an id that no other structure model of the set has");
    ids.add(id);
    return modelOf(item, role, base);
  });
}

function modelOf(
  field: Field,
  role: StructureModel["role"],
  base: string | Runtime,
): StructureModel {
  const decodes = role === "formula" || role === "formula-decoder";
  field.only(decodes ? [...MODEL, "vocabulary"] : MODEL);
  const common = model(field, role, base);
  const params = field.get("params");
  const vocabulary = field.get("vocabulary");
  switch (role) {
    case "layout":
    case "layout-regions":
      return { ...common, role, params: layoutOf(params) };
    case "table-classification":
      return { ...common, role, params: tableClassificationOf(params) };
    case "table-structure":
      return { ...common, role, params: tableStructureOf(params) };
    case "table-cells":
      return { ...common, role, params: tableCellsOf(params) };
    case "formula":
      return { ...common, role, params: formulaOf(params), vocabulary: fileOf(vocabulary, base) };
    case "formula-encoder":
      params.only(["picture"]);
      return { ...common, role, params: { picture: pictureOf(params.get("picture")) } };
    case "formula-decoder":
      break;
  }
  return { ...common, role, params: decoderOf(params), vocabulary: fileOf(vocabulary, base) };
}

function layoutOf(field: Field): LayoutParams {
  const names = ["width", "height", "labels", "threshold", "thresholds", "nms", "containment"];
  field.only([...NORMALISATION, ...names, "overlaps"]);
  const labels = field
    .get("labels")
    .items()
    .map((item) => item.text());
  const thresholds = field.get("thresholds");
  const containment = field.get("containment");
  const overlaps = field.get("overlaps");
  return {
    ...normalisation(field),
    ...sizeOf(field),
    labels: labels.length > 0 ? labels : field.get("labels").fail("a list of at least one label"),
    threshold: field.get("threshold").number(0, 1),
    ...(thresholds.missing
      ? {}
      : { thresholds: byLabel(thresholds, labels, (item) => item.number(0, 1)) }),
    nms: field.get("nms").flag(),
    ...(containment.missing ? {} : { containment: containmentOf(containment, labels) }),
    ...(overlaps.missing ? {} : { overlaps: overlaps.oneOf(["smaller", "by-label"]) }),
  };
}

function containmentOf(
  field: Field,
  labels: readonly string[],
): Containment | Record<string, Containment> {
  if (typeof field.value === "string") return field.oneOf(CONTAINMENTS);
  return byLabel(field, labels, (item) => item.oneOf(CONTAINMENTS));
}

function byLabel<T>(
  field: Field,
  labels: readonly string[],
  read: (item: Field) => T,
): Record<string, T> {
  field.only(labels);
  const given = labels.filter((label) => !field.get(label).missing);
  return Object.fromEntries(given.map((label) => [label, read(field.get(label))]));
}

function sizeOf(field: Field): { width: number; height: number } {
  return {
    width: field.get("width").integer(1, MAX_SIDE),
    height: field.get("height").integer(1, MAX_SIDE),
  };
}

function pictureOf(field: Field): FormulaPicture {
  const fit = field.get("fit").oneOf(["stretch", "centre", "ink"]);
  const names = ["fit", "width", "height"];
  if (fit === "stretch") {
    field.only([...names, ...NORMALISATION]);
    return { fit, ...sizeOf(field), ...normalisation(field) };
  }
  if (fit === "centre") {
    field.only([...names, "mean", "std"]);
    return {
      fit,
      ...sizeOf(field),
      mean: field.get("mean").number(-1000, 1000),
      std: field.get("std").number(1e-6, 1000),
    };
  }
  field.only([...names, "widthStep", "inkHeight", "margin"]);
  return {
    fit,
    ...sizeOf(field),
    widthStep: field.get("widthStep").integer(1, MAX_SIDE),
    inkHeight: field.get("inkHeight").integer(1, MAX_SIDE),
    margin: field.get("margin").integer(0, MAX_SIDE),
  };
}

function formulaOf(field: Field): FormulaParams {
  field.only([...TOKENS, "picture"]);
  return { ...tokensOf(field), picture: pictureOf(field.get("picture")) };
}

function decoderOf(field: Field): FormulaDecoderParams {
  field.only([...TOKENS, "start", "cache"]);
  const cache = field.get("cache");
  return {
    ...tokensOf(field),
    start: field.get("start").integer(0, MAX_TOKEN),
    ...(cache.missing ? {} : { cache: cacheOf(cache) }),
  };
}

function cacheOf(field: Field): { heads: number; size: number } {
  field.only(["heads", "size"]);
  return {
    heads: field.get("heads").integer(1, 1024),
    size: field.get("size").integer(1, 65_536),
  };
}

function tokensOf(field: Field): Pick<FormulaParams, "end" | "maxTokens" | "spelling"> {
  return {
    end: field.get("end").integer(0, MAX_TOKEN),
    maxTokens: field.get("maxTokens").integer(1, 65_536),
    spelling: field.get("spelling").oneOf(["words", "byte-level"]),
  };
}

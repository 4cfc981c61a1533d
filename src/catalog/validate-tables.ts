/** Checks the constants of table models in a manifest. */
import type { Field } from "./schema.ts";
import type {
  TableCellsParams,
  TableClassificationParams,
  TableKind,
  TableStructureParams,
} from "./structure-params-table.ts";
import { MAX_SIDE, NORMALISATION, normalisation } from "./validate-fields.ts";

const KINDS: readonly TableKind[] = ["wired", "wireless"];

export function tableClassificationOf(field: Field): TableClassificationParams {
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

export function tableStructureOf(field: Field): TableStructureParams {
  field.only([...NORMALISATION, "side", "boxes", "kind"]);
  return {
    ...normalisation(field),
    side: field.get("side").integer(1, MAX_SIDE),
    boxes: field.get("boxes").oneOf(["crop", "padded"]),
    ...kindOf(field),
  };
}

export function tableCellsOf(field: Field): TableCellsParams {
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

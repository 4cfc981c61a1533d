/** Sets of structure models that go together, to be put beside the models of the text. */
import { GlyphpoolError } from "../../errors.ts";
import type { ModelSet, StructureModel } from "../manifest/manifest.ts";
import {
  COMER_DECODER_MODEL,
  COMER_ENCODER,
  FORMULA_NET_L,
  FORMULA_NET_M,
  FORMULA_NET_S,
  PIX2TEXT_DECODER_MODEL,
  PIX2TEXT_ENCODER,
} from "./structure-formulas.ts";
import {
  DOC_BLOCK_LAYOUT,
  DOC_LAYOUT_L,
  DOC_LAYOUT_M,
  DOC_LAYOUT_PLUS,
  DOC_LAYOUT_S,
  DOC_LAYOUT_V2,
  DOC_LAYOUT_V3,
} from "./structure-layouts.ts";
import {
  SLANET_PLUS,
  SLANEXT_WIRED,
  SLANEXT_WIRELESS,
  TABLE_CLASSIFIER,
  WIRED_CELLS,
  WIRELESS_CELLS,
} from "./structure-tables.ts";

const LARGE_TABLES = [
  TABLE_CLASSIFIER,
  SLANEXT_WIRED,
  SLANEXT_WIRELESS,
  WIRED_CELLS,
  WIRELESS_CELLS,
];

/** Names that users give, and what they mean. Layouts of one set stand in the order of preference. */
export const STRUCTURE_PRESETS: ReadonlyMap<string, readonly StructureModel[]> = new Map<
  string,
  readonly StructureModel[]
>([
  ["pp-doclayout-v3", [DOC_LAYOUT_V3]],
  ["pp-doclayout-v2", [DOC_LAYOUT_V2]],
  ["pp-doclayout-plus-l", [DOC_LAYOUT_PLUS]],
  ["pp-doclayout-l", [DOC_LAYOUT_L]],
  ["pp-doclayout-m", [DOC_LAYOUT_M]],
  ["pp-doclayout-s", [DOC_LAYOUT_S]],
  ["pp-docblocklayout", [DOC_BLOCK_LAYOUT]],
  ["slanet-plus", [SLANET_PLUS]],
  ["slanext", LARGE_TABLES],
  ["pp-formulanet-plus-s", [FORMULA_NET_S]],
  ["pp-formulanet-plus-m", [FORMULA_NET_M]],
  ["pp-formulanet-plus-l", [FORMULA_NET_L]],
  ["pix2text-mfr", [PIX2TEXT_ENCODER, PIX2TEXT_DECODER_MODEL]],
  ["comer", [COMER_ENCODER, COMER_DECODER_MODEL]],
  // Together: 13 MB, 376 MB and 2 GB of downloads.
  ["structure-small", [DOC_LAYOUT_S, SLANET_PLUS]],
  ["structure", [DOC_LAYOUT_V3, DOC_LAYOUT_S, SLANET_PLUS, FORMULA_NET_S]],
  [
    "pp-structure-v3",
    [DOC_LAYOUT_PLUS, DOC_LAYOUT_S, DOC_BLOCK_LAYOUT, ...LARGE_TABLES, FORMULA_NET_L],
  ],
]);

/** @throws GlyphpoolError `UNKNOWN_PRESET` that lists the names */
export function findStructurePreset(name: string): readonly StructureModel[] {
  const preset = STRUCTURE_PRESETS.get(name);
  if (preset) return preset;
  const names = [...STRUCTURE_PRESETS.keys()].join(", ");
  throw new GlyphpoolError("UNKNOWN_PRESET", `There is no structure preset "${name}": ${names}.`);
}

/** The same set of models with these for the structure, in place of those that it may have had. */
export function withStructure(set: ModelSet, structure: readonly StructureModel[]): ModelSet {
  return { ...set, structure };
}

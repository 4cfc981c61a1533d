/** The formulas of a page, where the models have a reader for them. */
import type { Block, RgbaImage } from "../../types.ts";
import type { AssignedRegion } from "./assign-lines.ts";
import { readFormula, type FormulaLeases } from "../formulas/formula.ts";
import type { Borrow, StructureModels } from "./structure-models.ts";

const FORMULAS: ReadonlySet<string> = new Set(["formula", "inline-formula"]);

/** Fills in the blocks whose regions are formulas, one after the other; an abort takes effect between two tokens. */
export async function fillFormulas(
  image: RgbaImage,
  regions: readonly AssignedRegion[],
  blocks: readonly Block[],
  models: StructureModels,
  signal: AbortSignal,
): Promise<void> {
  const places = regions.flatMap(({ type }, i) => (FORMULAS.has(type) ? [i] : []));
  const borrowReader = readerOf(models);
  if (places.length === 0 || !borrowReader) return;
  await models.stage("formulas", async (borrow) => {
    const leases = await borrowReader(borrow);
    for (const i of places) {
      const { box } = regions[i] as AssignedRegion;
      const { latex, confidence } = await readFormula(image, box, leases, { signal });
      if (latex === "") continue;
      const block = blocks[i] as Block;
      block.latex = latex;
      block.confidence *= confidence;
    }
  });
}

/** How the reader is loaded; nothing without one. */
function readerOf(
  models: StructureModels,
): ((borrow: Borrow) => Promise<FormulaLeases>) | undefined {
  const [formula] = models.all("formula");
  if (formula) return async (borrow) => ({ formula: await borrow(formula) });
  const [encoder] = models.all("formula-encoder");
  const [decoder] = models.all("formula-decoder");
  if (!encoder || !decoder) return undefined;
  return async (borrow) => ({ encoder: await borrow(encoder), decoder: await borrow(decoder) });
}

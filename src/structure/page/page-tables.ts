/** The tables of a page: by models where there are some, else by their rulings and the place of their words. */
import type { Block, Rect, Table } from "../../types.ts";
import { coverage, type AssignedRegion } from "./assign-lines.ts";
import type { TableRegion } from "../tables/find-tables.ts";
import type { Rulings } from "../rulings/ruling.ts";
import type { StructureModels } from "./structure-models.ts";
import { recognizeTable } from "../tables/model/table-model.ts";
import { tableText } from "../tables/text.ts";
import { readTable } from "../tables/table.ts";
import type { UprightPage } from "./upright.ts";

export interface TableGround {
  readonly page: UprightPage;
  readonly rulings: Rulings;
  /** What was found of tables without a model. */
  readonly found: readonly TableRegion[];
  readonly signal: AbortSignal;
}

/** Fills in the blocks whose regions are tables. */
export async function fillTables(
  regions: readonly AssignedRegion[],
  blocks: readonly Block[],
  ground: TableGround,
  models: StructureModels,
): Promise<void> {
  const places = regions.flatMap(({ type }, i) => (type === "table" ? [i] : []));
  if (places.length === 0) return;
  const boxes = places.map((i) => (regions[i] as AssignedRegion).box);
  const recognized = await recognizeTables(boxes, ground, models);
  for (const [k, i] of places.entries()) {
    const table = recognized[k] ?? builtIn(boxes[k] as Rect, ground);
    fill(blocks[i] as Block, table, ground.page);
  }
}

/** Nothing for each table that the models could not read. */
async function recognizeTables(
  boxes: readonly Rect[],
  { page, signal }: TableGround,
  models: StructureModels,
): Promise<(Table | undefined)[]> {
  const structure = models.all("table-structure");
  if (structure.length === 0) return [];
  const [classification] = models.all("table-classification");
  const all = { classification, structure, cells: models.all("table-cells") };
  return await models.stage("tables", async (borrow) => {
    const tables: (Table | undefined)[] = [];
    for (const box of boxes) {
      tables.push(await recognizeTable(page.image, box, page.lines, all, borrow, signal));
    }
    return tables;
  });
}

function builtIn(box: Rect, { page, rulings, found }: TableGround): Table {
  const same = found.find((region) => overlap(region.box, box));
  return readTable({ box, kind: same?.kind ?? "open" }, page.lines, rulings);
}

function fill(block: Block, table: Table, page: UprightPage): void {
  const cells = table.cells.map((cell) =>
    cell.polygon ? { ...cell, polygon: page.backQuad(cell.polygon) } : cell,
  );
  block.table = { ...table, cells };
  block.text = tableText(table);
}

/** Whether most of the smaller box lies in the other one. */
function overlap(a: Rect, b: Rect): boolean {
  return Math.max(coverage(a, b), coverage(b, a)) > 0.5;
}

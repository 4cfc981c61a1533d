/**
 * Table models against stand-ins with the same inputs and outputs, in the real runtime. What is expected is what
 * PaddleX 3.7.2 does; the comments name its files under `paddlex/inference` and its functions.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Model } from "../../src/catalog/manifest/manifest.ts";
import {
  SLANET_PLUS,
  SLANEXT_WIRED,
  SLANEXT_WIRELESS,
  TABLE_CLASSIFIER,
  WIRED_CELLS,
  WIRELESS_CELLS,
} from "../../src/catalog/presets/structure-tables.ts";
import type { ModelLease } from "../../src/models/lease.ts";
import { detectCells } from "../../src/structure/tables/model/cells.ts";
import { classifyTable } from "../../src/structure/tables/model/table-model.ts";
import { predictStructure } from "../../src/structure/tables/model/structure.ts";
import { TABLE_TOKENS } from "../../src/structure/tables/model/tokens.ts";
import { recognizeTable, type Borrow } from "../../src/structure/tables/model/table-model.ts";
import type { RgbaImage } from "../../src/types.ts";
import { layoutModel } from "../fixtures/onnx/layout.ts";
import { classifierModel, structureModel, type StandInValue } from "../fixtures/onnx/table.ts";
import { Sheet, text } from "../unit/structure/tables/drawn-table.ts";
import { startStructure, withBytes, type StructureRig } from "./structure-rig.ts";

let rig: StructureRig;
beforeAll(async () => {
  rig = await startStructure();
});

/** Whole pixels of the table on the page. */
const PART = { x: 40, y: 60, width: 400, height: 200 };

/** A page with a table of one colour. */
function page(red: number, green: number, blue: number): RgbaImage {
  const sheet = new Sheet(500, 300);
  sheet.fill(PART.x, PART.y, PART.width, PART.height, [red, green, blue]);
  return sheet;
}

const TOKENS = ["<thead>", "<tr>", "<td></td>", "<td></td>", "</tr>", "</thead>"].concat(
  ["<tbody>", "<tr>", "<td></td>", "<td></td>", "</tr>", "</tbody>", "eos"],
  // Behind the end, as in the real outputs, which have a fixed length.
  ["<td></td>", "eos"],
);

const box = (...[left, top, right, bottom]: StandInValue[]): StandInValue[] =>
  [left, top, right, top, right, bottom, left, bottom].map((value) => value ?? 0);

function structureBytes(side: number, boxes: readonly StandInValue[][]): Uint8Array {
  let cell = 0;
  const values = TOKENS.map((token) =>
    token.startsWith("<td") ? (boxes[cell++] ?? box(0, 0, 0, 0)) : box(0, 0, 0, 0),
  );
  const classes = TOKENS.map((token) => TABLE_TOKENS.indexOf(token));
  return structureModel(side, classes, TABLE_TOKENS.length, values);
}

const GRID: StandInValue[][] = [
  box(0, 0, 0.5, 0.25),
  box(0.5, 0, 1, 0.25),
  box(0, 0.25, 0.5, 0.5),
  box(0.5, 0.25, 1, 0.5),
];

describe.each([
  // `max_len` of each `inference.yml`: 488 and 512.
  [SLANET_PLUS, 488],
  [SLANEXT_WIRED, 512],
  [SLANEXT_WIRELESS, 512],
])("$id", (model, side) => {
  it("reads blue first, normalised before it is padded; boxes are parts of the padded side", async () => {
    // models/table_structure_recognition/predictor.py: `DecodeImage` with BGR, `ResizeByLong`, `Normalize`, `Pad`.
    // 0.485 + 0.25 · 0.229 of 255 is 138: a quarter in the first channel, which is blue.
    const blue = Math.round(255 * (0.485 + 0.25 * 0.229));
    const quarter = (blue / 255 - 0.485) / 0.229;
    const padded = [0, side - 5, 5] as const;
    const bytes = structureBytes(side, [box(padded, [0, 5, 5], 0.5, 0.5), ...GRID.slice(1)]);
    using lease = await rig.manager.acquire(withBytes(model, bytes));
    const { tokens, boxes, score } = await predictStructure(page(255, 0, blue), PART, lease);
    expect(tokens).toEqual(TOKENS.slice(0, 12));
    expect(score).toBeCloseTo(0.75);
    // processors.py `_get_bbox_scales`: only "SLANet" itself is scaled by the crop's own width and height.
    expect(boxes[0]).toEqual({
      left: PART.x,
      top: PART.y + Math.trunc(quarter * 400),
      right: PART.x + 200,
      bottom: PART.y + 200,
    });
    expect(boxes[3]).toEqual({ left: 240, top: 160, right: 440, bottom: 260 });
  });
});

describe("PP-LCNet_x1_0_table_cls", () => {
  it("reads red first", async () => {
    // models/image_classification/predictor.py reads RGB; `label_list` is wired_table, wireless_table.
    using lease = await rig.manager.acquire(withBytes(TABLE_CLASSIFIER, classifierModel(224)));
    expect(await classifyTable(page(250, 0, 0), PART, lease)).toBe("wired");
    expect(await classifyTable(page(0, 0, 250), PART, lease)).toBe("wireless");
  });
});

describe.each([[WIRED_CELLS], [WIRELESS_CELLS]])("$id", (model) => {
  it("reads red first, and gives cells above 0.3 in pixels of the page", async () => {
    const row = (channel: number, places: readonly [number, number, number, number]) => ({
      class: 0,
      score: [channel, 320, 320] as const,
      box: places,
    });
    // pipelines/table_recognition/pipeline_v2.py: `threshold=0.3`, whatever the model's own configuration says.
    const bytes = layoutModel(
      [row(0, [0, 0, 0.5, 0.5]), row(1, [0.5, 0, 1, 0.5]), row(2, [0, 0.5, 0.5, 1])],
      { side: 640, imShape: true },
    );
    using lease = await rig.manager.acquire(withBytes(model, bytes));
    // 77 of 255 is 0.302, 76 is 0.298.
    const cells = await detectCells(page(200, 77, 76), PART, lease);
    expect(cells.map(({ left, top, right, bottom }) => [left, top, right, bottom])).toEqual([
      [40, 60, 240, 160],
      [240, 60, 440, 160],
    ]);
    expect(cells[0]?.score).toBeCloseTo(200 / 255);
  });
});

describe("a table", () => {
  const LINES = [
    text("Name", 60, 100),
    text("Mass", 260, 100),
    text("iron", 60, 200),
    text("55.8", 260, 200),
  ];

  /** What was loaded, in order. */
  function lender(): { borrow: Borrow; loaded: string[]; leases: Disposable[] } {
    const loaded: string[] = [];
    const leases: Disposable[] = [];
    const borrow: Borrow = async <M extends Model>(model: M): Promise<ModelLease<M>> => {
      loaded.push(model.id.split(" ")[0] as string);
      const lease = await rig.manager.acquire(model);
      leases.push(lease);
      return lease;
    };
    return { borrow, loaded, leases };
  }

  it.each([
    [[0, 0, 250], "wireless"],
    [[250, 0, 0], "wired"],
  ] as const)("of colour %s is read by the models for %s ones", async (colour, kind) => {
    const cells = [
      [0, 0, 0.5, 0.5],
      [0.5, 0, 1, 0.5],
      [0, 0.5, 0.5, 1],
      [0.5, 0.5, 1, 1],
    ] as const;
    // Red or blue, whichever the table has, is the score.
    const channel = kind === "wired" ? 0 : 2;
    const cellBytes = layoutModel(
      cells.map((places) => ({ class: 0, score: [channel, 9, 9] as const, box: places })),
      { side: 640, imShape: true },
    );
    const models = {
      classification: withBytes(TABLE_CLASSIFIER, classifierModel(224)),
      structure: [SLANEXT_WIRED, SLANEXT_WIRELESS].map((model) =>
        withBytes(model, structureBytes(512, GRID)),
      ),
      cells: [WIRED_CELLS, WIRELESS_CELLS].map((model) => withBytes(model, cellBytes)),
    };
    const { borrow, loaded, leases } = lender();
    const table = await recognizeTable(
      page(colour[0], colour[1], colour[2]),
      PART,
      LINES,
      models,
      borrow,
    );
    for (const lease of leases) lease[Symbol.dispose]();
    expect(loaded).toEqual([
      "PP-LCNet_x1_0_table_cls",
      `SLANeXt_${kind}`,
      `RT-DETR-L_${kind}_table_cell_det`,
    ]);
    expect(table?.cells.map((cell) => [cell.text, cell.header])).toEqual([
      ["Name", true],
      ["Mass", true],
      ["iron", false],
      ["55.8", false],
    ]);
    expect(table?.cells[3]?.polygon?.[0]).toEqual([240, 160]);
  });
});

import { describe, expect, it } from "vitest";
import type {
  Model,
  TableCellsModel,
  TableClassificationModel,
  TableStructureModel,
} from "../../../../../src/catalog/manifest/manifest.ts";
import {
  SLANET_PLUS,
  SLANEXT_WIRED,
  SLANEXT_WIRELESS,
  TABLE_CLASSIFIER,
  WIRED_CELLS,
  WIRELESS_CELLS,
} from "../../../../../src/catalog/presets/structure-tables.ts";
import type { Feeds, Tensor } from "../../../../../src/gpu/tensor.ts";
import type { ModelLease } from "../../../../../src/models/lease.ts";
import { detectCells } from "../../../../../src/structure/tables/model/cells.ts";
import { classifyTable } from "../../../../../src/structure/tables/model/table-model.ts";
import { matchCount } from "../../../../../src/structure/tables/model/count.ts";
import { alignRows, matchInside } from "../../../../../src/structure/tables/model/match.ts";
import { predictStructure } from "../../../../../src/structure/tables/model/structure.ts";
import { placeTokens, TABLE_TOKENS } from "../../../../../src/structure/tables/model/tokens.ts";
import {
  recognizeTable,
  type Borrow,
} from "../../../../../src/structure/tables/model/table-model.ts";
import type { Line, Rect, RgbaImage } from "../../../../../src/types.ts";
import { Sheet, text } from "../drawn-table.ts";

interface Fake<M extends Model> {
  readonly lease: ModelLease<M>;
  readonly feeds: Feeds[];
}

/** A lease whose graph returns these outputs, and what it was fed. */
function fake<M extends Model>(
  model: M,
  outputs: Readonly<Record<string, Tensor>>,
  inputs: readonly string[] = ["x"],
): Fake<M> {
  const feeds: Feeds[] = [];
  const lease: ModelLease<M> = {
    model,
    alphabet: [],
    session: {
      backend: "wasm",
      inputNames: inputs,
      outputNames: Object.keys(outputs),
      run: (given) => {
        feeds.push(given);
        return Promise.resolve({ ...outputs });
      },
    },
    [Symbol.dispose]: () => undefined,
  };
  return { lease, feeds };
}

/** What the first run was fed. */
function fed(feeds: readonly Feeds[], name: string): Tensor {
  const tensor = feeds[0]?.[name];
  if (!tensor) throw new Error(`Nothing was fed as ${name}.`);
  return tensor;
}

/** The outputs of a structure model that writes these tokens, each with the box below it. */
function written(
  tokens: readonly string[],
  boxes: readonly (readonly [left: number, top: number, right: number, bottom: number])[] = [],
): Record<string, Tensor> {
  const count = TABLE_TOKENS.length;
  const probabilities = new Float32Array(tokens.length * count);
  const corners = new Float32Array(tokens.length * 8);
  let cell = 0;
  for (const [step, token] of tokens.entries()) {
    probabilities[step * count + TABLE_TOKENS.indexOf(token)] = 0.5;
    const box = boxes[cell];
    if (!token.startsWith("<td")) continue;
    cell++;
    if (!box) continue;
    const [left, top, right, bottom] = box;
    corners.set([left, top, right, top, right, bottom, left, bottom], step * 8);
  }
  return {
    loc: { data: corners, dims: [1, tokens.length, 8] },
    probs: { data: probabilities, dims: [1, tokens.length, count] },
  };
}

/** HTML cut into the tokens of the model. */
function tokensOf(html: string): string[] {
  return html.match(/<\/?(?:thead|tbody|tr)>|<td><\/td>|<td|<\/td>|>| \w+="\d+"|eos|sos/g) ?? [];
}

function detected(rows: readonly (readonly number[])[]): Record<string, Tensor> {
  return {
    boxes: { data: Float32Array.from(rows.flat()), dims: [rows.length, 6] },
    count: { data: Float32Array.of(rows.length), dims: [1] },
  };
}

const RED: readonly [number, number, number] = [200, 100, 50];
const PART: Rect = { x: 100, y: 50, width: 400, height: 200 };

/** Red as far as the part reaches, white around it. */
function picture(): RgbaImage {
  const sheet = new Sheet(600, 300);
  sheet.fill(PART.x, PART.y, PART.width, PART.height, RED);
  return sheet;
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const normalised = (byte: number, channel: 0 | 1 | 2): number =>
  (byte / 255 - IMAGENET.mean[channel]) / IMAGENET.std[channel];

describe("the tokens of a structure model", () => {
  it("are those of PaddleX: 50, with the ends around and the empty cell last", () => {
    // modules/base/utils/pdparams2safetensors/inference_meta.py `_SLANEXT_CHARACTER_DICT`, after
    // models/table_structure_recognition/processors.py `TableLabelDecode.__init__`.
    expect(TABLE_TOKENS).toHaveLength(50);
    expect(TABLE_TOKENS.slice(0, 11).join()).toBe(
      'sos,<thead>,</thead>,<tbody>,</tbody>,<tr>,</tr>,<td,>,</td>, colspan="2"',
    );
    expect([28, 29, 47, 48, 49].map((i) => TABLE_TOKENS[i])).toEqual([
      ' colspan="20"',
      ' rowspan="2"',
      ' rowspan="20"',
      "<td></td>",
      "eos",
    ]);
  });

  it("are placed as HTML places cells", () => {
    const tokens = tokensOf(
      '<thead><tr><td rowspan="2"></td><td colspan="2"></td></tr>' +
        "<tr><td></td><td></td></tr></thead>" +
        "<tbody><tr><td></td><td></td><td></td></tr></tbody>",
    );
    expect(
      placeTokens(tokens).map((c) => [c.row, c.column, c.rowSpan, c.columnSpan, c.header, c.index]),
    ).toEqual([
      [0, 0, 2, 1, true, 0],
      [0, 1, 1, 2, true, 1],
      [1, 1, 1, 1, true, 2],
      [1, 2, 1, 1, true, 3],
      [2, 0, 1, 1, false, 4],
      [2, 1, 1, 1, false, 5],
      [2, 2, 1, 1, false, 6],
    ]);
  });

  it("cover a grid even where the spans do not fit", () => {
    const tokens = tokensOf(
      '<tr><td rowspan="9"></td><td colspan="3"></td></tr><tr><td></td></tr>',
    );
    const cells = placeTokens(tokens);
    expect(cells.reduce((sum, c) => sum + c.rowSpan * c.columnSpan, 0)).toBe(8);
    expect(cells.filter(({ index }) => index === undefined)).toHaveLength(2);
  });
});

describe("a structure model", () => {
  it("is fed blue first, normalised and then padded with zeros", async () => {
    for (const [model, side] of [
      [SLANET_PLUS, 488],
      [SLANEXT_WIRED, 512],
    ] as const) {
      const { lease, feeds } = fake(model, written(tokensOf("<tr><td></td></tr>eos")));
      await predictStructure(picture(), PART, lease);
      const { data, dims } = fed(feeds, "x");
      expect(dims).toEqual([1, 3, side, side]);
      // 400 × 200 fills the whole width and half of the height; SLANeXt enlarges too.
      const at = (channel: number, x: number, y: number): number =>
        data[(channel * side + y) * side + x] as number;
      for (const channel of [0, 1, 2] as const) {
        expect(at(channel, 10, 10)).toBeCloseTo(normalised(RED[2 - channel] ?? 0, channel), 4);
        expect(at(channel, side - 1, side / 2 - 1)).not.toBe(0);
        expect(at(channel, 10, side / 2)).toBe(0);
      }
    }
  });

  it("gives boxes in fractions of the padded input, and SLANet in those of the crop", async () => {
    const outputs = written(tokensOf('<tr><td></td><td colspan="2"></td></tr>eos'), [
      [0, 0, 0.5, 0.25],
      [0.5, 0.25, 1, 0.5],
    ]);
    const plus = await predictStructure(picture(), PART, fake(SLANET_PLUS, outputs).lease);
    // The padded square has the crop's long side, 400.
    expect(plus.boxes).toEqual([
      { left: 100, top: 50, right: 300, bottom: 150 },
      { left: 300, top: 150, right: 500, bottom: 250 },
    ]);
    const params = { ...SLANET_PLUS.params, boxes: "crop" as const };
    const slanet = fake({ ...SLANET_PLUS, params }, outputs);
    expect((await predictStructure(picture(), PART, slanet.lease)).boxes).toEqual([
      { left: 100, top: 50, right: 300, bottom: 100 },
      { left: 300, top: 100, right: 500, bottom: 150 },
    ]);
  });

  it("stops at an end that does not stand first", async () => {
    const tokens = tokensOf("eossos<tr><td></td></tr>eos<tr>");
    const { lease } = fake(SLANET_PLUS, written(tokens));
    const { tokens: found, score } = await predictStructure(picture(), PART, lease);
    expect(found).toEqual(["<tr>", "<td></td>", "</tr>"]);
    expect(score).toBeCloseTo(0.5);
  });

  it("is refused where it has other tokens", async () => {
    const outputs = { probs: { data: new Float32Array(30), dims: [1, 1, 30] } };
    await expect(
      predictStructure(picture(), PART, fake(SLANET_PLUS, outputs).lease),
    ).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});

describe("the classifier", () => {
  const scores = (...values: number[]): Record<string, Tensor> => ({
    out: { data: Float32Array.from(values), dims: [1, values.length] },
  });

  it("is fed the middle of the table, red first", async () => {
    const sheet = new Sheet(600, 300, RED);
    // The short side of 200 becomes 256, of which 224 are 175: x from 212 to 387.
    sheet.fill(100, 50, 111, 200, [0, 0, 0]);
    sheet.fill(389, 50, 111, 200, [0, 0, 0]);
    const { lease, feeds } = fake(TABLE_CLASSIFIER, scores(0.9, 0.1));
    expect(await classifyTable(sheet, PART, lease)).toBe("wired");
    const { data, dims } = fed(feeds, "x");
    expect(dims).toEqual([1, 3, 224, 224]);
    for (const channel of [0, 1, 2] as const) {
      const plane = data.subarray(channel * 224 * 224, (channel + 1) * 224 * 224);
      const expected = normalised(RED[channel] ?? 0, channel);
      expect(Math.max(...plane.map((value) => Math.abs(value - expected)))).toBeLessThan(1e-4);
    }
  });

  it("takes the later one of two equal scores", async () => {
    const { lease } = fake(TABLE_CLASSIFIER, scores(0.5, 0.5));
    expect(await classifyTable(picture(), PART, lease)).toBe("wireless");
  });

  it("is refused where it has other classes", async () => {
    const { lease } = fake(TABLE_CLASSIFIER, scores(1, 2, 3));
    await expect(classifyTable(picture(), PART, lease)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });
});

describe("the cell detector", () => {
  it("is fed the crop alone, red first, from 0 to 1, with heights before widths", async () => {
    const { lease, feeds } = fake(WIRED_CELLS, detected([]), ["im_shape", "image", "scale_factor"]);
    await detectCells(picture(), PART, lease);
    expect(fed(feeds, "im_shape").data).toEqual(Float32Array.of(640, 640));
    expect(fed(feeds, "scale_factor").data).toEqual(Float32Array.of(640 / 200, 640 / 400));
    const { data, dims } = fed(feeds, "image");
    expect(dims).toEqual([1, 3, 640, 640]);
    for (const channel of [0, 1, 2]) {
      const plane = data.subarray(channel * 640 * 640, (channel + 1) * 640 * 640);
      const expected = (RED[channel] ?? 0) / 255;
      expect(plane.every((value) => Math.abs(value - expected) < 1e-6)).toBe(true);
    }
  });

  it("gives cells above 0.3, in the image's pixels, none of which covers another by more than 0.3", async () => {
    const rows = [
      [0, 0.8, -5, 0, 100, 100],
      [0, 0.9, 200, 0, 300, 100],
      // IoU with the first, whose left end is cut to 0: 60 / 140 and 40 / 160.
      [0, 0.7, 40, 0, 140, 100],
      [0, 0.6, 60, 0, 160, 100],
      [0, 0.3, 0, 120, 100, 180],
      [-1, 0.9, 0, 120, 100, 180],
    ];
    const { lease } = fake(WIRED_CELLS, detected(rows), ["image"]);
    expect(
      (await detectCells(picture(), PART, lease)).map(({ left, right }) => [left, right]),
    ).toEqual([
      [300, 400],
      [100, 200],
      [160, 260],
    ]);
  });
});

const box = (left: number, top: number, right: number, bottom: number) => ({
  left,
  top,
  right,
  bottom,
});

describe("cells and texts", () => {
  it("belong together from 0.7 of the text's area on, not of the cell's", () => {
    const cell = box(0, 0, 100, 1000);
    const words = (width: number) => {
      const piece = {
        ...box(100 - width, 0, 200 - width, 20),
        text: "a",
        line: 0,
        start: 0,
        end: 1,
      };
      return matchInside([cell], [{ ...piece, words: [piece] }])[0]?.length;
    };
    expect(words(71)).toBe(1);
    expect(words(70)).toBe(0);
  });

  it("are taken row by row: a top 10 pixels below that of the row's first cell still stands in it", () => {
    const boxes = [box(0, 0, 9, 9), box(30, 10, 39, 19), box(10, 6, 19, 15), box(0, 11, 9, 20)];
    const lefts = alignRows(boxes, [3, 1]).map((cell) => [cell?.left, cell?.top]);
    expect(lefts).toEqual([
      [0, 0],
      [10, 6],
      [30, 10],
      [0, 11],
    ]);
    // A chain would take all of them: 12 is within 10 of 6, but not of 0.
    expect(
      alignRows([box(0, 0, 9, 9), box(10, 6, 19, 15), box(20, 12, 29, 21)], [2, 1])[2]?.left,
    ).toBe(20);
  });

  it("stay in their rows where one row has a box less", () => {
    const row = (y: number, count: number) =>
      Array.from({ length: count }, (_, i) => box(20 * i, y, 20 * i + 15, y + 10));
    const aligned = alignRows([...row(0, 3), ...row(30, 2), ...row(60, 3)], [3, 3, 3]);
    expect(aligned.map((cell) => cell?.top)).toEqual([0, 0, 0, 30, 30, undefined, 60, 60, 60]);
  });

  it("are as many as the structure has cells", () => {
    const cell = (score: number, left: number) => ({ ...box(left, 0, left + 10, 10), score });
    const cells = [cell(0.9, 0), cell(0.8, 20), cell(0.7, 40)];
    expect(matchCount(cells, [], 3)).toEqual(cells);
    expect(matchCount(cells, [], 2)).toEqual(cells.slice(0, 2));
    const texts = [box(1, 1, 9, 9), box(61, 1, 69, 9), box(81, 1, 89, 9), box(81, 10, 89, 18)];
    // Two places, three texts outside: the two at the right stand together.
    expect(matchCount(cells, texts, 5).slice(3)).toEqual([box(61, 1, 69, 9), box(81, 1, 89, 18)]);
    // With 3 of 10 cells even the texts alone are better.
    expect(matchCount(cells, texts.slice(0, 1), 10)).toEqual(texts.slice(0, 1));
  });
});

describe("a table by models", () => {
  const TOKENS = tokensOf(
    "<thead><tr><td></td><td></td></tr></thead><tbody><tr><td></td><td></td></tr></tbody>eos",
  );
  /** Fractions of 400 on a part that begins at (100, 50). */
  const BOXES = [
    [0, 0, 0.5, 0.25],
    [0.5, 0, 1, 0.25],
    [0, 0.25, 0.5, 0.5],
    [0.5, 0.25, 1, 0.5],
  ] as const;
  const LINES: Line[] = [
    text("Name", 120, 60),
    text("Mass", 320, 60),
    text("iron", 120, 180),
    text("55.8", 320, 180),
    text("outside", 120, 270),
  ];
  const CELLS = [
    [0, 0.9, 0, 0, 200, 100],
    [0, 0.9, 200, 0, 400, 100],
    [0, 0.9, 0, 100, 200, 200],
    [0, 0.9, 200, 100, 400, 200],
  ];

  /** Which models were borrowed, and leases that answer for them. */
  function lender(scores: readonly [number, number]): { borrow: Borrow; borrowed: string[] } {
    const borrowed: string[] = [];
    const borrow = ((model: Model) => {
      borrowed.push(model.id);
      if (model.role === "table-classification") {
        const out = { data: Float32Array.from(scores), dims: [1, 2] };
        return Promise.resolve(fake<TableClassificationModel>(model, { out }).lease);
      }
      if (model.role === "table-cells") {
        return Promise.resolve(fake<TableCellsModel>(model, detected(CELLS), ["image"]).lease);
      }
      return Promise.resolve(
        fake<TableStructureModel>(model as TableStructureModel, written(TOKENS, BOXES)).lease,
      );
    }) as Borrow;
    return { borrow, borrowed };
  }

  const EXPECTED = [
    [0, 0, "Name", true],
    [0, 1, "Mass", true],
    [1, 0, "iron", false],
    [1, 1, "55.8", false],
  ];

  it("is read by SLANet_plus alone, from its own boxes", async () => {
    const { borrow, borrowed } = lender([1, 0]);
    const models = { classification: TABLE_CLASSIFIER, structure: [SLANET_PLUS], cells: [] };
    const table = await recognizeTable(picture(), PART, LINES, models, borrow);
    expect(borrowed).toEqual(["SLANet_plus"]);
    expect(table?.cells.map((c) => [c.row, c.column, c.text, c.header])).toEqual(EXPECTED);
    expect(table?.cells[3]?.polygon).toEqual([
      [300, 150],
      [500, 150],
      [500, 250],
      [300, 250],
    ]);
  });

  it("loads of the models for one kind only those of the kind that it is", async () => {
    for (const [scores, kind] of [
      [[0.9, 0.1], "wired"],
      [[0.1, 0.9], "wireless"],
    ] as const) {
      const { borrow, borrowed } = lender(scores);
      const models = {
        classification: TABLE_CLASSIFIER,
        structure: [SLANEXT_WIRED, SLANEXT_WIRELESS],
        cells: [WIRED_CELLS, WIRELESS_CELLS],
      };
      const table = await recognizeTable(picture(), PART, LINES, models, borrow);
      expect(borrowed).toEqual([
        TABLE_CLASSIFIER.id,
        `SLANeXt_${kind}`,
        `RT-DETR-L_${kind}_table_cell_det`,
      ]);
      expect(table?.cells.map((c) => [c.row, c.column, c.text, c.header])).toEqual(EXPECTED);
    }
  });

  it("gets each word of a line that runs through several cells into its own", async () => {
    const row = text("iron                55.8", 120, 180);
    const { borrow } = lender([1, 0]);
    const models = { structure: [SLANEXT_WIRED], cells: [WIRED_CELLS] };
    const table = await recognizeTable(picture(), PART, [row], models, borrow);
    expect(table?.cells.map(({ text: content }) => content)).toEqual(["", "", "iron", "55.8"]);
  });

  it("is not there without models, without cells, outside of the image or after an abort", async () => {
    const { borrow, borrowed } = lender([1, 0]);
    const models = { structure: [SLANET_PLUS], cells: [] };
    const none = { structure: [], cells: [] };
    expect(await recognizeTable(picture(), PART, LINES, none, borrow)).toBeUndefined();
    const outside = { ...PART, x: 700 };
    expect(await recognizeTable(picture(), outside, LINES, models, borrow)).toBeUndefined();
    const signal = AbortSignal.abort();
    await expect(
      recognizeTable(picture(), PART, LINES, models, borrow, signal),
    ).rejects.toMatchObject({ code: "ABORTED" });
    expect(borrowed).toEqual([]);
    const empty = (() =>
      Promise.resolve(
        fake(SLANET_PLUS, written(tokensOf("<tr></tr>eos"))).lease,
      )) as unknown as Borrow;
    expect(await recognizeTable(picture(), PART, LINES, models, empty)).toBeUndefined();
  });
});

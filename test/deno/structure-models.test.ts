/**
 * Layout models and formula readers against stand-ins with the same inputs and outputs, in the real runtime. What
 * is expected is what PaddleX 3.7.2 does; the comments name its files under `paddlex/inference/models` and its
 * functions.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { LayoutModel } from "../../src/catalog/manifest/manifest.ts";
import {
  COMER_DECODER_MODEL,
  FORMULA_NET_S,
  PIX2TEXT_DECODER_MODEL,
  PIX2TEXT_ENCODER,
} from "../../src/catalog/presets/structure-formulas.ts";
import {
  DOC_BLOCK_LAYOUT,
  DOC_LAYOUT_L,
  DOC_LAYOUT_M,
  DOC_LAYOUT_PLUS,
  DOC_LAYOUT_S,
  DOC_LAYOUT_V2,
  DOC_LAYOUT_V3,
} from "../../src/catalog/presets/structure-layouts.ts";
import { detectLayout, detectRegions } from "../../src/structure/layout/model/layout-model.ts";
import { readFormula } from "../../src/structure/formulas/formula.ts";
import type { RgbaImage } from "../../src/types.ts";
import {
  cachedDecoderModel,
  decoderModel,
  encoderModel,
  formulaNetModel,
} from "../fixtures/onnx/formula.ts";
import { layoutModel } from "../fixtures/onnx/layout.ts";
import type { StandInBox } from "../fixtures/onnx/layout.ts";
import { constant, encodeOnnx, node } from "../fixtures/onnx/writer.ts";
import { startStructure, vocabularyOf, withBytes } from "./structure-rig.ts";
import type { StructureRig } from "./structure-rig.ts";

const WIDTH = 300;
const HEIGHT = 400;
type Colour = readonly [red: number, green: number, blue: number];
const LEFT: Colour = [230, 120, 20];
const RIGHT: Colour = [40, 200, 150];

function picture(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
): RgbaImage {
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    data.set(colourAt(i % width, Math.floor(i / width)), i * 4);
  }
  return { data, width, height };
}

/** A page whose halves have different colours. */
const PAGE = picture(WIDTH, HEIGHT, (x) => (x < WIDTH / 2 ? LEFT : RIGHT));

let rig: StructureRig;
beforeAll(async () => {
  rig = await startStructure();
});

interface Family {
  readonly model: LayoutModel;
  /** `object_detection/predictor.py` `build_to_batch` and its override in `layout_analysis/predictor.py`. */
  readonly imShape: boolean;
  /** Columns behind the box: `DetPostProcess.apply` and `LayoutAnalysisProcess.apply`. */
  readonly keys: 0 | 1 | 2;
  readonly masks?: boolean;
  /** `inference.yml`: `NormalizeImage` with the ImageNet constants for M and S, none for the others. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const FAMILIES: readonly Family[] = [
  { model: DOC_LAYOUT_V3, imShape: true, keys: 1, masks: true },
  { model: DOC_LAYOUT_V2, imShape: true, keys: 2 },
  { model: DOC_LAYOUT_PLUS, imShape: true, keys: 0 },
  { model: DOC_LAYOUT_L, imShape: true, keys: 0 },
  { model: DOC_LAYOUT_M, imShape: false, keys: 0, ...IMAGENET },
  { model: DOC_LAYOUT_S, imShape: false, keys: 0, ...IMAGENET },
];

describe.each(FAMILIES.map((family) => [family.model.id, family] as const))("%s", (_id, family) => {
  const { model, imShape, keys, masks = false, mean = [0, 0, 0], std = [1, 1, 1] } = family;
  const { width: side, labels } = model.params;
  const middle = side / 2;
  const left = side / 4;
  const right = left * 3;
  const value = (colour: Colour, c: 0 | 1 | 2): number =>
    (colour[c] / 255 - (mean[c] as number)) / (std[c] as number);
  const rows: StandInBox[] = [
    { class: "text", score: [0, middle, left], box: [0.1, 0.2, 0.4, 0.3], keys: [[4], [4, 9]] },
    { class: "table", score: [1, middle, right], box: [0.6, 0.5, 0.95, 0.9], keys: [[2], [2, 7]] },
    // Blue on the left is too little for any threshold: were the channels swapped, this would be found.
    { class: "chart", score: [2, middle, left], box: [0, 0, 0.1, 0.1], keys: [[0], [0, 0]] },
    {
      class: "paragraph_title",
      score: [1, middle, right],
      box: [0.1, 0.05, 0.5, 0.1],
      keys: [[1], [2, 3]],
    },
  ].map((row) => ({
    class: labels.indexOf(row.class),
    score: row.score as [number, number, number],
    box: row.box as [number, number, number, number],
    keys: keys === 0 ? [] : (row.keys[keys - 1] as number[]),
  }));

  it("gets RGB at its size, and its boxes come back in pixels of the page", async () => {
    const bytes = layoutModel(rows, { side, imShape, masks });
    using lease = await rig.manager.acquire(withBytes(model, bytes));
    const found = await detectLayout(PAGE, lease);
    const byType = Object.fromEntries(found.map((region) => [region.type, region]));
    expect(Object.keys(byType).toSorted()).toEqual(["heading", "table", "text"]);
    expect(byType["text"]?.score).toBeCloseTo(value(LEFT, 0), 2);
    expect(byType["table"]?.score).toBeCloseTo(value(RIGHT, 1), 2);
    const near = (box: Record<string, number> | undefined, expected: readonly number[]): void => {
      const got = [box?.["x"], box?.["y"], box?.["width"], box?.["height"]] as number[];
      // `restructured_boxes` of layout_analysis cuts to whole pixels.
      for (const [i, want] of expected.entries()) {
        expect(Math.abs((got[i] as number) - want)).toBeLessThanOrEqual(keys > 0 ? 1 : 0.01);
      }
    };
    near({ ...byType["text"]?.box }, [30, 80, 90, 40]);
    near({ ...byType["table"]?.box }, [180, 200, 105, 160]);
  });

  it("has an order where it has keys for one", async () => {
    const bytes = layoutModel(rows, { side, imShape, masks });
    using lease = await rig.manager.acquire(withBytes(model, bytes));
    const found = await detectLayout(PAGE, lease);
    const order = Object.fromEntries(found.map((region) => [region.type, region.order]));
    // V3, `np.argsort(boxes[:, 6])`; V2, `np.lexsort((-boxes[:, 7], boxes[:, 6]))`: the second key falls.
    const expected = {
      0: { heading: undefined, table: undefined, text: undefined },
      1: { heading: 0, table: 1, text: 2 },
      2: { heading: 1, table: 0, text: 2 },
    };
    expect(order).toEqual(expected[keys]);
  });
});

describe("PP-DocLayout-L", () => {
  it("is resized as cv2.INTER_CUBIC does, without regard to the ratio", async () => {
    // `Resize` with `interp: 2` in `object_detection/predictor.py`; the values are those of OpenCV 4 for this
    // picture of 13 × 9, `cv2.resize(…, (640, 640), interpolation=cv2.INTER_CUBIC)`.
    const image = picture(13, 9, (x, y) => {
      const at = x * 37 + y * 91;
      return [at % 256, (at + 50) % 256, (at + 100) % 256];
    });
    const expected = [
      { score: [0, 100, 200], byte: 252 },
      { score: [2, 320, 320], byte: 174 },
      { score: [1, 500, 77], byte: 200 },
      { score: [1, 611, 630], byte: 208 },
    ] as const;
    const rows = expected.map(({ score }, i) => ({
      class: 2,
      score,
      box: [i / 4, 0, (i + 1) / 4, 1] as const,
    }));
    const bytes = layoutModel(rows, { side: 640, imShape: true });
    using lease = await rig.manager.acquire(withBytes(DOC_LAYOUT_L, bytes));
    const found = await detectLayout(image, lease);
    const scores = found.toSorted((a, b) => a.box.x - b.box.x).map(({ score }) => score * 255);
    expect(scores).toHaveLength(4);
    for (const [i, { byte }] of expected.entries()) {
      expect(Math.abs((scores[i] as number) - byte)).toBeLessThanOrEqual(1.01);
    }
  });
});

describe("PP-DocBlockLayout", () => {
  it("finds regions, of which those that contain others go", async () => {
    const side = 640;
    const rows: StandInBox[] = [
      { class: 0, score: [0, 320, 160], box: [0, 0, 1, 0.5] },
      { class: 0, score: [1, 320, 480], box: [0.1, 0.1, 0.4, 0.4] },
      { class: 0, score: [1, 320, 480], box: [0.1, 0.6, 0.9, 0.9] },
    ];
    const bytes = layoutModel(rows, { side, imShape: true });
    using lease = await rig.manager.acquire(withBytes(DOC_BLOCK_LAYOUT, bytes));
    const regions = await detectRegions(PAGE, lease);
    expect(
      regions
        .map(({ x, y }) => [Math.round(x), Math.round(y)])
        .toSorted((a, b) => (a[1] ?? 0) - (b[1] ?? 0)),
    ).toEqual([
      [30, 40],
      [30, 240],
    ]);
  });
});

const FORMULA = picture(40, 20, (x, y) =>
  x > 5 && x < 35 && y > 5 && y < 15 ? [0, 0, 0] : [255, 255, 255],
);
const BOX = { x: 0, y: 0, width: 40, height: 20 };
const TOKENIZER = {
  added_tokens: [{ id: 2, content: "</s>", special: true }],
  model: {
    type: "BPE",
    vocab: Object.fromEntries(Array.from({ length: 500 }, (_, id) => [`Ġt${id}`, id])),
  },
};

describe("PP-FormulaNet", () => {
  it("decodes in its own loop, on wasm; what stands behind the end is dropped", async () => {
    // `UniMERNetImgDecode`: padding is black, (0 − 0.7931) / 0.1738 = −4.563, which the stand-in makes 456.
    const model = {
      ...withBytes(FORMULA_NET_S, formulaNetModel(384, 6)),
      params: { ...FORMULA_NET_S.params, end: 460 },
      vocabulary: vocabularyOf(TOKENIZER),
    };
    using formula = await rig.manager.acquire(model);
    expect(formula.session.backend).toBe("wasm");
    const reading = await readFormula(FORMULA, BOX, { formula });
    expect(reading).toEqual({
      latex: "t456t457t458t459",
      confidence: 1,
      tokens: 4,
      truncated: false,
    });
  });
});

describe("pix2text-mfr", () => {
  const ends = { ...PIX2TEXT_DECODER_MODEL.params, end: 12 };
  const decoder = (
    bytes: Uint8Array,
    params: Partial<typeof ends>,
  ): typeof PIX2TEXT_DECODER_MODEL => ({
    ...withBytes(PIX2TEXT_DECODER_MODEL, bytes),
    params: { ...ends, ...params },
    vocabulary: vocabularyOf(TOKENIZER),
  });

  it("feeds what its encoder saw, and the whole sequence, to its decoder", async () => {
    // A red crop: (255/255 − 0.5) / 0.5 = 1 in the first channel, which moves the tokens by ten.
    const red = picture(30, 10, () => [255, 0, 0]);
    const encoder = await rig.manager.acquire(withBytes(PIX2TEXT_ENCODER, encoderModel(384)));
    const bytes = decoderModel([5, 7, 6, 2, 2], 20);
    const leases = { encoder, decoder: await rig.manager.acquire(decoder(bytes, {})) };
    const reading = await readFormula(red, { x: 0, y: 0, width: 30, height: 10 }, leases);
    expect(reading).toMatchObject({ latex: "t15t17t16", tokens: 3, truncated: false });
    expect(reading.confidence).toBeGreaterThan(0.99);
    leases.decoder[Symbol.dispose]();
    encoder[Symbol.dispose]();
  });

  it("keeps keys and values between steps where the decoder takes them", async () => {
    using encoder = await rig.manager.acquire(withBytes(PIX2TEXT_ENCODER, encoderModel(384)));
    const bytes = cachedDecoderModel([5, 7, 6, 12, 9], 20);
    const model = decoder(bytes, { cache: { heads: 2, size: 3 } });
    using cached = await rig.manager.acquire(model);
    const reading = await readFormula(FORMULA, BOX, { encoder, decoder: cached });
    expect(reading).toMatchObject({ latex: "t5t7t6", tokens: 3, truncated: false });
  });
});

describe("inputs", () => {
  it("of every type take floats", async () => {
    const bytes = encodeOnnx({
      inputs: [
        { name: "ids", type: "int64", dims: [2] },
        { name: "places", type: "int32", dims: [2] },
        { name: "mask", type: "bool", dims: [2] },
      ],
      outputs: [
        { name: "sum", type: "int64", dims: [2] },
        { name: "hidden", type: "bool", dims: [2] },
      ],
      nodes: [
        node("Cast", ["places"], "wide", { to: 7 }),
        node("Add", ["ids", "wide"], "both"),
        node("Mul", ["both", "two"], "sum"),
        node("Not", ["mask"], "hidden"),
      ],
      constants: [constant("two", "int64", [1], [2])],
    });
    const model = withBytes(COMER_DECODER_MODEL, bytes);
    using lease = await rig.manager.acquire({ ...model, vocabulary: vocabularyOf(TOKENIZER) });
    const of = (...data: number[]) => ({ data: Float32Array.from(data), dims: [2] });
    const outputs = await lease.session.run({
      ids: of(3, 8_000_000),
      places: of(-1, 5),
      mask: of(1, 0),
    });
    expect([...(outputs["sum"]?.data ?? [])]).toEqual([4, 16_000_010]);
    expect([...(outputs["hidden"]?.data ?? [])]).toEqual([0, 1]);
  });
});

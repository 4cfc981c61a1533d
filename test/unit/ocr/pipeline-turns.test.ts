import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import { type PipelineResult, readImage } from "../../../src/ocr/pipeline.ts";
import type { Quad } from "../../../src/types.ts";
import {
  box,
  classifier,
  detector,
  expectPoints,
  HandMadeModels,
  modelSet,
  recogniser,
} from "./hand-made.ts";
import { classifierOf, detectorOf, page, readerOf, type Strip } from "./hand-made-page.ts";

const SET = modelSet(detector(), recogniser(), classifier());

/** Read from the left "nm" with a half, from the right "wu" with seven eighths. */
const TURNED: Strip = {
  x: 20,
  y: 20,
  width: 100,
  height: 21,
  key: 10,
  endKey: 20,
  text: "nm",
  sure: 0.5,
  endText: "wu",
  endSure: 0.875,
};
const SURE: Strip = { x: 20, y: 60, width: 100, height: 21, key: 30, text: "yes" };

const found = ({ x, y, width, height }: Strip): Quad =>
  box(x + 0.5, y + 0.5, width - 1, height - 1);

interface Outcome {
  readonly result: PipelineResult;
  readonly models: HandMadeModels;
  readonly readings: Tensor[];
  readonly classifications: Tensor[];
}

async function read(
  strips: readonly Strip[],
  upsideDown: readonly number[],
  set = SET,
): Promise<Outcome> {
  const readings: Tensor[] = [];
  const classifications: Tensor[] = [];
  const models = new HandMadeModels({
    detection: detectorOf(strips),
    recognition: readerOf(strips, readings),
    orientation: classifierOf(upsideDown, classifications),
  });
  const result = await readImage(page(320, 160, strips), set, models, {}, {});
  return { result, models, readings, classifications };
}

describe("a line on its head", () => {
  it("is turned when the classifier says so and it then reads better", async () => {
    const { result, readings } = await read([TURNED], [10]);
    expect(result.text).toBe("wu");
    expect(result.lines[0]?.confidence).toBe(0.875);
    expectPoints(result.lines[0]?.polygon ?? [], rotateCorners(found(TURNED), 2));
    expect(readings).toHaveLength(2);
  });

  it("has its words where they are on the page", async () => {
    const { result } = await read([{ ...TURNED, height: 17 }], [10]);
    // As in the test of upright words: the crop is 248 wide for 99 pixels. w, u in steps 0, 2 have
    // their middles at 0.5, 2.5: 0 … 3.5 steps = 28 of 248 = 11.1774 pixels, here from the right.
    // The crop starts at its bottom right corner, (119.5, 36.5 + 1.6).
    const [x, y, width] = [119.5, 38.1, 11.1774];
    expectPoints(
      result.lines[0]?.words?.[0]?.polygon ?? [],
      [
        [x, y],
        [x - width, y],
        [x - width, y - 19.2],
        [x, y - 19.2],
      ],
      3,
    );
  });

  it("stays when the classifier does not say so, and is not read again", async () => {
    const { result, readings, classifications } = await read([TURNED], []);
    expect(result.text).toBe("nm");
    expectPoints(result.lines[0]?.polygon ?? [], found(TURNED));
    expect(classifications).toHaveLength(1);
    expect(readings).toHaveLength(1);
  });

  it.each([0.375, 0.5])("stays when it reads no better the other way: %f", async (endSure) => {
    const { result, readings } = await read([{ ...TURNED, endSure }], [10]);
    expect(result.text).toBe("nm");
    expectPoints(result.lines[0]?.polygon ?? [], found(TURNED));
    expect(readings).toHaveLength(2);
  });

  it("is rescued where nothing could be read at first", async () => {
    const { result } = await read([{ ...TURNED, text: "" }], [10]);
    expect(result.text).toBe("wu");
  });

  it("is not looked for where the text is sure enough", async () => {
    const { result, models } = await read([{ ...TURNED, sure: 0.75 }, SURE], [10]);
    expect(result.text).toBe("nm\nyes");
    expect(models.acquired).toEqual(["detection", "recognition"]);
  });

  it("is not looked for without a classifier", async () => {
    const { result, models } = await read([TURNED], [10], modelSet(SET.detection, SET.recognition));
    expect(result.text).toBe("nm");
    expect(models.acquired).toEqual(["detection", "recognition"]);
  });

  it("is the only one to be classified and read again, and keeps its place", async () => {
    const first = { ...TURNED, y: 60 };
    const above = { ...SURE, y: 20 };
    const below = { ...SURE, y: 100, key: 40, text: "end" };
    const outcome = await read([above, first, below], [10, 30, 40]);
    expect(outcome.result.text).toBe("yes\nwu\nend");
    expect(outcome.classifications.map((t) => t.dims[0])).toEqual([1]);
    expect(outcome.readings.map((t) => t.dims[0])).toEqual([3, 1]);
  });

  it("is decided for each of several", async () => {
    // The second doubtful line is upright to the classifier, the third reads worse when turned.
    const second = { ...TURNED, y: 60, key: 50, endKey: 60, text: "ok" };
    const third = { ...TURNED, y: 100, key: 70, endKey: 80, text: "so", endSure: 0.25 };
    const { result } = await read([TURNED, second, third], [10, 70]);
    expect(result.text).toBe("wu\nok\nso");
  });
});

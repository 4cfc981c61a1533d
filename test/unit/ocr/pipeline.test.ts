import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import { type PipelineOptions, readImage } from "../../../src/ocr/pipeline.ts";
import type { ModelSet } from "../../../src/catalog/manifest/manifest.ts";
import type { RgbaImage } from "../../../src/types.ts";
import {
  box,
  detector,
  expectPoints,
  HandMadeModels,
  modelSet,
  plain,
  recogniser,
} from "./hand-made.ts";
import { detectorOf, page, readerOf, type Strip } from "./hand-made-page.ts";

const SET = modelSet(detector(), recogniser());

const models = (strips: readonly Strip[], inputs: Tensor[] = []): HandMadeModels =>
  new HandMadeModels({ detection: detectorOf(strips), recognition: readerOf(strips, inputs) });

const read = (
  image: RgbaImage,
  from: HandMadeModels,
  options: PipelineOptions = {},
  set: ModelSet = SET,
): ReturnType<typeof readImage> => readImage(image, set, from, options, {});

/** Where a strip is found: between the centres of its outer pixels. */
const found = ({ x, y, width, height }: Strip): ReturnType<typeof box> =>
  box(x + 0.5, y + 0.5, width - 1, height - 1);

const FIRST: Strip = { x: 20, y: 23, width: 100, height: 21, key: 10, text: "one" };
const SECOND: Strip = { x: 160, y: 20, width: 100, height: 21, key: 20, text: "two" };
const THIRD: Strip = { x: 20, y: 80, width: 60, height: 21, key: 30, text: "six ten" };

describe("readImage", () => {
  it("detects, reads and orders the lines", async () => {
    // The second strip is the topmost, so the detector finds it first; the rows say otherwise.
    const strips = [SECOND, FIRST, THIRD];
    const result = await read(page(320, 160, strips), models(strips));
    expect(result.text).toBe("one\ntwo\nsix ten");
    expect([result.width, result.height]).toEqual([320, 160]);
    expect(result.lines.map((l) => l.confidence)).toEqual([1, 1, 1]);
    [FIRST, SECOND, THIRD].forEach((strip, i) => {
      expectPoints(result.lines[i]?.polygon ?? [], found(strip));
    });
    expect(result.lines[2]?.words?.map((w) => w.text)).toEqual(["six", "ten"]);
  });

  it("places words in the crop with its margin", async () => {
    // The box is 99 × 16 at (20.5, 23.5); with a tenth above and below the crop is 19.2 high, and
    // 48 · 99 / 19.2 = 247.5 → 248 wide in the network. o, n, e in steps 0, 2, 4 of 8 pixels have
    // their middles at 0.5, 2.5, 4.5: the word is 0 … 5.5 steps = 44 of 248, of the 99 pixels 17.5645.
    const strip = { ...FIRST, height: 17 };
    const { lines } = await read(page(320, 160, [strip]), models([strip]));
    expectPoints(lines[0]?.words?.[0]?.polygon ?? [], box(20.5, 21.9, 17.5645, 19.2), 3);
  });

  it("reads a picture the size of a line as one where nothing was detected", async () => {
    // A strip of 100 × 40 on 160 × 80 of paper; the reader knows it by its grey, the detector does not.
    const strip: Strip = { x: 30, y: 20, width: 100, height: 40, key: 10, text: "one" };
    const from = new HandMadeModels({ detection: detectorOf([]), recognition: readerOf([strip]) });
    const result = await read(page(160, 80, [strip]), from);
    expect(result.lines.map(({ text, polygon }) => ({ text, polygon }))).toEqual([
      { text: "one", polygon: box(30, 20, 100, 40) },
    ]);
    expect([result.width, result.height]).toEqual([160, 80]);
  });

  it("of a page without text has no lines and loads no recogniser", async () => {
    const from = models([]);
    expect(await read(page(320, 160, []), from)).toMatchObject({ text: "", lines: [] });
    expect(from.acquired).toEqual(["detection"]);
  });

  it("drops lines in which nothing was read", async () => {
    const strips = [{ ...FIRST, text: "" }, { ...SECOND, text: " " }, THIRD];
    const result = await read(page(320, 160, strips), models(strips));
    expect(result.lines.map((l) => l.text)).toEqual(["six ten"]);
  });

  it("leaves out lines below minConfidence and keeps those at it", async () => {
    const strips = [{ ...FIRST, sure: 0.4375 }, { ...SECOND, sure: 0.5 }, THIRD];
    const from = models(strips);
    const image = page(320, 160, strips);
    const kept = await read(image, from, { minConfidence: 0.5 });
    expect(kept.text).toBe("two\nsix ten");
    expect(kept.warnings).toEqual([
      { code: "LINES_DROPPED", message: expect.stringMatching(/^1 line was .* 0\.5\./) },
    ]);
    const all = await read(image, from);
    expect(all.text).toBe("one\ntwo\nsix ten");
    expect(all).not.toHaveProperty("warnings");
  });

  it("orders rows from the right for right-to-left recognisers", async () => {
    const set = modelSet(detector(), recogniser({ rightToLeft: true }));
    const strips = [SECOND, FIRST];
    const result = await read(page(320, 160, strips), models(strips), {}, set);
    // Latin words keep their letters in order inside right-to-left text.
    expect(result.text).toBe("two\none");
  });

  it("starts tall boxes at the top right: their text runs down", async () => {
    // 21 × 100: between centres 20 × 99.
    const tall: Strip = { x: 40, y: 20, width: 21, height: 100, key: 10, text: "down" };
    const { lines } = await read(page(320, 160, [tall]), models([tall]));
    expectPoints(lines[0]?.polygon ?? [], rotateCorners(found(tall), 1));
    expect(lines[0]?.text).toBe("down");
    // From a height of 1½ widths on: 20 × 30 between centres, but not 20 × 29.
    const starts = [31, 30].map(async (height) => {
      const strip = { ...tall, height };
      const result = await read(page(320, 160, [strip]), models([strip]), { detectOnly: true });
      return result.lines[0]?.polygon[0];
    });
    const [turned, straight] = await Promise.all(starts);
    expectPoints(
      [turned ?? [0, 0], straight ?? [0, 0]],
      [
        [60.5, 20.5],
        [40.5, 20.5],
      ],
    );
  });
});

describe("detectOnly", () => {
  it("gives polygons in reading order with the detector's score and loads no recogniser", async () => {
    const strips = [{ ...SECOND, p: 0.75 }, FIRST];
    const from = models(strips);
    const result = await read(page(320, 160, strips), from, { detectOnly: true });
    expect(from.acquired).toEqual(["detection"]);
    expect(result.lines.map((l) => [l.text, l.confidence, l.words])).toEqual([
      ["", 1, undefined],
      ["", 0.75, undefined],
    ]);
    expectPoints(result.lines[0]?.polygon ?? [], found(FIRST));
    expect(result.timings.recognize).toBe(0);
  });
});

describe("recognizeOnly", () => {
  it("reads the image as one line, without a margin, and loads no detector", async () => {
    const strip: Strip = { x: 0, y: 0, width: 100, height: 20, key: 10, text: "one" };
    const inputs: Tensor[] = [];
    const from = models([strip], inputs);
    const result = await read(page(100, 20, [strip]), from, { recognizeOnly: true });
    expect(from.acquired).toEqual(["recognition"]);
    expect(result.text).toBe("one");
    expect(result.lines[0]?.polygon).toEqual(box(0, 0, 100, 20));
    // 48 · 100 / 20 = 240 → 256. With a margin it were 200 → 224.
    expect(inputs.map((t) => t.dims)).toEqual([[1, 3, 48, 256]]);
    expect(result.timings.detect).toBe(0);
  });

  it("reads a tall image from its top right downwards", async () => {
    const strip: Strip = { x: 0, y: 0, width: 20, height: 100, key: 10, text: "one" };
    const result = await read(page(20, 100, [strip]), models([strip]), { recognizeOnly: true });
    expect(result.lines[0]?.polygon).toEqual(rotateCorners(box(0, 0, 20, 100), 1));
    expect(result.text).toBe("one");
  });

  it("reads the region only", async () => {
    const region = { x: 20, y: 23, width: 100, height: 21 };
    const options = { recognizeOnly: true, region };
    const result = await read(page(320, 160, [FIRST, SECOND]), models([FIRST, SECOND]), options);
    expect(result.text).toBe("one");
    expect(result.lines[0]?.polygon).toEqual(box(20, 23, 100, 21));
  });
});

describe("region", () => {
  it("is all that the detector sees; polygons stay in the frame of the image", async () => {
    // The strip lies at (100 + 20, 40 + 23) of the image.
    const image = page(320, 240, [{ ...FIRST, x: 120, y: 63 }]);
    const inputs: Tensor[] = [];
    const from = new HandMadeModels({
      detection: (input) => {
        inputs.push(input);
        return detectorOf([FIRST])(input);
      },
      recognition: readerOf([FIRST]),
    });
    const region = { x: 100, y: 40, width: 160, height: 160 };
    const result = await read(image, from, { region });
    expect(inputs.map((t) => t.dims)).toEqual([[1, 3, 160, 160]]);
    expect(result.text).toBe("one");
    expectPoints(result.lines[0]?.polygon ?? [], box(120.5, 63.5, 99, 20));
    expect([result.width, result.height]).toEqual([320, 240]);
  });

  it("is cut to the image, on whole pixels", async () => {
    // −10.5 … 64.5 across is 0 … 65; 30.2 … 45.3 down is 30 … 46, or to 60 the image's 50.
    const region = { x: -10.5, y: 30.2, width: 75, height: 15.1 };
    const from = models([{ ...FIRST, key: 0, text: "a" }]);
    const result = await read(plain(100, 50, 0), from, { region, recognizeOnly: true });
    expect(result.lines[0]?.polygon).toEqual(box(0, 30, 65, 16));
    const long = { recognizeOnly: true, region: { ...region, height: 29.8 } };
    const cut = await read(plain(100, 50, 0), from, long);
    expect(cut.lines[0]?.polygon).toEqual(box(0, 30, 65, 20));
  });

  it.each([
    ["right of", { x: 100, y: 0, width: 10, height: 10 }],
    ["below", { x: 0, y: 50, width: 10, height: 10 }],
    ["left of", { x: -10, y: 0, width: 10, height: 10 }],
    ["above", { x: 0, y: -30, width: 10, height: 10 }],
    ["without a width in", { x: 10, y: 10, width: 0, height: 10 }],
    ["not a number in", { x: Number.NaN, y: 0, width: 10, height: 10 }],
  ])("%s the image is INVALID_OPTION before any model is loaded", async (_, region) => {
    const from = models([]);
    await expect(read(plain(100, 50), from, { region })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    expect(from.acquired).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { LCNET_PAGE_ORIENTATION } from "../../../src/catalog/presets/families.ts";
import type { PageOrientationModel } from "../../../src/catalog/manifest/manifest.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import {
  classifyPage,
  isSideways,
  longestLines,
  turnOf,
} from "../../../src/ocr/page-orientation.ts";
import { readImage } from "../../../src/ocr/pipeline.ts";
import type { Rect } from "../../../src/types.ts";
import {
  type Answer,
  box,
  classifier,
  detector,
  expectPoints,
  HandMadeModels,
  lease,
  modelSet,
  paint,
  plain,
  probabilityMap,
  recogniser,
} from "./hand-made.ts";
import { classifierOf, page, readerOf, type Strip } from "./hand-made-page.ts";

const MODEL: PageOrientationModel = {
  id: "doc_ori",
  role: "page-orientation",
  license: "MIT",
  variants: classifier().variants,
  params: { ...LCNET_PAGE_ORIENTATION, resizeShort: 64, crop: 56 },
};

const answering =
  (index: number): Answer =>
  () => ({
    data: Float32Array.from([0, 1, 2, 3], (i) => (i === index ? 0.9 : 0.03)),
    dims: [1, 4],
  });

describe("classifyPage", () => {
  it.each([
    [0, 0],
    // Turned clockwise by 90°: three more quarters and it is upright.
    [1, 3],
    [2, 2],
    [3, 1],
  ])("answers output %i with %i quarter turns", async (index, turns) => {
    const image = plain(100, 80);
    const part = { x: 0, y: 0, width: 100, height: 80 };
    expect(await classifyPage(image, part, lease(MODEL, answering(index)))).toBe(turns);
  });

  it("looks at the middle of the part", async () => {
    // The short side of 128 would become 64, of which 56 are seen: 112 of the page, in the middle, and
    // the pixel next to them, which the smoothing takes in.
    const image = plain(300, 128);
    paint(image, { x: 93, y: 7, width: 114, height: 114 }, 0);
    let seen: readonly number[] = [];
    const model = lease(MODEL, ({ data, dims }) => {
      seen = [data.length, Math.max(...data.subarray(0, 56 * 56))];
      expect(dims).toEqual([1, 3, 56, 56]);
      return { data: new Float32Array(4), dims: [1, 4] };
    });
    await classifyPage(image, { x: 0, y: 0, width: 300, height: 128 }, model);
    // All of it black: (0 − 0.485) / 0.229.
    expect(seen[0]).toBe(3 * 56 * 56);
    expect(seen[1]).toBeCloseTo(-2.118, 2);
  });

  it("refuses a model with other outputs", async () => {
    const wrong = lease(MODEL, () => ({ data: new Float32Array(2), dims: [1, 2] }));
    const part = { x: 0, y: 0, width: 10, height: 10 };
    await expect(classifyPage(plain(10, 10), part, wrong)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });
});

describe("isSideways", () => {
  const lying = box(0, 0, 90, 10);
  const standing = rotateCorners(box(0, 0, 10, 90), 1);

  it("goes by the length of the text", () => {
    expect(isSideways([lying, lying, standing])).toBe(false);
    expect(isSideways([lying, standing, standing])).toBe(true);
    expect(isSideways([box(0, 0, 300, 10), standing, standing])).toBe(false);
  });

  it("says nothing of a page with less than three lines", () => {
    expect(isSideways([standing, standing])).toBe(false);
    expect(isSideways([])).toBe(false);
  });
});

describe("longestLines", () => {
  it("takes the longest, and no more than there are", () => {
    const lines = [30, 10, 50, 40].map((width) => box(0, 0, width, 10));
    expect(longestLines(lines, 2)).toEqual([2, 3]);
    expect(longestLines(lines, 9)).toEqual([2, 3, 0, 1]);
  });
});

describe("turnOf", () => {
  it.each([
    [[1, 0], 0],
    // Text that runs up: the picture has to be turned clockwise by a quarter.
    [[0, -1], 90],
    [[-1, 0], 180],
    [[0, 1], 270],
    // Runs down by one in a hundred: 0.57° against the clock.
    [[1, 0.01], 359.4],
  ] as const)("%j is turned upright by %f degrees", (direction, degrees) => {
    expect(turnOf(direction)).toBe(degrees);
  });
});

describe("a page on its side", () => {
  /** On the page, 160 wide and 320 high; read from the top the text of the key, else the other. */
  const strips: readonly Strip[] = [20, 60, 100].map((x, i) => ({
    x,
    y: 40,
    width: 20,
    height: 200,
    key: 10 * i + 10,
    endKey: 10 * i + 15,
    text: `nm${"st"[i] ?? ""}`,
    endText: ["one", "two", "three"][i] ?? "",
  }));
  /** Where a strip lies once the page is turned clockwise. */
  const turned = ({ x, y, width, height }: Rect): Rect => ({
    x: 320 - y - height,
    y: x,
    width: height,
    height: width,
  });
  const set = modelSet(detector(), recogniser(), classifier());

  const models = (upsideDown: readonly number[], looks: number[][] = []): HandMadeModels =>
    new HandMadeModels({
      detection: ({ dims }) => {
        const [, , height, width] = dims as [number, number, number, number];
        looks.push([width, height]);
        const places = width > height ? strips.map(turned) : strips;
        return { data: probabilityMap(width, height, places), dims: [1, 1, height, width] };
      },
      recognition: readerOf(strips),
      orientation: classifierOf(upsideDown),
      "page-orientation": answering(3),
    });

  it("is looked at once more, turned, and read from the bottom up", async () => {
    const looks: number[][] = [];
    const result = await readImage(page(160, 320, strips), set, models([], looks), {}, {});
    expect(looks).toEqual([
      [160, 320],
      [320, 160],
    ]);
    expect(result.text).toBe("one\ntwo\nthree");
    expect(result.rotation).toBe(90);
    // In the frame of the page, from the bottom left corner of the strip.
    expectPoints(result.lines[0]?.polygon ?? [], [
      [20.5, 239.5],
      [20.5, 40.5],
      [39.5, 40.5],
      [39.5, 239.5],
    ]);
  });

  it("is read from the top down when its longest lines are on their heads", async () => {
    const model = models([15, 25, 35]);
    const result = await readImage(page(160, 320, strips), set, model, {}, {});
    expect(result.text).toBe("nm\nnmt\nnms");
    expect(result.rotation).toBe(270);
    expect(model.open).toBe(0);
  });

  it("is turned at once when a classifier of pages says so", async () => {
    const looks: number[][] = [];
    const known = { ...set, pageOrientation: MODEL };
    const model = models([], looks);
    const result = await readImage(page(160, 320, strips), known, model, {}, {});
    expect(looks).toEqual([[320, 160]]);
    expect(result.text).toBe("one\ntwo\nthree");
    expect(model.acquired).toEqual(["page-orientation", "detection", "recognition"]);
  });
});

/** The rules are PaddleX's: the functions that the titles name, version 3.7.2. */
import { describe, expect, it } from "vitest";
import { layoutParams } from "../../../../../src/catalog/presets/structure-families.ts";
import type { LayoutParams } from "../../../../../src/catalog/manifest/structure-params.ts";
import { filterBoxes } from "../../../../../src/structure/layout/model/nms.ts";
import type { LayoutBox } from "../../../../../src/structure/layout/model/nms.ts";

const box = (
  label: string,
  score: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
  ...keys: number[]
): LayoutBox => ({ label, score, left, top, right, bottom, keys });

const PLAIN = layoutParams("PP-DocBlockLayout");
const NOTHING: LayoutParams = { ...PLAIN, threshold: 0, nms: false };
const { containment: _containment, ...WITHOUT } = NOTHING;

const labels = (boxes: readonly LayoutBox[]): string[] => boxes.map(({ label }) => label);
const scores = (boxes: readonly LayoutBox[]): number[] => boxes.map(({ score }) => score);

describe("object_detection.processors.nms", () => {
  const params = { ...WITHOUT, nms: true };

  it("drops the weaker of a class from an IoU of 0.6 on, counting pixels", () => {
    const strong = box("text", 0.9, [0, 0, 9, 9]);
    expect(scores(filterBoxes([box("text", 0.8, [0, 0, 9, 7]), strong], params, 99, 99))).toEqual([
      0.9,
    ]);
    // 60 of 100 pixels are just enough, 50 are not; as areas 9 × 5 of 9 × 9 would not be.
    expect(filterBoxes([strong, box("text", 0.8, [0, 0, 9, 5])], params, 99, 99)).toHaveLength(1);
    expect(filterBoxes([strong, box("text", 0.8, [0, 0, 9, 4])], params, 99, 99)).toHaveLength(2);
  });

  it("keeps boxes of different classes up to 0.98, and of equal scores the later row", () => {
    const same = [box("text", 0.5, [0, 0, 99, 99]), box("table", 0.5, [0, 0, 99, 99])];
    expect(labels(filterBoxes(same, params, 200, 200))).toEqual(["table"]);
    const nearly = [box("text", 0.9, [0, 0, 99, 99]), box("table", 0.8, [0, 0, 99, 96])];
    expect(filterBoxes(nearly, params, 200, 200)).toHaveLength(2);
  });
});

describe("DetPostProcess.apply", () => {
  it("drops an image over more than 0.82 of a landscape and 0.93 of a portrait page", () => {
    const rest = box("text", 0.5, [0, 0, 10, 10]);
    const cover = (part: number): LayoutBox => box("image", 0.9, [-5, 0, 100 * part, 50]);
    expect(labels(filterBoxes([cover(0.83), rest], WITHOUT, 100, 50))).toEqual(["text"]);
    expect(filterBoxes([cover(0.82), rest], WITHOUT, 100, 50)).toHaveLength(2);
    const tall = box("image", 0.9, [0, 0, 50, 93]);
    expect(filterBoxes([tall, rest], WITHOUT, 50, 100)).toHaveLength(2);
    expect(filterBoxes([{ ...tall, bottom: 94 }, rest], WITHOUT, 50, 100)).toHaveLength(1);
  });

  it("keeps an image that is all there is", () => {
    const images = [box("image", 0.9, [0, 0, 100, 100]), box("image", 0.8, [0, 0, 100, 99])];
    expect(filterBoxes(images, WITHOUT, 100, 100)).toHaveLength(2);
    expect(filterBoxes(images.slice(0, 1), WITHOUT, 100, 100)).toHaveLength(1);
  });

  it("cuts to the page, and drops what has no area there", () => {
    const found = filterBoxes(
      [box("text", 0.9, [-4, -3, 50.5, 20.5]), box("text", 0.8, [120, 0, 150, 10])],
      WITHOUT,
      100,
      100,
    );
    expect(found).toMatchObject([{ left: 0, top: 0, right: 50.5, bottom: 20.5 }]);
  });
});

describe("check_containment", () => {
  const outer = box("chart", 0.9, [0, 0, 100, 100]);
  const inner = box("text", 0.8, [10, 10, 50, 50]);
  const half = box("text", 0.7, [80, 0, 130, 50]);

  it("large: drops what lies in a box of that label with 0.9 of its area", () => {
    const params: LayoutParams = { ...WITHOUT, containment: { chart: "large" } };
    expect(scores(filterBoxes([outer, inner, half], params, 200, 200))).toEqual([0.9, 0.7]);
    const other: LayoutParams = { ...WITHOUT, containment: { text: "large" } };
    expect(filterBoxes([outer, inner, half], other, 200, 200)).toHaveLength(3);
    const just = box("text", 0.6, [60, 60, 104, 100]);
    expect(filterBoxes([outer, just], params, 200, 200)).toHaveLength(1);
    expect(filterBoxes([outer, { ...just, right: 105 }], params, 200, 200)).toHaveLength(2);
  });

  it("large: leaves formulas in other boxes, but not in formulas", () => {
    const params: LayoutParams = { ...WITHOUT, containment: "large" };
    const formula = box("formula", 0.8, [10, 10, 50, 50]);
    expect(filterBoxes([outer, formula], params, 200, 200)).toHaveLength(2);
    expect(filterBoxes([{ ...outer, label: "formula" }, formula], params, 200, 200)).toHaveLength(
      1,
    );
  });

  it("small: drops what contains others, unless it is contained itself", () => {
    const params: LayoutParams = { ...WITHOUT, containment: "small" };
    const innermost = box("text", 0.6, [20, 20, 30, 30]);
    const found = filterBoxes([outer, inner, innermost], params, 200, 200);
    expect(scores(found)).toEqual([0.8, 0.6]);
  });
});

describe("the order keys", () => {
  it("rise for one, and of equal ones the second falls", () => {
    const rows = [
      box("a", 0.9, [0, 0, 9, 9], 3),
      box("b", 0.8, [20, 0, 29, 9], 1),
      box("c", 0.7, [40, 0, 49, 9], 2),
    ];
    expect(labels(filterBoxes(rows, WITHOUT, 99, 99))).toEqual(["b", "c", "a"]);
    const pairs = [
      box("a", 0.9, [0, 0, 9, 9], 1, 5),
      box("b", 0.8, [20, 0, 29, 9], 1, 7),
      box("c", 0.7, [40, 0, 49, 9], 0, 0),
    ];
    expect(labels(filterBoxes(pairs, WITHOUT, 99, 99))).toEqual(["c", "b", "a"]);
  });
});

describe("layout_analysis.processors.filter_boxes", () => {
  const params: LayoutParams = { ...WITHOUT, overlaps: "by-label" };
  const kept = (...boxes: LayoutBox[]): string[] => labels(filterBoxes(boxes, params, 500, 500));
  const large = [0, 0, 100, 100] as const;
  const small = [10, 10, 60, 60] as const;

  it("cuts to whole pixels, and drops sides below 6 and frames of bibliographies", () => {
    expect(filterBoxes([box("text", 1, [1.9, 2.9, 30.9, 40.9])], params, 500, 500)).toMatchObject([
      { left: 1, top: 2, right: 30, bottom: 40 },
    ]);
    expect(kept(box("text", 1, [0, 0, 5.9, 50]), box("seal", 1, [0, 60, 6, 90]))).toEqual(["seal"]);
    expect(kept(box("reference", 1, large), box("reference_content", 1, small))).toEqual([
      "reference_content",
    ]);
  });

  it("drops the smaller of two that overlap by more than 0.7 of it", () => {
    expect(kept(box("text", 1, small), box("abstract", 1, large))).toEqual(["abstract"]);
    const beside = [0, 70, 50, 170] as const; // 30 × 50 of 100 × 50
    expect(kept(box("text", 1, large), box("abstract", 1, beside))).toHaveLength(2);
  });

  it("drops inline formulas that lie over half in something, or in each other", () => {
    expect(kept(box("text", 1, large), box("inline_formula", 1, small))).toEqual(["text"]);
    expect(kept(box("inline_formula", 1, large), box("inline_formula", 1, small))).toEqual([]);
    const out = [90, 0, 130, 20] as const; // a quarter of it
    expect(kept(box("text", 1, large), box("inline_formula", 1, out))).toHaveLength(2);
  });

  it("lets pictures lie over other things, tables only over pictures", () => {
    for (const label of ["image", "seal", "chart"]) {
      expect(kept(box(label, 1, large), box("text", 1, small))).toHaveLength(2);
      expect(kept(box("table", 1, large), box(label, 1, small))).toHaveLength(2);
      expect(kept(box(label, 1, large), box(label, 1, small))).toHaveLength(1);
    }
    expect(kept(box("table", 1, large), box("text", 1, small))).toEqual(["table"]);
  });
});

describe("layout_parsing.utils.remove_overlap_blocks", () => {
  const params: LayoutParams = { ...WITHOUT, overlaps: "smaller" };
  const kept = (...boxes: LayoutBox[]): string[] => labels(filterBoxes(boxes, params, 500, 500));

  it("drops the smaller of two that overlap by more than half of it, but of an image and another the image", () => {
    const large = [0, 0, 100, 100] as const;
    const small = [10, 10, 60, 60] as const;
    expect(kept(box("text", 1, small), box("table", 1, large))).toEqual(["table"]);
    expect(kept(box("image", 1, large), box("table", 1, small))).toEqual(["table"]);
    expect(kept(box("image", 1, large), box("image", 1, small))).toHaveLength(1);
    const half = [50, 0, 150, 50] as const;
    expect(kept(box("text", 1, large), box("table", 1, half))).toHaveLength(2);
  });
});

import { describe, expect, it } from "vitest";
import { cropQuad } from "../../../src/ocr/crop-margin.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import { box, expectPoints, turn } from "./hand-made.ts";

/** A tenth of the height above and below. */
const PARAMS = { cropMargin: { along: 0, across: 0.1 } };
const LINE = box(10, 50, 100, 20);

describe("cropQuad", () => {
  it("reaches beyond the box by fractions of its height", () => {
    // 0.1 · 20 above and below; 0.5 · 20 at both ends.
    expectPoints(cropQuad(LINE, PARAMS, []), box(10, 48, 100, 24));
    const wide = { cropMargin: { along: 0.5, across: 0 } };
    expectPoints(cropQuad(LINE, wide, []), box(0, 50, 120, 20));
  });

  it("is the box where the model has no margin", () => {
    expect(cropQuad(LINE, {}, [])).toEqual(LINE);
  });

  it("takes half of the gap to a line that is nearer, on its side only", () => {
    // The line ends at 70: a gap of 2 leaves 1; one of 10 more than the margin of 2.
    const near = box(10, 72, 100, 20);
    expectPoints(cropQuad(LINE, PARAMS, [LINE, near]), box(10, 48, 100, 23));
    expectPoints(cropQuad(LINE, PARAMS, [near, box(10, 80, 100, 20)]), box(10, 48, 100, 23));
    // From 27 to 47: a gap of 3 to the line's top at 50.
    expectPoints(cropQuad(LINE, PARAMS, [box(60, 27, 100, 20)]), box(10, 48.5, 100, 23.5));
  });

  it("stays the box between lines that overlap it", () => {
    const around = [box(0, 33, 120, 20), box(0, 67, 120, 20)];
    expectPoints(cropQuad(LINE, PARAMS, around), LINE);
  });

  it("gives up half of the overlap, but no more than the model says", () => {
    const margin = { cropMargin: { ...PARAMS.cropMargin, overlap: 0.1 } };
    // Overlaps of 3 above and 8 below; 0.1 · 20 is 2.
    const around = [box(0, 33, 120, 20), box(0, 62, 120, 20)];
    expectPoints(cropQuad(LINE, margin, around), box(10, 51.5, 100, 16.5));
    expectPoints(cropQuad(LINE, margin, []), box(10, 48, 100, 24));
  });

  it("does not care for what lies beside it, in its row or in another column", () => {
    const aside = [box(112, 51, 80, 20), box(112, 68, 80, 20), box(102, 71, 80, 20)];
    expectPoints(cropQuad(LINE, PARAMS, aside), box(10, 48, 100, 24));
  });

  it("sees the page along the line, whichever way it runs", () => {
    const near = box(10, 72, 100, 20);
    const expected = box(10, 48, 100, 23);
    for (const angle of [0.05, -0.3, 1.2]) {
      const [line, other, crop] = [LINE, near, expected].map((quad) => turn(quad, angle));
      if (!line || !other || !crop) throw new Error("three quads were turned");
      expectPoints(cropQuad(line, PARAMS, [line, other]), crop, 6);
    }
    // Starting at its other end the line stands on its head, and below is above.
    const head = cropQuad(rotateCorners(LINE, 2), PARAMS, [near]);
    expectPoints(rotateCorners(head, 2), expected);
  });
});

import { describe, expect, it } from "vitest";
import { cropper } from "../../../src/ocr/crop-margin.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import { box, expectPoints, turn } from "./hand-made.ts";

/** A tenth of the height above and below, but clear of other lines. */
const MARGIN = { along: 0, across: 0.1, overlap: 0 };
const LINE = box(10, 50, 100, 20);

describe("cropper", () => {
  it("reaches beyond the box by fractions of its height", () => {
    // 0.1 · 20 above and below; 0.5 · 20 at both ends.
    expectPoints(cropper(MARGIN, [])(LINE), box(10, 48, 100, 24));
    const wide = { along: 0.5, across: 0, overlap: 0 };
    expectPoints(cropper(wide, [])(LINE), box(0, 50, 120, 20));
  });

  it("does not care for other lines where the model does not mind them", () => {
    const careless = { along: 0, across: 0.1 };
    expectPoints(cropper(careless, [box(10, 65, 100, 20)])(LINE), box(10, 48, 100, 24));
  });

  it("is the box where the model has no margin", () => {
    expect(cropper(undefined, [])(LINE)).toEqual(LINE);
  });

  it("takes half of the gap to a line that is nearer, on its side only", () => {
    // The line ends at 70: a gap of 2 leaves 1; one of 10 more than the margin of 2.
    const near = box(10, 72, 100, 20);
    expectPoints(cropper(MARGIN, [LINE, near])(LINE), box(10, 48, 100, 23));
    expectPoints(cropper(MARGIN, [near, box(10, 80, 100, 20)])(LINE), box(10, 48, 100, 23));
    // From 27 to 47: a gap of 3 to the line's top at 50.
    expectPoints(cropper(MARGIN, [box(60, 27, 100, 20)])(LINE), box(10, 48.5, 100, 23.5));
  });

  it("stays the box between lines that overlap it", () => {
    const around = [box(0, 33, 120, 20), box(0, 67, 120, 20)];
    expectPoints(cropper(MARGIN, around)(LINE), LINE);
  });

  it("gives up half of the overlap, but no more than the model says", () => {
    const margin = { ...MARGIN, overlap: 0.1 };
    // Overlaps of 3 above and 8 below; 0.1 · 20 is 2.
    const around = [box(0, 33, 120, 20), box(0, 62, 120, 20)];
    expectPoints(cropper(margin, around)(LINE), box(10, 51.5, 100, 16.5));
    expectPoints(cropper(margin, [])(LINE), box(10, 48, 100, 24));
  });

  it("does not care for what lies beside it, in its row or in another column", () => {
    const aside = [box(112, 51, 80, 20), box(112, 68, 80, 20), box(102, 71, 80, 20)];
    expectPoints(cropper(MARGIN, aside)(LINE), box(10, 48, 100, 24));
  });

  it("sees the page along the line, whichever way it runs", () => {
    const near = box(10, 72, 100, 20);
    const expected = box(10, 48, 100, 23);
    for (const angle of [0.05, -0.3, 1.2]) {
      const [line, other, crop] = [LINE, near, expected].map((quad) => turn(quad, angle));
      if (!line || !other || !crop) throw new Error("three quads were turned");
      expectPoints(cropper(MARGIN, [line, other])(line), crop, 6);
    }
    // Starting at its other end the line stands on its head, and below is above.
    const head = cropper(MARGIN, [near])(rotateCorners(LINE, 2));
    expectPoints(rotateCorners(head, 2), expected);
  });
});

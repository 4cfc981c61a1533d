import { describe, expect, it } from "vitest";
import { findStacks } from "../../../src/ocr/stacks.ts";
import { readImage } from "../../../src/ocr/pipeline.ts";
import { box, detector, HandMadeModels, modelSet, recogniser } from "./hand-made.ts";
import { detectorOf, page, readerOf, type Strip } from "./hand-made-page.ts";

/** Five boxes 20 wide and 16 high, every 18 pixels down from (100, 50). */
const PILE = [0, 1, 2, 3, 4].map((i) => box(100, 50 + 18 * i, 20, 16));

describe("findStacks", () => {
  it("takes boxes of one width, close under each other, for one line that runs down", () => {
    // From y = 50 to 50 + 4 · 18 + 16 = 138; the text starts at the top right.
    const quad = [
      [120, 50],
      [120, 138],
      [100, 138],
      [100, 50],
    ];
    expect(findStacks(PILE)).toEqual([{ members: [0, 1, 2, 3, 4], quad }]);
    const mixed = [PILE[3], PILE[0], PILE[4], PILE[2], PILE[1]].map((q) => q ?? box(0, 0, 1, 1));
    expect(findStacks(mixed)).toEqual([{ members: [1, 4, 3, 0, 2], quad }]);
  });

  it("needs four of them", () => {
    expect(findStacks(PILE.slice(0, 4))).toHaveLength(1);
    expect(findStacks(PILE.slice(0, 3))).toEqual([]);
    expect(findStacks([])).toEqual([]);
  });

  it("ends where a gap is more than half a box or an edge is off by more than a quarter", () => {
    // 18 · 2 − 16 = 20 without the third box; half of 16 is 8.
    expect(findStacks(PILE.filter((_, i) => i !== 2))).toEqual([]);
    // A quarter of 20 is 5.
    const moved = (by: number) => [
      ...PILE.slice(0, 2),
      box(100 + by, 86, 20, 16),
      ...PILE.slice(3),
    ];
    expect(findStacks(moved(5))).toHaveLength(1);
    expect(findStacks(moved(6))).toEqual([]);
  });

  it("leaves lines of text and upright strips alone", () => {
    expect(findStacks([0, 1, 2, 3].map((i) => box(0, 18 * i, 33, 16)))).toEqual([]);
    expect(findStacks([0, 1, 2, 3].map((i) => box(0, 45 * i, 20, 42)))).toEqual([]);
  });

  it("finds each of two piles beside each other", () => {
    const other = PILE.map((_, i) => box(300, 52 + 18 * i, 20, 16));
    const stacks = findStacks(PILE.flatMap((quad, i) => [quad, other[i] ?? quad]));
    expect(stacks.map((s) => s.members)).toEqual([
      [0, 2, 4, 6, 8],
      [1, 3, 5, 7, 9],
    ]);
  });
});

describe("letters on their sides", () => {
  // Four strips with a key each: upright they read as x; sideways the crop begins at the top one.
  const SET = modelSet(detector(), recogniser());
  const letters = (sure: number): Strip[] =>
    [0, 1, 2, 3].map((i) => ({
      x: 100,
      y: 32 + 20 * i,
      width: 21,
      height: 17,
      key: 10 + i,
      text: "x",
      sure,
    }));
  const readPile = async (sure: number, column: { text: string; sure: number }) => {
    const strips = letters(sure);
    const upright = readerOf(strips);
    // The pile as one crop is longer than any letter: 77 by 21 is 48 by 176.
    const whole = readerOf([{ ...letters(1)[0], ...column, key: 10 } as Strip]);
    const models = new HandMadeModels({
      detection: detectorOf(strips),
      recognition: (input) => ((input.dims[3] ?? 0) > 128 ? whole(input) : upright(input)),
    });
    return (await readImage(page(320, 160, strips), SET, models, {}, {})).text;
  };

  it("are read as one line where that reads better", async () => {
    expect(await readPile(0.8, { text: "abcd", sure: 1 })).toBe("abcd");
  });

  it("stay as they are where the column reads worse, or shorter than its letters", async () => {
    expect(await readPile(1, { text: "abcd", sure: 0.9 })).toBe("x\nx\nx\nx");
    expect(await readPile(0.6, { text: "abcd", sure: 0.7 })).toBe("x\nx\nx\nx");
    expect(await readPile(0.8, { text: "abc", sure: 1 })).toBe("x\nx\nx\nx");
  });
});

import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { cutCrops, joinPieces, type Piece, type Recognition } from "../../../src/ocr/long-lines.ts";
import { boundsOf } from "../../../src/core/quad.ts";
import { box } from "./hand-made.ts";

const PARAMS = { height: 48, maxWidth: 3200 };

/** A line of 8000 × 40 at (100, 50): 200 heights long. */
const LONG = box(100, 50, 8000, 40);

/** Reads `text`, whose letters stand 20 pixels apart from x = 110 on, where they lie in the piece as a whole. */
function readPiece(text: string, { quad, width, start }: Piece, jitter: number): Recognition {
  const { x, width: pixels } = boundsOf(quad);
  // A step is 8 of 48 pixels of the height.
  const step = (40 * 8) / 48;
  const symbols = Array.from(text).flatMap((letter, i) => {
    const left = 110 + 20 * i + jitter;
    if (left < x || left + 20 > x + pixels) return [];
    const at = Math.round((left + 10 - x) / step - 0.5);
    return [{ text: letter, probability: 1, from: at, to: at }];
  });
  expect(start + width).toBeLessThanOrEqual(1 + 1e-9);
  return { symbols, stepWidth: step / pixels };
}

describe("long lines", () => {
  it("are left whole as long as the network takes them", () => {
    const crops = [box(0, 0, 3200, 48), box(0, 60, 20, 48)];
    const pieces = cutCrops(crops, PARAMS);
    expect(pieces.map(({ crop, start, width }) => [crop, start, width])).toEqual([
      [0, 0, 1],
      [1, 0, 1],
    ]);
    const read: Recognition[] = [0, 1].map(() => ({ symbols: [], stepWidth: 0.1 }));
    expect(joinPieces(crops, pieces, read)).toEqual(read);
  });

  it("are cut into pieces that overlap by three heights and reach to both ends", () => {
    const pieces = cutCrops([box(0, 0, 10, 10), LONG], PARAMS).slice(1);
    // (200 − 3) / (30 − 3) = 7.3 → 8 pieces of (200 + 7 · 3) / 8 heights of 40 pixels.
    expect(pieces).toHaveLength(8);
    const bounds = pieces.map(({ quad }) => boundsOf(quad));
    expect(bounds[0]?.x).toBeCloseTo(100);
    bounds.forEach(({ x, width }, i) => {
      expect(width).toBeCloseTo(1105);
      const next = bounds[i + 1];
      expect(x + width).toBeCloseTo(next ? next.x + 120 : 8100);
    });
  });

  it("are joined without a letter lost or doubled, wherever the pieces place them", () => {
    const text = Array.from({ length: 57 }, (_, i) => `part${i + 10}`)
      .join(" ")
      .slice(0, 395);
    const pieces = cutCrops([LONG], PARAMS);
    assert(
      property(integer({ min: -3, max: 3 }), integer({ min: -3, max: 3 }), (even, odd) => {
        const read = pieces.map((piece, i) => readPiece(text, piece, i % 2 === 0 ? even : odd));
        const [joined] = joinPieces([LONG], pieces, read);
        expect(joined?.symbols.map((symbol) => symbol.text).join("")).toBe(text);
        // Places are in steps of the whole crop.
        const last = joined?.symbols.at(-1);
        const right = ((last?.to ?? 0) + 1) * (joined?.stepWidth ?? 0) * 8000;
        expect(Math.abs(right - 10 - 20 * text.length)).toBeLessThan(20);
      }),
    );
  });

  it("are parted at the middle of what pieces share where they agree on nothing", () => {
    const pieces = cutCrops([box(0, 0, 4000, 40)], PARAMS);
    const read = pieces.map((piece, i) =>
      readPiece((i % 2 === 0 ? "a" : "b").repeat(200), piece, 0),
    );
    const text = joinPieces([box(0, 0, 4000, 40)], pieces, read)[0]?.symbols.map((s) => s.text);
    expect(text?.join("")).toMatch(/^(a{20,}b{20,}){2}$/);
  });
});

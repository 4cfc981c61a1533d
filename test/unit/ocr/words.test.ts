import { describe, expect, it } from "vitest";
import type { CtcSymbol } from "../../../src/ocr/ctc.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import { toLine } from "../../../src/ocr/words.ts";
import type { Line, Quad } from "../../../src/types.ts";
import { box, expectPoints } from "./hand-made.ts";

/** A crop of 100 × 20 pixels in ten steps: step t covers x = 10t … 10t + 10. */
const CROP = box(0, 0, 100, 20);

const at = (text: string, from: number, to: number = from, probability: number = 1): CtcSymbol => ({
  text,
  probability,
  from,
  to,
});

function line(symbols: readonly CtcSymbol[], rightToLeft = false, crop: Quad = CROP): Line {
  return toLine({ symbols, stepWidth: 0.1 }, box(5, 5, 7, 7), crop, rightToLeft);
}

/** Text and horizontal extent of each word. */
function places({ words }: Line): [string, number, number][] {
  return (words ?? []).map(({ text, polygon }) => {
    const [from, to] = [polygon[0][0], polygon[1][0]];
    expectPoints(polygon, box(from, 0, to - from, 20));
    return [text, Number(from.toFixed(6)), Number(to.toFixed(6))];
  });
}

describe("the words of a line", () => {
  it("are split at spaces and reach half a letter beyond the middles of their ends", () => {
    // a and b have their middles at 1.5 and 2.5: a letter is 1 step, the word 1 … 3. c d: 6 … 8.
    const symbols = [at("a", 1), at("b", 2), at(" ", 4), at("c", 6), at("d", 7)];
    const read = line(symbols);
    expect(read.text).toBe("ab cd");
    expect(places(read)).toEqual([
      ["ab", 10, 30],
      ["cd", 60, 80],
    ]);
  });

  it("take the letter's width from the mean distance of the middles", () => {
    // Middles 2, 4.5 and 6 (of steps 1 … 2, 4 and 5 … 6): 4 / 2 = 2 per letter: 1 … 7.
    expect(places(line([at("a", 1, 2), at("b", 4), at("c", 5, 6)]))).toEqual([["abc", 10, 70]]);
  });

  it("of one letter are a step wide", () => {
    expect(places(line([at("a", 3)]))).toEqual([["a", 30, 40]]);
    // Steps 3 … 6: middle 5.
    expect(places(line([at("a", 3, 6)]))).toEqual([["a", 45, 55]]);
  });

  it("end half of the way to the next word", () => {
    // a b: middles 0.5 and 4.5, half a letter is 2, and 4.5 + 2 would pass the c at 6.5.
    // Half of the way is 5.5. c is one letter: 6 … 7.
    expect(places(line([at("a", 0), at("b", 4), at(" ", 5), at("c", 6)]))).toEqual([
      ["ab", 0, 55],
      ["c", 60, 70],
    ]);
    // And from the right: c d at 4.5 and 8.5 would begin at 2.5; the a before is at 3.5: 4.
    expect(places(line([at("a", 3), at(" ", 4), at("c", 4), at("d", 8)]))).toEqual([
      ["a", 30, 40],
      ["cd", 40, 100],
    ]);
  });

  it("stay inside the crop", () => {
    // Middles 0.5 and 9.5: half a letter is 4.5: −4 … 14.
    expect(places(line([at("a", 0), at("b", 9)]))).toEqual([["ab", 0, 100]]);
  });

  it("follow a crop that runs down the page", () => {
    const down = rotateCorners(box(50, 100, 20, 200), 1);
    // From the top right downwards, 20 pixels a step: steps 1 … 3 are y = 120 … 160.
    const word = line([at("a", 1), at("b", 2)], false, down).words?.[0];
    expectPoints(word?.polygon ?? [], rotateCorners(box(50, 120, 20, 40), 1));
  });

  it("have the mean probability of their letters, as the line has of all of them", () => {
    const symbols = [
      at("a", 0, 0, 1),
      at("b", 1, 1, 0.5),
      at(" ", 2, 2, 0.75),
      at("c", 4, 4, 0.75),
    ];
    const read = line(symbols);
    expect(read.words?.map((w) => w.confidence)).toEqual([0.75, 0.75]);
    expect(read.confidence).toBe(0.75); // (1 + 0.5 + 0.75) / 3; a space of 0.75 would not change it
  });

  it("are split at faint spaces as well", () => {
    const symbols = [at("a", 0), at(" ", 2, 2, 0.06), at("b", 4)];
    expect(line(symbols).words?.map((w) => [w.text, w.confidence])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  it("do not include spaces at the ends of a line", () => {
    const read = line([at(" ", 0), at("a", 2), at("\u3000", 4), at("b", 6), at(" ", 8)]);
    expect(read.text).toBe("a\u3000b");
    expect(read.words?.map((w) => w.text)).toEqual(["a", "b"]);
  });

  it("are single characters in Chinese and Japanese", () => {
    const symbols = [at("漢", 0), at("字", 2), at("か", 4), at("ナ", 6)];
    const read = line(symbols);
    expect(read.text).toBe("漢字かナ");
    expect(places(read)).toEqual([
      ["漢", 0, 10],
      ["字", 20, 30],
      ["か", 40, 50],
      ["ナ", 60, 70],
    ]);
  });

  it("part Latin and Chinese without a space", () => {
    const symbols = Array.from("ab漢cd", (c, i) => at(c, 2 * i));
    // a b: middles 0.5, 2.5, half a letter is 1, up to 3.5 = half of the way to the 漢 at 4.5.
    // c d likewise from 5.5: 6.5 − 1.
    expect(places(line(symbols))).toEqual([
      ["ab", 0, 35],
      ["漢", 40, 50],
      ["cd", 55, 95],
    ]);
  });

  it("have a mean of what is printed: a space says nothing of the letters", () => {
    const symbols = [at("a", 0, 0, 0.75), at(" ", 2, 2, 0.05), at("b", 4, 4, 0.25)];
    expect(line(symbols).confidence).toBe(0.5);
  });

  it("keep Korean words whole, and characters outside the BMP single", () => {
    const korean = Array.from("한글 글", (c, i) => at(c, i));
    expect(line(korean).words?.map((w) => w.text)).toEqual(["한글", "글"]);
    expect(line([at("𠮷", 0), at("𠮷", 2)]).words?.map((w) => w.text)).toEqual(["𠮷", "𠮷"]);
  });

  it("of no symbols are none", () => {
    const polygon = box(5, 5, 7, 7);
    expect(line([])).toEqual({ text: "", confidence: 0, polygon, words: [] });
    expect(line([at(" ", 1)])).toMatchObject({ text: "", words: [] });
  });
});

describe("right-to-left scripts", () => {
  it("keep digits and Latin letters in order inside right-to-left text", () => {
    // As they stand on the page from the left: ב א, then 20. Read from the right: 20 first.
    const symbols = [at("ב", 0), at("א", 1), at(" ", 3), at("2", 5), at("0", 6)];
    expect(line(symbols, true).text).toBe("20 אב");
    expect(line(symbols, true).words?.map((w) => w.text)).toEqual(["20", "אב"]);
  });

  it("are reversed, letters and words, and keep their places", () => {
    // Seen from the left: bet alef, a space, dalet gimel. Read from the right: gimel dalet, alef bet.
    const [alef, bet, gimel, dalet] = ["\u05d0", "\u05d1", "\u05d2", "\u05d3"];
    const symbols = [at(bet, 1), at(alef, 2), at(" ", 4), at(dalet, 6), at(gimel, 7)];
    const read = line(symbols, true);
    expect(read.text).toBe(`${gimel}${dalet} ${alef}${bet}`);
    expect(places(read)).toEqual([
      [`${gimel}${dalet}`, 60, 80],
      [`${alef}${bet}`, 10, 30],
    ]);
  });
});

describe("the polygon of a line", () => {
  it("is the detected box, whatever crop was read", () => {
    expect(line([at("a", 1)]).polygon).toEqual(box(5, 5, 7, 7));
  });
});

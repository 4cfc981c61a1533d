import { describe, expect, it } from "vitest";
import { isGarbage } from "../../../../../workers/pdf/layer/trust.ts";

describe("text of a font", () => {
  it.each([
    ["nothing", ""],
    ["running text", "The quick brown fox, they say, jumps over the lazy dog."],
    ["a table of numbers", "12.5 % 1,204.00 -3.1 (17) $ 44.10 + 5 / 6"],
    ["contents", "Introduction ............................................ 7"],
    ["a program", "for (const [i, x] of xs.entries()) sum += x * w[i];"],
    ["Chinese", "提高生产力，解决问题。"],
    ["Hindi", "हिन्दी में लिखा हुआ पाठ"],
    ["icons among words", "\uF0B7 first point \uF0B7 second point \uF0B7 third point"],
    ["three bullets of their own font", "\uF0B7\n\uF0B7\n\uF0B7"],
    ["signs of their own font", "•••–—"],
    ["mathematics of its own font", "∑(∫[√]×≤)≥→∂∞(−·)∈{∀}[±]≈≠⊂()()()[][]"],
  ])("%s is text", (_, text) => {
    expect(isGarbage(text)).toBe(false);
  });

  it.each([
    ["control characters", "\u0019\u0012\u0013\u0011"],
    ["subset codes", '"7+%- #)(* !"$ %&\'( +,-./ "#$%&'],
    ["replacement characters", "���� ��� a ��"],
    ["private use", "\uE001\uE002\uE003\uE004 \uE010\uE011"],
    ["glyph numbers", "(cid:12)(cid:7)(cid:33) and (cid:9)(cid:18)"],
  ])("%s are garbage", (_, text) => {
    expect(isGarbage(text)).toBe(true);
  });
});

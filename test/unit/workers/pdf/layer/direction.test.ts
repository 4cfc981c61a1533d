import { describe, expect, it } from "vitest";
import { logicalOrder } from "../../../../../workers/pdf/layer/direction.ts";

const read = (visual: string): string =>
  logicalOrder(Array.from(visual, (text) => ({ text })))
    .map(({ text }) => text)
    .join("");

describe("the order of reading", () => {
  it.each([
    ["left to right", "Total 45.90", "Total 45.90"],
    ["Hebrew", "םולש", "שלום"],
    ["a number in Hebrew", "45.90 ריחמ", "מחיר 45.90"],
    ["a number in Arabic digits", "رعسلا ٤٥", "٤٥ السعر"],
    ["a word in Hebrew", "הנקתה PDF לש", "של PDF התקנה"],
    ["Hebrew in English", "the word םולש means", "the word שלום means"],
  ])("of %s", (_, visual, logical) => {
    expect(read(visual)).toBe(logical);
  });
});

import { describe, expect, it } from "vitest";
import { parsePageRange } from "../../../src/document/page-range.ts";

describe("parsePageRange", () => {
  it.each([
    [undefined, 3, [1, 2, 3]],
    ["2", 3, [2]],
    ["1-5,8,r2-r1", 10, [1, 2, 3, 4, 5, 8, 9, 10]],
    ["r1", 10, [10]],
    ["5-3", 10, [5, 4, 3]],
    ["r1-1", 3, [3, 2, 1]],
    [" 1 - 2 , 4 ", 4, [1, 2, 4]],
    // Twice is once, at the first place.
    ["3,1-4,3", 4, [3, 1, 2, 4]],
  ])("%j of %i pages is %j", (text, count, pages) => {
    expect(parsePageRange(text, count)).toEqual(pages);
  });

  it.each(["4", "0", "1-4", "r4", "r0", "2-r4"])("%s is not in a document of 3 pages", (text) => {
    expect(() => parsePageRange(text, 3)).toThrow(
      expect.objectContaining({ code: "PAGE_NOT_FOUND" }),
    );
  });

  it.each(["", "a", "1,", "1--2", "-1", "1.5", "r"])("%j is no range", (text) => {
    expect(() => parsePageRange(text, 3)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("r1") }),
    );
  });
});

import { expect, test } from "vitest";
import type { BlockType, Quad } from "../../../src/types.ts";
import {
  blockRegions,
  intersectionOverUnion,
  matchRegions,
  type PubLayNetClass,
  type Region,
  scoreRegions,
  sumFound,
} from "../../bench/structure/publaynet.ts";
import { toHtml } from "../../bench/structure/pubtabnet.ts";
import { formatTable, rate } from "../../bench/structure/report.ts";

const region = (
  label: PubLayNetClass,
  x: number,
  y: number,
  width: number,
  height: number,
  confidence = 1,
): Region => ({ label, x, y, width, height, confidence });

const block = (type: BlockType): { type: BlockType; polygon: Quad; confidence: number } => ({
  type,
  polygon: [
    [10, 20],
    [40, 22],
    [40, 52],
    [10, 50],
  ],
  confidence: 0.8,
});

test("intersection over union", () => {
  const a = { x: 0, y: 0, width: 10, height: 10 };
  expect(intersectionOverUnion(a, a)).toBe(1);
  expect(intersectionOverUnion(a, { x: 5, y: 0, width: 10, height: 10 })).toBeCloseTo(1 / 3);
  expect(intersectionOverUnion(a, { x: 10, y: 0, width: 10, height: 10 })).toBe(0);
});

test("blocks become regions of PubLayNet's classes", () => {
  expect(blockRegions([block("heading")])).toEqual([region("title", 10, 20, 30, 32, 0.8)]);
  expect(blockRegions([block("caption"), block("chart")]).map(({ label }) => label)).toEqual([
    "text",
    "figure",
  ]);
  expect(blockRegions([block("header"), block("page-number")])).toEqual([]);
});

test("a region of the truth is matched once, by the surest", () => {
  const truth = [region("text", 0, 0, 100, 100)];
  const output = [region("text", 0, 0, 100, 90, 0.5), region("text", 0, 0, 100, 80, 0.9)];
  expect(matchRegions(output, truth)).toEqual({ truth: 1, output: 2, matched: 1 });
});

test("less than half an overlap is none", () => {
  const truth = [region("text", 0, 0, 100, 100)];
  expect(matchRegions([region("text", 0, 0, 100, 49)], truth).matched).toBe(0);
  expect(matchRegions([region("text", 0, 0, 100, 50)], truth).matched).toBe(1);
});

test("classes are scored apart, and together without their names", () => {
  const truth = [region("text", 0, 0, 10, 10), region("table", 0, 20, 10, 10)];
  const output = [region("text", 0, 0, 10, 10), region("figure", 0, 20, 10, 10)];
  const score = scoreRegions(output, truth);
  expect(score.text).toEqual({ truth: 1, output: 1, matched: 1 });
  expect(score.table).toEqual({ truth: 1, output: 0, matched: 0 });
  expect(score.figure).toEqual({ truth: 0, output: 1, matched: 0 });
  expect(score.any).toEqual({ truth: 2, output: 2, matched: 2 });
  expect(sumFound([score.text, score.table])).toEqual({ truth: 2, output: 1, matched: 1 });
});

test("PubTabNet's tokens as HTML", () => {
  const structure = {
    tokens: ["<tr>", "<td>", "</td>", "<td", ' colspan="2"', ">", "</td>", "</tr>"],
  };
  const cells = [{ tokens: ["<b>", "a", "</b>"] }, { tokens: [] }];
  expect(toHtml({ filename: "x.png", html: { structure, cells } })).toBe(
    '<table><tr><td><b>a</b></td><td colspan="2"></td></tr></table>',
  );
});

test("tables of results line up", () => {
  expect(
    formatTable(
      ["page", "text"],
      [
        ["long name", rate(0.5)],
        ["b", rate(undefined)],
      ],
    ),
  ).toBe("page        text\nlong name  0.500\nb              –");
});

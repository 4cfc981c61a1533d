import { expect, test } from "vitest";
import { addDifferences, agreement, compareReadings } from "../../bench/agreement/compare.ts";
import type { Result } from "../../bench/agreement/measure.ts";
import { planRegions } from "../../bench/agreement/plan.ts";
import { complaints } from "../../bench/agreement/report.ts";

/** Lines of 100 × 10 pixels, 20 apart, from the given row on. */
function reading(...rows: [row: number, text: string, confidence?: number, right?: number][]) {
  const lines = rows.map(([row, text, confidence = 0.9, right = 100]) => {
    const [top, bottom] = [20 * row, 20 * row + 10];
    const polygon = [
      [0, top],
      [right, top],
      [right, bottom],
      [0, bottom],
    ] as const;
    return { text, confidence, polygon };
  });
  return { lines, ms: 0 };
}

test("equal readings agree in everything", () => {
  const one = reading([0, "Total"], [1, "12.50"]);
  const difference = compareReadings(one, one);
  expect(difference).toMatchObject({ lines: 2, characters: 10, edits: 0, equalLines: 2 });
  expect(difference).toMatchObject({ equalReadings: 1, polygon: 0, confidence: 0 });
  expect(agreement(difference)).toBe(1);
});

test("one character, a moved corner and another confidence are seen", () => {
  const difference = compareReadings(
    reading([0, "Total", 0.9], [1, "12.50"]),
    reading([0, "Tota1", 0.8, 103], [1, "12.50"]),
  );
  expect(difference).toMatchObject({ edits: 1, equalLines: 1, equalReadings: 0, polygon: 3 });
  expect(difference.confidence).toBeCloseTo(0.1);
  expect(difference.examples).toEqual(['"Total" became "Tota1"']);
  expect(agreement(difference)).toBeCloseTo(0.9);
});

test("a line that one side lacks counts with all its characters, and only it", () => {
  const two = reading([0, "Total"], [1, "12.50"]);
  const one = reading([1, "12.50"]);
  expect(compareReadings(two, one)).toMatchObject({ edits: 5, equalLines: 1, alone: 1 });
  expect(compareReadings(one, two)).toMatchObject({ edits: 5, equalLines: 1, alone: 1 });
  expect(compareReadings(two, reading())).toMatchObject({ edits: 10, equalLines: 0, alone: 2 });
});

test("the same lines in another order are the same text, but not the same reading", () => {
  const difference = compareReadings(reading([0, "a"], [1, "b"]), reading([1, "b"], [0, "a"]));
  expect(difference).toMatchObject({ edits: 0, equalLines: 2, equalReadings: 0 });
});

test("differences add up, the largest of distances", () => {
  const near = compareReadings(reading([0, "ab"]), reading([0, "ab", 0.9, 101]));
  const far = compareReadings(reading([0, "cd"]), reading([0, "ce", 0.9, 102]));
  expect(addDifferences([far, near])).toMatchObject({
    lines: 2,
    characters: 4,
    edits: 1,
    equalLines: 1,
    equalReadings: 1,
    polygon: 2,
  });
});

test("nothing compared is no agreement, and fails", () => {
  expect(agreement(compareReadings(reading(), reading()))).toBe(0);
  expect(complaints([])).toEqual(["nothing was compared"]);
  expect(complaints([result({ lines: 0, characters: 0 })])).toContain(
    "jspi, small detection: no lines were compared",
  );
});

test("what is too little, elsewhere than on WebGPU or too different fails", () => {
  expect(complaints([result({})])).toEqual([]);
  const wrong: Partial<Result>[] = [
    { lines: 99 },
    { pages: 2 },
    { edits: 3 },
    { allOnGpu: false },
    { build: "asyncify" },
  ];
  for (const one of wrong) expect(complaints([result(one)])).toHaveLength(1);
});

test("regions are tiles ten lines' heights wide and twenty high, those with most boxes first", () => {
  const box = (x0: number, y0: number) => ({ text: "x", x0, y0, x1: x0 + 20, y1: y0 + 10 });
  expect(planRegions([box(0, 0), box(110, 210), box(130, 250)])).toEqual([
    { x: 100, y: 200, width: 100, height: 200 },
    { x: 0, y: 0, width: 100, height: 200 },
  ]);
});

function result(changes: Partial<Result>): Result {
  return {
    ...compareReadings(reading(), reading()),
    build: "jspi",
    detection: "small",
    pages: 3,
    parts: 10,
    lines: 100,
    characters: 2000,
    info: {
      backend: "webgpu",
      reason: "",
      runtime: "jspi",
      threads: 1,
      models: "custom",
      modelIds: [],
      workers: 1,
      isolation: "worker",
      isolationReason: "",
    },
    adapter: undefined,
    models: [],
    allOnGpu: true,
    wasmMs: 0,
    gpuMs: 0,
    ...changes,
  };
}

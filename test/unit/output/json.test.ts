import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { GlyphpoolError } from "../../../src/errors.ts";
import { createWriter } from "../../../src/output/formats.ts";
import { bare, box, line, manifoldPage, page, turnedLine } from "./hand-made.ts";

type Schema = { properties: Record<string, Schema>; $defs: Record<string, Schema>; items: Schema };

const SCHEMA = JSON.parse(
  readFileSync(new URL("../../../schema/page.schema.json", import.meta.url), "utf8"),
) as Schema;

const validate: ValidateFunction = new Ajv2020({ strict: true, allErrors: true }).compile(SCHEMA);

const CORNERS = box(0, 0, 1, 1);

function expectValid(record: unknown): void {
  validate(record);
  expect(validate.errors ?? []).toEqual([]);
}

const FAILED = page([], { number: 3, error: new GlyphpoolError("IMAGE_CORRUPT", "cut off") });
const WARNED = page([], { warnings: [{ code: "PICTURES_NOT_READ", message: "A line was cut." }] });
const MEASURED = page([line("ab c", 10, 20)], {
  dpi: 300,
  rotation: 90.5,
  source: "layer",
  blocks: [{ type: "text", polygon: CORNERS, order: 0, confidence: 1, text: "ab c", lines: [0] }],
});

describe("JSON", () => {
  it("is an array with a page on each line, whatever the number of pages", () => {
    const write = (count: number): string => {
      const writer = createWriter("json");
      const pages = Array.from({ length: count }, (_, i) =>
        writer.page(page([], { number: i + 1 })),
      );
      return writer.head() + pages.join("") + writer.tail();
    };
    expect(write(0)).toBe("[]\n");
    expect(write(3).split("\n")).toHaveLength(6);
    expect((JSON.parse(write(3)) as { page: number }[]).map((item) => item.page)).toEqual([
      1, 2, 3,
    ]);
  });

  it("holds what is known of a page, and no more digits than mean something", () => {
    const skewed = turnedLine(line("ab c", 10, 20, { confidence: 0.123_456 }), 1, [0, 0]);
    const writer = createWriter("jsonl", { source: "a.pdf", language: "en" });
    const written = writer.page({ ...MEASURED, lines: [skewed] });
    expect(written.endsWith("}\n")).toBe(true);
    // x = 10 cos 1° - 20 sin 1° = 9.9985 - 0.3490, y = 10 sin 1° + 20 cos 1° = 0.1745 + 19.9970
    expect(JSON.parse(written)).toMatchObject({
      file: "a.pdf",
      page: 1,
      source: "layer",
      language: "en",
      width: 1000,
      height: 1400,
      dpi: 300,
      rotation: 90.5,
      lines: [{ text: "ab c", confidence: 0.1235, words: [{ text: "ab" }, { text: "c" }] }],
    });
    const [record] = (JSON.parse(written) as { lines: { polygon: number[][] }[] }).lines;
    expect(record?.polygon[0]).toEqual([9.65, 20.17]);
  });

  it("says why a page could not be read", () => {
    const record = JSON.parse(createWriter("jsonl").page(FAILED)) as Record<string, unknown>;
    expect(record).toMatchObject({ page: 3, error: { code: "IMAGE_CORRUPT", message: "cut off" } });
  });

  it("leaves out words where there are none", () => {
    const record = createWriter("jsonl").page(page([bare("ab", box(0, 0, 9, 9))]));
    expect(record).not.toContain("words");
  });
});

describe("the schema of a page", () => {
  const pages = [manifoldPage({ dpi: 300 }), page([]), FAILED, MEASURED, WARNED];
  const info = { source: "a.pdf", language: "zh-Hant" };
  const writer = createWriter("jsonl", info);
  const records = pages.map((each) => JSON.parse(writer.page(each)) as Record<string, unknown>);

  it("accepts what is written", () => {
    for (const record of records) expectValid(record);
  });

  it("names every field that is written", () => {
    const { properties, $defs } = SCHEMA;
    const piece = Object.keys($defs["piece"]?.properties ?? {});
    const own = (record: object): string[] => Object.keys(record);
    const known = Object.keys(properties);
    expect(records.flatMap(own).filter((name) => !known.includes(name))).toEqual([]);
    expect(new Set(records.flatMap(own))).toEqual(new Set(known));
    const lines = records.flatMap((record) => record["lines"] as object[]);
    expect(new Set(lines.flatMap(own))).toEqual(new Set([...piece, "words"]));
  });

  it.each([
    ["a page without a number", { page: undefined }],
    ["page 0", { page: 0 }],
    ["a corner too few", { lines: [{ text: "", confidence: 1, polygon: [[0, 0]] }] }],
    ["a confidence in percent", { lines: [{ text: "", confidence: 90, polygon: CORNERS }] }],
    [
      "a word that is a text",
      { lines: [{ text: "", confidence: 1, polygon: CORNERS, words: ["a"] }] },
    ],
    ["a warning without a code", { warnings: [{ message: "cut" }] }],
    ["an empty list of warnings", { warnings: [] }],
    ["another source", { source: "guess" }],
  ])("rejects %s", (_, change) => {
    expect(validate(JSON.parse(JSON.stringify({ ...records[1], ...change })))).toBe(false);
  });
});

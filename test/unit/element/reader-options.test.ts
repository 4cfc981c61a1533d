import { describe, expect, it } from "vitest";
import { engineOptions, pagesOptions } from "../../../src/element/reader-options.ts";

const element = (attributes: Record<string, string>) => ({
  getAttribute: (name: string): string | null => attributes[name] ?? null,
});

describe("engineOptions", () => {
  it("holds what the attributes name, and nothing else", () => {
    expect(engineOptions(element({}))).toEqual({});
    const attributes = { models: "ppocr-v6-tiny", language: "ko", budget: "256MiB" };
    expect(engineOptions(element({ ...attributes, backend: "wasm", "idle-timeout": "0" }))).toEqual(
      {
        models: "ppocr-v6-tiny",
        language: "ko",
        memory: { budget: "256MiB" },
        backend: "wasm",
        idleTimeout: 0,
      },
    );
  });

  it("raises the limits of an image", () => {
    const attributes = { "max-pixels": "200000000", "max-side": "40000" };
    expect(engineOptions(element(attributes))).toEqual({
      limits: { maxPixels: 200_000_000, maxSide: 40_000 },
    });
  });

  it("hands the folder of the files on", () => {
    expect(engineOptions(element({ base: "../x/", models: "ppocr-v6-tiny" }))).toEqual({
      base: "../x/",
      models: "ppocr-v6-tiny",
    });
  });
});

describe("pagesOptions", () => {
  it.each([
    [{}, { layout: true, tables: true }],
    [{ structure: "none" }, {}],
    [{ structure: "layout" }, { layout: true }],
    [
      { structure: "tables formulas charts", pages: "1-3" },
      { layout: true, tables: true, formulas: "defer", charts: true, pages: "1-3" },
    ],
  ])("of %j are %j", (attributes, options) => {
    expect(pagesOptions(element(attributes))).toEqual(options);
  });
});

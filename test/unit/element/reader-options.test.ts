import { afterEach, describe, expect, it, vi } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import { filesOf } from "../../../src/catalog/manifest/manifest.ts";
import type { ModelSet } from "../../../src/catalog/manifest/manifest.ts";
import { engineOptions, pagesOptions } from "../../../src/element/reader-options.ts";

const element = (attributes: Record<string, string>) => ({
  getAttribute: (name: string): string | null => attributes[name] ?? null,
});

afterEach(() => vi.unstubAllGlobals());

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

  it("takes the embedded models from another folder, by their file names", () => {
    vi.stubGlobal("document", { baseURI: "https://page.test/shop/" });
    const { models } = engineOptions(element({ base: "../vendor/" }));
    const files = filesOf(models as ModelSet);
    expect(files.map(({ url }) => url)).toEqual(
      filesOf(EMBEDDED).map(({ name }) => `https://page.test/vendor/${name}`),
    );
    expect(files.map(({ sha256 }) => sha256)).toEqual(filesOf(EMBEDDED).map((file) => file.sha256));
    expect(filesOf(EMBEDDED)[0]?.url).toMatch(/^file:/);
  });

  it("leaves other models where they are", () => {
    expect(engineOptions(element({ base: "/x/", models: "ppocr-v6-tiny" }))).toEqual({
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

import { afterEach, describe, expect, it, vi } from "vitest";
import { EMBEDDED, embeddedIn } from "../../../src/catalog/presets/embedded.ts";
import { filesOf } from "../../../src/catalog/manifest/manifest.ts";
import { resolveBase } from "../../../src/options/base.ts";
import { resolveSettings } from "../../../src/options/engine.ts";

afterEach(() => vi.unstubAllGlobals());

describe("base", () => {
  it("is one folder for the workers and the models, relative to the page", () => {
    vi.stubGlobal("document", { baseURI: "https://page.test/shop/" });
    expect(resolveBase("../vendor")).toEqual({
      workers: "https://page.test/vendor/",
      models: "https://page.test/vendor/",
    });
    expect(resolveBase(undefined)).toEqual({});
  });

  it("is a folder for each kind of file", () => {
    const base = { runtime: new URL("https://cdn.test/ort/"), workers: "https://cdn.test/w" };
    expect(resolveSettings({ base }).base).toEqual({
      runtime: "https://cdn.test/ort/",
      workers: "https://cdn.test/w/",
    });
  });

  it.each([7, null, "not/absolute", { wasm: "https://cdn.test/" }, { models: 3 }])(
    "refuses %j",
    (base) => {
      const wrong = (): unknown => resolveSettings({ base: base as never });
      expect(wrong).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    },
  );

  it("moves the embedded models by their names and keeps their hashes", () => {
    const files = filesOf(embeddedIn("https://page.test/vendor/"));
    expect(files.map(({ url }) => url)).toEqual(
      filesOf(EMBEDDED).map(({ name }) => `https://page.test/vendor/${name}`),
    );
    expect(files.map(({ sha256 }) => sha256)).toEqual(filesOf(EMBEDDED).map((file) => file.sha256));
    expect(filesOf(EMBEDDED)[0]?.url).toMatch(/^file:/);
  });
});

import { readFileSync } from "node:fs";
import { assert, property, string } from "fast-check";
import { XmlDocument } from "libxml2-wasm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createWriter, formatPage, TEXT_FORMATS } from "../../../src/output/formats.ts";
import { SOFTWARE, SOFTWARE_VERSION } from "../../../src/output/software.ts";
import { line, manifoldPage, page } from "./hand-made.ts";

describe("writers", () => {
  it.each(TEXT_FORMATS)(
    "write %s page by page: what was written does not change afterwards",
    (format) => {
      const pages = [manifoldPage(), page([], { number: 2 }), manifoldPage({ number: 3 })];
      const one = createWriter(format);
      const parts = [one.head(), ...pages.map((each) => one.page(each)), one.tail()];
      // A run that is broken off has the same first parts.
      const other = createWriter(format);
      expect([other.head(), other.page(pages[0] as (typeof pages)[0])]).toEqual(parts.slice(0, 2));
      expect(parts.join("").isWellFormed() || format === "json" || format === "jsonl").toBe(true);
    },
  );

  it.each(TEXT_FORMATS)("write a page alone as %s like a document of one", (format) => {
    const writer = createWriter(format, { source: "a" });
    const whole = writer.head() + writer.page(page([line("a", 0, 0)])) + writer.tail();
    const { width, height, rotation, text, lines, timings } = page([line("a", 0, 0)]);
    expect(
      formatPage({ width, height, rotation, text, lines, timings }, format, { source: "a" }),
    ).toBe(whole);
  });

  it("write XML that can be parsed, whatever the text and the names are", () => {
    assert(
      property(string({ unit: "binary" }), string({ unit: "binary" }), (text, source) => {
        for (const format of ["hocr", "alto"] as const) {
          const xml = formatPage(page([line(text, 0, 0)]), format, { source, title: source });
          XmlDocument.fromString(xml).dispose();
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["format", "xml", undefined, "format"],
    ["language", "hocr", { language: "en_US" }, "language"],
    ["source", "hocr", { source: 1 }, "source"],
    ["layout", "text", { layout: "yes" }, "layout"],
    ["an unknown option", "text", { lang: "en" }, "lang"],
    ["no object", "text", null, "info"],
  ])("refuse a bad %s and name it", (_, format, info, name) => {
    const create = (): unknown => createWriter(format as never, info as never);
    expect(create).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(create).toThrow(name);
  });

  it("name the version of the package", () => {
    const manifest = JSON.parse(
      readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
    ) as { name: string; version: string; files: string[] };
    expect([SOFTWARE, SOFTWARE_VERSION]).toEqual([manifest.name, manifest.version]);
    expect(manifest.files).toContain("schema");
  });
});

describe("the library", () => {
  afterEach(() => {
    vi.doUnmock("@cantoo/pdf-lib");
    vi.resetModules();
  });

  it("loads the PDF library with the first searchable PDF, not before", async () => {
    let loaded = false;
    vi.resetModules();
    vi.doMock("@cantoo/pdf-lib", async (original) => {
      loaded = true;
      return await original();
    });
    const { formatPage: format, searchablePdf } = await import("../../../src/index.ts");
    format(page([line("a", 0, 0)]), "alto");
    expect(loaded).toBe(false);
    await searchablePdf();
    expect(loaded).toBe(true);
  });
});

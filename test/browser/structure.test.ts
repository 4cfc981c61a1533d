/** The structure of pages in a browser, in threads and beside a GPU that is emulated. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";

const ARTICLE: string = new URL("../fixtures/pages/article.png", import.meta.url).href;

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ backend: "wasm" });
});
afterAll(() => engine.close());

it("is found with the text", async () => {
  const page = await engine.read(ARTICLE, { tables: true, charts: true });
  expect(page.blocks?.map(({ type }) => type)).toEqual([
    "header",
    "title",
    "heading",
    "text",
    "list",
    "heading",
    "text",
    "figure",
    "caption",
    "caption",
    "table",
    "page-number",
  ]);
  expect(page.toMarkdown()).toContain("| Old harbour | 4.18 | 1.96 | 3584 |");
  const figure = page.blocks?.find(({ type }) => type === "figure")?.image;
  // As the platform shows pictures.
  const { data, width, height } = figure ?? { data: [], width: 0, height: 0 };
  const shown = new ImageData(new Uint8ClampedArray(data), width, height);
  expect(shown.width).toBeGreaterThan(200);
});

it("comes later where it is deferred, from a bitmap at once", async () => {
  const updated = new Promise<string>((resolve) => {
    void engine.read(ARTICLE, {
      tables: "defer",
      onUpdate: ({ page, error }) => resolve(error ? error.message : page.toMarkdown()),
    });
  });
  expect(await updated).toContain("| Seal rock | 3.87 | 1.72 | 3501 |");
  const bitmap = await createImageBitmap(await (await fetch(ARTICLE)).blob());
  const page = await engine.read(bitmap, { tables: "defer", onUpdate: () => undefined });
  expect(page.toMarkdown()).toContain("| Seal rock | 3.87 | 1.72 | 3501 |");
});

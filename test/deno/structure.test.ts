/** The structure of pages through the engine: what is found, what is loaded for it, and when. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import type { ModelFile, StructureModel } from "../../src/catalog/manifest/manifest.ts";
import {
  COMER_DECODER_MODEL,
  COMER_ENCODER,
} from "../../src/catalog/presets/structure-formulas.ts";
import { createEngine } from "../../src/index.ts";
import type { Block, Engine, ModelSet, PageUpdate, RgbaImage } from "../../src/index.ts";
import { denoDecoder } from "../../src/image/decode-deno.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { applyOrientation } from "../../src/image/pixels/orient.ts";
import { DEFAULT_LIMITS } from "../../src/options/limits.ts";
import { drawFormula } from "../fixtures/handwriting.ts";

const ARTICLE = new URL("../fixtures/pages/article.png", import.meta.url);

const TYPES = [
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
];

const typesOf = (blocks: readonly Block[] | undefined): string[] =>
  (blocks ?? []).map(({ type }) => type);

const tableOf = (blocks: readonly Block[] | undefined): string[][] => {
  const { table } = blocks?.find(({ type }) => type === "table") ?? {};
  return Array.from({ length: table?.rows ?? 0 }, (_, row) =>
    (table?.cells ?? []).filter((cell) => cell.row === row).map(({ text }) => text),
  );
};

const HEIGHTS = [
  ["Station", "Spring", "Neap", "Days"],
  ["North light", "4.52", "2.10", "3610"],
  ["Old harbour", "4.18", "1.96", "3584"],
  ["Seal rock", "3.87", "1.72", "3501"],
];

/** Of the article: the table, and the same with its caption. */
const TABLE = { x: 140, y: 630, width: 620, height: 196 };
const CAPTIONED = { x: 140, y: 595, width: 620, height: 231 };

/** With a budget of three heaps the level is `warning`: one below the heap would end the worker. */
const SHORT = { warning: 0.05, critical: 0.95 };

describe("the structure of a page, without a model for it", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ backend: "wasm", workers: 1, memory: SHORT });
  });
  afterAll(() => engine.close());

  it("has every part in reading order, the table's cells and the figure's picture", async () => {
    const page = await engine.read(ARTICLE, { tables: true, charts: true });
    expect(typesOf(page.blocks)).toEqual(TYPES);
    expect(page.blocks?.map(({ order }) => order)).toEqual(TYPES.map((_, i) => i));
    expect(tableOf(page.blocks)).toEqual(HEIGHTS);
    const figure = page.blocks?.find(({ type }) => type === "figure");
    expect(figure?.image?.data.length).toBe(
      (figure?.image?.width ?? 0) * (figure?.image?.height ?? 0) * 4,
    );
    expect(figure?.image?.width).toBeGreaterThan(200);
    // Every line is in exactly one block.
    const lines = page.blocks?.flatMap((block) => block.lines).toSorted((a, b) => a - b);
    expect(lines).toEqual(page.lines.map((_, i) => i));
    expect(page.timings.structure).toBeGreaterThan(0);

    const markdown = page.toMarkdown();
    expect(markdown).toContain("# Tides of the northern islands\n\n## 1\\. Methods\n\nThe tides");
    expect(markdown).toContain("1. Wait for slack water.\n2. Read the scale twice.");
    expect(markdown).toContain("| North light | 4.52 | 2.10 | 3610 |");
    // A head that stands on one page only is text.
    expect(markdown).toMatch(/^Journal of Harbour Studies\n/);
    expect(page.toHtml()).toContain("<h1>Tides of the northern islands</h1>\n<h2>1. Methods</h2>");
    expect(page.blocks?.find(({ type }) => type === "table")?.html).toContain("<td>4.52</td>");
  });

  it("is the same on a page that lies on its side, in the page's own coordinates", async () => {
    const bytes = await Deno.readFile(ARTICLE);
    const { signal } = new AbortController();
    const upright = await decodeImage(bytes, DEFAULT_LIMITS, denoDecoder, signal);
    const turned: RgbaImage = applyOrientation(upright, 6);
    const page = await engine.read(turned, { tables: true });
    expect(page.rotation).toBeCloseTo(270, 0);
    expect(typesOf(page.blocks)).toEqual(TYPES);
    expect(tableOf(page.blocks)).toEqual(HEIGHTS);
    const title = page.blocks?.find(({ type }) => type === "title");
    // Turned by a quarter the title runs down the right side.
    const [[left, top] = [0, 0], , [right, bottom] = [0, 0]] = title?.polygon ?? [];
    expect(left).toBeGreaterThan(turned.width * 0.8);
    expect(right).toBeLessThan(left);
    expect(bottom).toBeGreaterThan(top + 400);
  });

  it("is only there where it is asked for", async () => {
    const region = { x: 0, y: 90, width: 440, height: 190 };
    const page = await engine.read(ARTICLE, { region });
    expect(page.blocks).toBeUndefined();
    const part = await engine.read(ARTICLE, { region, layout: true });
    expect(typesOf(part.blocks)).toEqual(["title", "heading", "text"]);
    const table = await engine.read(ARTICLE, { region: TABLE, content: "table" });
    expect(typesOf(table.blocks)).toEqual(["table"]);
    expect(tableOf(table.blocks)).toEqual(HEIGHTS);
  });

  it("gives figures to a reader that the user brings", async () => {
    const sizes: string[] = [];
    const page = await engine.read(ARTICLE, {
      charts: true,
      chartReader: async ({ width, height }) => {
        sizes.push(`${width > 200} ${height > 100}`);
        return { text: "rising bars" };
      },
    });
    expect(sizes).toEqual(["true true"]);
    expect(page.blocks?.find(({ type }) => type === "figure")?.text).toBe("rising bars");
  });

  it("waits with what is deferred while the level is not ok, and tells it then", async () => {
    const updates: PageUpdate[] = [];
    await engine.read(ARTICLE, { region: TABLE });
    const { wasmHeap } = await engine.memory.measure();
    await engine.memory.setBudget(3 * wasmHeap);
    expect(engine.memory.level).toBe("warning");
    const page = await engine.read(ARTICLE, {
      region: CAPTIONED,
      tables: "defer",
      onUpdate: (update) => void updates.push(update),
    });
    expect(page.blocks?.find(({ type }) => type === "table")?.table).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(engine.memory.level).toBe("warning");
    expect(updates).toEqual([]);

    await engine.memory.setBudget();
    expect(engine.memory.level).toBe("ok");
    await engine.drain(20_000);
    engine.resume();
    expect(updates).toMatchObject([{ analyses: ["tables"] }]);
    expect(updates[0]?.error).toBeUndefined();
    expect(tableOf(updates[0]?.page.blocks)).toEqual(HEIGHTS);
    expect(updates[0]?.page.toMarkdown()).toContain("| Seal rock | 3.87 |");
  });

  it("tells of deferred work that was cancelled", async () => {
    const updates: PageUpdate[] = [];
    const { wasmHeap } = await engine.memory.measure();
    await engine.memory.setBudget(3 * wasmHeap);
    const stop = new AbortController();
    await engine.read(ARTICLE, {
      region: CAPTIONED,
      tables: "defer",
      signal: stop.signal,
      onUpdate: (update) => void updates.push(update),
    });
    stop.abort();
    await engine.drain(5_000);
    engine.resume();
    await engine.memory.setBudget();
    expect(updates).toMatchObject([{ analyses: ["tables"], error: { code: "ABORTED" } }]);
    expect(updates[0]?.page.lines.length).toBeGreaterThan(15);
  });

  it("comes after the text of all pages of a document", async () => {
    const events: string[] = [];
    const pages = engine.pages([ARTICLE, ARTICLE], {
      tables: "defer",
      onUpdate: ({ page }) => {
        const number = "number" in page ? page.number : NaN;
        events.push(`tables ${number} ${tableOf(page.blocks).length}`);
      },
    });
    for await (const page of pages) events.push(`text ${page.number}`);
    expect(events).toEqual(["text 1", "text 2", "tables 1 4", "tables 2 4"]);
  });
});

const weights = new URL("../../../shared/models/comer_formula/", import.meta.url);
const hasWeights = await Deno.stat(weights).then(
  () => true,
  () => false,
);

/** The published reader of handwritten formulas with the bytes of the checkout's neighbour. */
async function withComer(): Promise<ModelSet> {
  const local = async (file: ModelFile): Promise<ModelFile> => ({
    ...file,
    data: await Deno.readFile(new URL(file.name.replace("comer_", ""), weights)),
  });
  const variants = async ({ variants: [first] }: StructureModel) =>
    [{ precision: first.precision, onnx: await local(first.onnx) }] as const;
  return {
    ...EMBEDDED,
    structure: [
      { ...COMER_ENCODER, variants: await variants(COMER_ENCODER) },
      {
        ...COMER_DECODER_MODEL,
        variants: await variants(COMER_DECODER_MODEL),
        vocabulary: await local(COMER_DECODER_MODEL.vocabulary),
      },
    ],
  };
}

describe.skipIf(!hasWeights)("a structure model with real weights (needs ../shared)", () => {
  const IDS = [COMER_ENCODER.id, COMER_DECODER_MODEL.id];
  const statesOf = (engine: Engine): string[] => {
    const workers = Object.values(engine.memory.snapshot().workers);
    const models = workers.flatMap((worker) => worker?.models ?? []);
    return models.filter(({ id }) => IDS.includes(id)).map(({ state }) => state);
  };
  const until = async (what: () => boolean): Promise<void> => {
    for (const end = performance.now() + 10_000; !what();) {
      if (performance.now() > end) throw new Error("it did not come about in time");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const formula = drawFormula("x^2+1");

  it("is never loaded while its analysis is off", async () => {
    await using engine = await createEngine({
      backend: "wasm",
      workers: 1,
      models: await withComer(),
    });
    await engine.read(formula, { layout: true, tables: true, formulas: false });
    await engine.read(formula, { content: "table" });
    expect(statesOf(engine)).toEqual([]);
  });

  it("reads, is unloaded when it is idle, and after a teardown", async () => {
    await using engine = await createEngine({
      backend: "wasm",
      workers: 1,
      models: await withComer(),
      idleTimeout: 400,
    });
    const page = await engine.read(formula, { content: "formula" });
    expect(page.blocks?.[0]?.latex?.replaceAll(/\s/g, "")).toBe("x^{2}+1");
    expect(page.toMarkdown()).toContain("$$\nx");
    expect(statesOf(engine)).toEqual(["ready", "ready"]);
    await until(() => statesOf(engine).every((state) => state === "unloaded"));
    await engine.read(formula, { content: "formula" });
    await engine.teardown();
    expect(statesOf(engine).filter((state) => state !== "unloaded")).toEqual([]);
    const again = await engine.read(formula, { content: "formula" });
    expect(again.blocks?.[0]?.latex).toBe(page.blocks?.[0]?.latex);
  });

  it("is loaded by deferred work only when memory is there again", async () => {
    await using engine = await createEngine({
      backend: "wasm",
      workers: 1,
      models: await withComer(),
      memory: SHORT,
    });
    await engine.read(formula);
    const { wasmHeap } = await engine.memory.measure();
    await engine.memory.setBudget(3 * wasmHeap);
    const updates: PageUpdate[] = [];
    // The analysis of the table puts the formula off: a page's content is always read at once.
    await engine.read(formula, {
      layout: true,
      formulas: "defer",
      onUpdate: (update) => void updates.push(update),
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(statesOf(engine)).toEqual([]);
    expect(updates).toEqual([]);
    await engine.memory.setBudget();
    await engine.drain(20_000);
    expect(updates).toMatchObject([{ analyses: ["formulas"] }]);
    expect(updates[0]?.error).toBeUndefined();
  });
});

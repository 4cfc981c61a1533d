/**
 * Which tests of the olmOCR-bench sample do our pages pass?
 * `deno run -A test/bench/olmocr/deno.ts [--structure] [--text auto|layer|ocr] [--models FOLDER]`
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine, formatPage } from "../../../src/index.ts";
import type { Table } from "../../../src/index.ts";
import { sharedFolder } from "../datasets.ts";
import { type BenchTest, passes } from "./rules.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    text: { type: "string", default: "auto" },
    models: { type: "string", default: join(sharedFolder(), "models/ppocrv6_tiny") },
    structure: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const folder = join(sharedFolder(), "data/olmocr_bench_sample");
const tests = readFileSync(join(folder, "dataset.jsonl"), "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => JSON.parse(line) as BenchTest);

const engine = await createEngine({ backend: "wasm", workers: 1, models: values.models });
const pages = new Map<string, { markdown: string; tables: Table[] }>();
const scores = new Map<string, [passed: number, all: number]>();
for (const test of tests) {
  const path = join(folder, "pdfs", test.pdf);
  const key = `${test.pdf} ${test.page}`;
  if (!pages.has(key) && existsSync(path)) {
    const structure = values.structure ? { layout: true, tables: true } : {};
    const options = { pages: String(test.page), text: values.text as "auto", ...structure };
    for await (const page of engine.pages(path, options)) {
      if (page.error) console.error(`${key}: ${page.error.code}`);
      const tables = (page.blocks ?? []).flatMap(({ table }) => table ?? []);
      pages.set(key, { markdown: formatPage(page, "md"), tables });
    }
  }
  const page = pages.get(key);
  const passed = page !== undefined && passes(test, page.markdown, page.tables);
  if (values.verbose && !passed)
    console.log(`failed: ${test.type} ${test.id}${page === undefined ? " (no page)" : ""}`);
  const [good, all] = scores.get(test.type) ?? [0, 0];
  scores.set(test.type, [good + Number(passed), all + 1]);
}
await engine.close();
for (const [type, [passed, all]] of scores) console.log(`${type}: ${passed} of ${all}`);

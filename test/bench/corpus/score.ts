/**
 * How well does the built-in structure hold on the corpus? The lines are the truth's, so that nothing but the structure
 * is measured, and a hundred pages take a minute.
 *
 *   deno run -A test/bench/corpus/score.ts [--in FOLDER] [--half seen|unseen] [--only KIND] [--show]
 *
 * The seen half are the odd seeds of the seen templates; `unseen` is everything else, by template.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ModelSet } from "../../../src/catalog/manifest/manifest.ts";
import { decodePng } from "../../../src/image/png/decode.ts";
import type { ModelSource } from "../../../src/models/lease.ts";
import { tableHtml } from "../../../src/output/table-html.ts";
import { analyzePage } from "../../../src/structure/page/analyze-page.ts";
import { orderPage } from "../../../src/structure/page/order-page.ts";
import type { Block } from "../../../src/types.ts";
import { normalizedDistance } from "../structure/edit-distance.ts";
import { scoreTable } from "../structure/teds.ts";
import type { TruthPage } from "./truth.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    in: { type: "string", default: fileURLToPath(new URL("../out/corpus", import.meta.url)) },
    half: { type: "string" },
    only: { type: "string", default: "" },
    show: { type: "boolean", default: false },
  },
});

/** A block is found where it has so much of its words in common with one of the same type: intersection over union. */
const LEAST_SHARED = 0.75;
/** Types that are told apart; others are text. */
const TYPES = [
  "heading",
  "text",
  "list",
  "table",
  "caption",
  "figure",
  "header",
  "footer",
  "footnote",
  "page-number",
];

const typeOf = (type: string): string =>
  type === "title" ? "heading" : TYPES.includes(type) ? type : "text";

interface Score {
  text: number[];
  lines: number[];
  order: number[];
  teds: number[];
  structure: number[];
  found: number;
  predicted: number;
  truth: number;
}

const nothing = (): Score => ({
  text: [],
  lines: [],
  order: [],
  teds: [],
  structure: [],
  found: 0,
  predicted: 0,
  truth: 0,
});

const set = { recognition: { params: { rightToLeft: false } } } as unknown as ModelSet;
const request = { content: "page", analyses: ["tables"], useModels: false, level: "ok" } as const;
const context = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  permit: () => Promise.reject(new Error("There are no models.")),
  region: undefined,
};

async function score(name: string, truth: TruthPage, sum: Score): Promise<void> {
  const image = await decodePng(readFileSync(join(values.in, `${name}.png`)));
  const lines = truth.lines.map(({ text, polygon, words }) => ({
    text,
    polygon,
    confidence: 1,
    words: words.map((word) => ({ text: word.text, polygon: word.polygon, confidence: 1 })),
  }));
  const page = { lines, rotation: 0, timings: { inference: 0 } };
  const { blocks } = await analyzePage(image, page, set, {} as ModelSource, request, context);
  const order = { order: "layout", rightToLeft: undefined, region: undefined } as const;
  const plain = orderPage(image, page, undefined, order);

  const wordsOf = (text: string): string[] => text.split(/\s+/u).filter((word) => word !== "");
  const wanted = truth.blocks.flatMap(({ text }) => wordsOf(text));
  sum.text.push(
    normalizedDistance(
      blocks.flatMap(({ text }) => wordsOf(text)),
      wanted,
    ),
  );
  sum.lines.push(normalizedDistance(wordsOf(plain.text), wanted));
  sum.order.push(orderDistance(blocks, truth));
  blockScore(blocks, truth, sum);
  for (const [i, block] of truth.blocks.entries()) {
    if (!block.html) continue;
    const best = blocks
      .filter(({ table }) => table)
      .toSorted((a, b) => shareOf(b, i, truth) - shareOf(a, i, truth))[0];
    const is = best?.table && shareOf(best, i, truth) > 0.3 ? tableHtml(best.table) : "";
    const { teds, structure } = scoreTable(is, block.html);
    sum.teds.push(teds);
    sum.structure.push(structure);
  }
  if (values.show) {
    console.log(
      `${name}: text ${sum.text.at(-1)?.toFixed(3)}, lines ${sum.lines.at(-1)?.toFixed(3)}, order ${sum.order.at(-1)?.toFixed(3)}, TEDS ${sum.teds.at(-1)?.toFixed(3)}`,
    );
    if (values.only !== "")
      for (const { type, text } of blocks)
        console.log("   ", type, JSON.stringify(text.slice(0, 90)));
  }
}

/** Indices of words by line, as the truth numbers them. */
function ownersOf(block: Block, truth: TruthPage): number[] {
  return block.lines.flatMap((i) => truth.lines[i]?.words.map((word) => word.block) ?? []);
}

function shareOf(block: Block, i: number, truth: TruthPage): number {
  const owners = ownersOf(block, truth);
  const shared = owners.filter((owner) => owner === i).length;
  const all = truth.lines.flatMap(({ words }) => words).filter((word) => word.block === i).length;
  return shared / Math.max(1, owners.length + all - shared);
}

function orderDistance(blocks: readonly Block[], truth: TruthPage): number {
  const places = truth.blocks.map((): number[] => []);
  for (const [place, owner] of blocks.flatMap((block) => ownersOf(block, truth)).entries())
    places[owner]?.push(place);
  const seen = places.flatMap((own, i) =>
    own.length > 0 ? [{ i, at: own[own.length >> 1] as number }] : [],
  );
  const predicted = seen.toSorted((a, b) => a.at - b.at).map(({ i }) => i);
  return normalizedDistance(
    predicted,
    seen.map(({ i }) => i),
  );
}

function blockScore(blocks: readonly Block[], truth: TruthPage, sum: Score): void {
  const left = new Set(truth.blocks.keys());
  sum.truth += truth.blocks.length;
  sum.predicted += blocks.length;
  for (const block of blocks) {
    const match = [...left].find((i) => {
      const other = truth.blocks[i];
      if (!other || typeOf(other.type) !== typeOf(block.type)) return false;
      if (block.type === "figure") return boxShare(block, other.box) >= LEAST_SHARED / 1.5;
      return shareOf(block, i, truth) >= LEAST_SHARED;
    });
    if (match === undefined) continue;
    left.delete(match);
    sum.found++;
  }
}

function boxShare(
  { polygon }: Block,
  [l, t, r, b]: readonly [number, number, number, number],
): number {
  const [x, y, u, v] = [polygon[0][0], polygon[0][1], polygon[2][0], polygon[2][1]];
  const shared =
    Math.max(0, Math.min(u, r) - Math.max(x, l)) * Math.max(0, Math.min(v, b) - Math.max(y, t));
  return shared / ((u - x) * (v - y) + (r - l) * (b - t) - shared);
}

const mean = (list: readonly number[]): string =>
  list.length === 0 ? "–" : (list.reduce((a, b) => a + b, 0) / list.length).toFixed(3);

const kinds = new Map<string, Score>();
const totals = { seen: nothing(), unseen: nothing() };
for (const file of readdirSync(values.in).filter((name) => name.endsWith(".json"))) {
  const name = file.slice(0, -5);
  const truth = JSON.parse(readFileSync(join(values.in, file), "utf8")) as TruthPage;
  const half = truth.seen && truth.seed % 2 === 1 ? "seen" : "unseen";
  if (!truth.kind.includes(values.only) || (values.half ?? half) !== half) continue;
  const key = `${half} ${truth.kind}`;
  const own = kinds.get(key) ?? nothing();
  kinds.set(key, own);
  await score(name, truth, own);
}
for (const [key, own] of kinds) {
  const total = totals[key.startsWith("seen") ? "seen" : "unseen"];
  for (const name of ["text", "lines", "order", "teds", "structure"] as const)
    total[name].push(...own[name]);
  for (const name of ["found", "predicted", "truth"] as const) total[name] += own[name];
}
console.log(
  "| pages | n | text | lines | order | block F1 | TEDS | structure |\n| --- | --- | --- | --- | --- | --- | --- | --- |",
);
const row = (name: string, s: Score): string =>
  `| ${name} | ${s.text.length} | ${mean(s.text)} | ${mean(s.lines)} | ${mean(s.order)} | ${((2 * s.found) / Math.max(1, s.predicted + s.truth)).toFixed(3)} | ${mean(s.teds)} | ${mean(s.structure)} |`;
for (const [key, own] of [...kinds].toSorted(([a], [b]) => a.localeCompare(b)))
  console.log(row(key, own));
for (const [key, own] of Object.entries(totals))
  if (own.text.length > 0) console.log(row(`all ${key}`, own));

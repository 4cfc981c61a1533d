/**
 * Does a long document take more memory or time the longer it gets?
 * `deno run -A --v8-flags=--expose-gc test/bench/document/deno.ts [--pages 300] [--jobs 2] [--picture FILE.svg]`
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { delay } from "../../../src/core/wait.ts";
import { createEngine } from "../../../src/index.ts";
import type { Engine } from "../../../src/index.ts";
import { sharedFolder } from "../datasets.ts";
import { fitSlope } from "../leak/slope.ts";
import { drawCurve } from "./curve.ts";
import type { Point } from "./curve.ts";
import { makeDocument } from "./make-document.ts";

const MB = 2 ** 20;
/** Bounds: MB per page over the second half, and how much slower its pages may be than those of the first. */
const MAX_SLOPE = 0.1;
const MAX_SLOWER = 1.15;
/** Pages between two samples. */
const EVERY = 5;
/** Milliseconds for what the collectors free to go back to the system. */
const SETTLE = 300;

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      pages: { type: "string", default: "300" },
      jobs: { type: "string", default: "2" },
      picture: { type: "string" },
    },
  });
  const count = Number(values.pages);
  const shared = sharedFolder();
  const images = imagesOf(join(shared, "data/funsd_test/images"));
  const pdf = await makeDocument(images, count);
  console.log(
    `${count} pages, ${(pdf.byteLength / MB).toFixed(1)} MB of PDF, ${images.length} scans`,
  );
  const engine = await createEngine({
    backend: "wasm",
    workers: Number(values.jobs),
    models: join(shared, "models/ppocrv6_tiny"),
    cache: false,
  });
  const memory: Point[] = [];
  const times: Point[] = [];
  let lines = 0;
  let failed = 0;
  const start = performance.now();
  for await (const page of engine.pages(pdf)) {
    lines += page.lines.length;
    if (page.error) {
      failed++;
      console.error(`page ${page.number}: ${page.error.code}: ${page.error.message}`);
    }
    times.push([times.length + 1, (performance.now() - start) / 1000]);
    if (times.length % EVERY !== 0) continue;
    await settle(engine);
    memory.push([times.length, (await privateBytes()) / MB]);
    if (times.length % (EVERY * 5) === 0)
      console.error(`${times.length}: ${memory.at(-1)?.[1].toFixed(0)} MB`);
  }
  await engine.close();
  const half = count / 2;
  const slope = fitSlope(memory.filter(([page]) => page > half));
  const [middle, end] = [times[Math.floor(half) - 1]?.[1] ?? NaN, times.at(-1)?.[1] ?? NaN];
  const slower = (end - middle) / (count - Math.floor(half)) / (middle / Math.floor(half));
  const peak = Math.max(...memory.map(([, megabytes]) => megabytes));
  console.log(
    `${lines} lines, ${failed} failed, ${(end / count).toFixed(2)} s per page; second half ${slower.toFixed(2)} times the first; ` +
      `memory ${slope.slope.toFixed(3)} ± ${slope.halfWidth.toFixed(3)} MB per page over the second half, at most ${peak.toFixed(0)} MB`,
  );
  if (values.picture) await Deno.writeTextFile(values.picture, drawCurve(memory, times));
  return slope.slope > MAX_SLOPE || slower > MAX_SLOWER || failed > 0 || lines === 0 ? 1 : 0;
}

/**
 * The pages that are read ahead are done, and nothing new begins while nobody asks: what is left is what the
 * document holds, and not how far the workers happen to be.
 */
async function settle(engine: Engine): Promise<void> {
  while (engine.load.concurrency.inUse > 0 || engine.load.queued > 0) await delay(20);
  await engine.memory.trim();
  (globalThis as { gc?: () => void }).gc?.();
  await delay(SETTLE);
}

function imagesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .sort()
    .map((name) => join(folder, name));
}

/** Private memory of this process and of its children, where PDFs are drawn. */
async function privateBytes(): Promise<number> {
  let sum = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await Deno.readTextFile(`/proc/${entry}/status`).catch(() => "");
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    if (Number(entry) !== Deno.pid && parent !== Deno.pid) continue;
    sum += Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  }
  return sum;
}

process.exitCode = await main();

/** The benchmark: builds the pages, runs the engines in turn page by page, scores, reports. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { BenchLine } from "./adapters/adapter.ts";
import { buildPage } from "./build-page.ts";
import { launchChromium, type Chromium } from "./chromium.ts";
import { loadSet, SET_NAMES, sharedFolder, type SetName, type TruthPage } from "./datasets.ts";
import type { PageResult } from "./page.ts";
import { formatReport, summarize, type EngineRun } from "./report.ts";
import { scorePage } from "./score.ts";
import { startServer, type BenchServer } from "./server.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SITE = join(FOLDER, "out/site");
const ENGINES = ["glyphpool", "paddleocr-js", "paddleocr-js-v6", "ppu"] as const;
export type EngineName = (typeof ENGINES)[number];

const READ_DEADLINE_MS = 120_000;
/** wasm threads keep their memory for seconds after their worker is gone. */
const SETTLE_MS = 6000;

interface Options {
  sets: SetName[];
  pages: number;
  /** Least number of reads: the pages come again until it is reached. */
  reads: number;
  engines: EngineName[];
  threads: number;
  out: string;
}

interface Runner {
  engine: EngineName;
  chromium: Chromium;
  run: EngineRun;
}

export async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  const shared = sharedFolder();
  for (const engine of options.engines) await buildEngine(engine);
  mkdirSync(options.out, { recursive: true });
  const server = await startServer({
    shared,
    site: SITE,
    runtime: join(FOLDER, "node_modules/onnxruntime-web/dist"),
  });
  let failures = 0;
  try {
    for (const set of options.sets) {
      const pages = repeat(loadSet(set, options.pages, shared), options.reads);
      const runs = await runSet(pages, server, options);
      failures += runs.reduce((sum, run) => sum + run.pages.filter((page) => page.error).length, 0);
      writeResults(options.out, set, runs);
      console.log(formatReport(set, runs));
    }
  } finally {
    await server.close();
  }
  return failures === 0 ? 0 : 1;
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      set: { type: "string", default: SET_NAMES.join() },
      pages: { type: "string", default: "Infinity" },
      reads: { type: "string", default: "1" },
      engines: { type: "string", default: "glyphpool,paddleocr-js,ppu" },
      threads: { type: "string", default: "2" },
      out: { type: "string", default: join(FOLDER, "out") },
    },
  });
  return {
    sets: oneOf("set", values.set, SET_NAMES),
    engines: oneOf("engines", values.engines, ENGINES),
    pages: positive("pages", values.pages),
    reads: positive("reads", values.reads),
    threads: positive("threads", values.threads),
    out: values.out,
  };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T[] {
  return value.split(",").map((name) => {
    const known = allowed.find((other) => other === name);
    if (!known) throw new Error(`--${option} ${name}: allowed are ${allowed.join(", ")}`);
    return known;
  });
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${option} ${value}: must be a number above 0`);
  return number;
}

/** Each page on its own, as an application that uses only this engine would be built. */
async function buildEngine(engine: EngineName): Promise<void> {
  if (engine !== "glyphpool" && !existsSync(join(FOLDER, "node_modules"))) {
    throw new Error("The peers are not installed: run `npm install` in test/bench.");
  }
  await buildPage({
    root: FOLDER,
    input: join(FOLDER, `${engine}.html`),
    outDir: join(SITE, engine),
    base: `/${engine}/`,
  });
}

/** Page by page the engines take turns, so that a machine that drifts drifts for all. */
async function runSet(
  pages: TruthPage[],
  server: BenchServer,
  options: Options,
): Promise<EngineRun[]> {
  const runners: Runner[] = [];
  try {
    for (const engine of options.engines) runners.push(await startEngine(engine, server, options));
    for (const runner of runners) await readPage(runner, server.imageUrl(pages[0]!.image));
    for (const page of pages) {
      for (const runner of runners) {
        runner.chromium.lapPeak();
        const cpuBefore = await runner.chromium.cpuMs();
        const result = await readPage(runner, server.imageUrl(page.image)).catch(toFailure);
        const cpuMs = (await runner.chromium.cpuMs()) - cpuBefore;
        const peak = runner.chromium.lapPeak() - runner.run.memory.baseline.anon;
        const score = scorePage(
          page.truth.map(({ text }) => text),
          result.lines.map(({ text }) => text),
        );
        runner.run.pages.push({
          name: page.name,
          file: basename(page.image),
          cpuMs,
          peak,
          score,
          ...result,
        });
      }
    }
    for (const runner of runners) await finish(runner);
    return runners.map(({ run }) => run);
  } finally {
    await Promise.all(runners.map(({ chromium }) => chromium.close()));
  }
}

async function startEngine(
  engine: EngineName,
  server: BenchServer,
  { threads }: Options,
): Promise<Runner> {
  const chromium = await launchChromium(`${server.origin}/blank.html`);
  chromium.page.on("pageerror", (error) => console.error(`[${engine}] ${error.stack ?? error}`));
  chromium.page.on("console", (message) => {
    if (message.type() === "error") console.error(`[${engine}] ${message.text()}`);
  });
  await pause(1000);
  const baseline = await chromium.baseline();
  const run: EngineRun = {
    engine,
    chromium: chromium.version,
    pages: [],
    memory: { baseline, afterInit: baseline, peak: baseline, final: baseline },
  };
  try {
    await chromium.page.goto(`${server.origin}/${engine}/${engine}.html`);
    await chromium.page.waitForFunction(() => window.bench !== undefined);
    run.parameters = await chromium.page.evaluate((init) => window.bench!.init(init), {
      models: server.models,
      threads,
    });
    if (!run.parameters["crossOriginIsolated"]) throw new Error("no threads without isolation");
    run.memory.afterInit = await chromium.usage();
  } catch (error) {
    await chromium.close();
    throw new Error(`${engine} did not start`, { cause: error });
  }
  return { engine, chromium, run };
}

async function readPage({ chromium, engine }: Runner, url: string): Promise<PageResult> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${engine} took longer than ${READ_DEADLINE_MS} ms: ${url}`)),
      READ_DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([
      chromium.page.evaluate((image) => window.bench!.read(image), url),
      deadline,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function toFailure(error: unknown): { ms: number; lines: BenchLine[]; error: string } {
  console.error(error);
  return { ms: NaN, lines: [], error: String(error) };
}

async function finish({ chromium, run }: Runner): Promise<void> {
  run.threads = await chromium.threads();
  await chromium.page.evaluate(() => window.bench!.close());
  for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_MS / 3) {
    await chromium.collectGarbage();
    await pause(SETTLE_MS / 3);
  }
  run.memory.peak = chromium.peak();
  run.memory.final = await chromium.usage();
}

/** The pages at least once, and again in the same order until there are `reads`. */
function repeat(pages: TruthPage[], reads: number): TruthPage[] {
  const length = Math.max(pages.length, reads);
  return Array.from({ length }, (_, i) => pages[i % pages.length] as TruthPage);
}

function writeResults(folder: string, set: SetName, runs: EngineRun[]): void {
  const summary = runs.map((run) => ({ ...summarize(run), ...run }));
  writeFileSync(join(folder, `${set}.json`), JSON.stringify(summary, undefined, 1));
  for (const { engine, pages } of runs) {
    const lines = pages.map((page) => JSON.stringify({ file: page.file, lines: page.lines }));
    writeFileSync(join(folder, `${set}-${engine}.jsonl`), lines.join("\n") + "\n");
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

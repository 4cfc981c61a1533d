/**
 * Does anything stay behind in Chromium, in a built and cross-origin isolated page?
 * `node test/bench/leak/chromium.mjs --backend wasm|webgpu [--reads 300] [--cycles 100] [--loads-only]`
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { CHROME_FLAGS } from "../../../scripts/chrome.mjs";
import { buildPage } from "../build-page.ts";
import { launchChromium } from "../chromium.ts";
import { sharedFolder } from "../datasets.ts";
import { startServer } from "../server.ts";
import { complaints, format, runLeak } from "./run.ts";
import type { Subject } from "./subject.ts";
import { SMALL_REGIONS, parseArguments, realPages } from "./tasks.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const IDLE_TIMEOUT = 5_000;

export async function main(args: readonly string[]): Promise<number> {
  const { backend, reads, cycles, loadsOnly } = parseArguments(args);
  // One folder each, so that the runs of both backends can go side by side.
  const site = join(FOLDER, `../out/leak-${backend}`);
  const shared = sharedFolder();
  await buildLeakPage(site);
  copyFileSync(join(FOLDER, "../../../demo/sample.png"), join(site, "sample.png"));
  copyFileSync(join(shared, "models/comer_formula/encoder_int8.onnx"), join(site, "encoder.onnx"));
  const server = await startServer({ shared, site, runtime: site });
  const chromium = await launchChromium(`${server.origin}/blank.html`, [
    ...CHROME_FLAGS,
    "--js-flags=--expose-gc",
  ]);
  try {
    const { page } = chromium;
    page.on("pageerror", (error) => console.error(error));
    await page.goto(`${server.origin}/leak.html`);
    await page.waitForFunction(() => window.subject !== undefined);
    const subject = remote(page);
    const { detection, recognition, orientation, dictionary } = server.models;
    const models = { detection, recognition, orientation, dictionary };
    const structure = `${server.origin}/encoder.onnx`;
    const setup = { backend, structure, idleTimeout: IDLE_TIMEOUT };
    const info = await subject.open(backend === "webgpu" ? setup : { ...setup, models });
    const tasks =
      backend === "webgpu"
        ? SMALL_REGIONS.map((region) => ({ image: `${server.origin}/sample.png`, region }))
        : realPages(shared).map((path) => ({ image: server.imageUrl(path) }));
    const result = await runLeak(`Chromium ${chromium.version}, ${info}`, subject, tasks, {
      reads,
      cycles,
      loadsOnly,
      every: 5,
      idleTimeout: IDLE_TIMEOUT,
      processBytes: async () => {
        await chromium.collectGarbage();
        return (await chromium.usage()).anon;
      },
      log: (line) => console.error(line),
    });
    await subject.close();
    console.log(format(result));
    const wrong = complaints(result);
    for (const complaint of wrong) console.error(`FAILED: ${complaint}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await chromium.close();
    await server.close();
  }
}

export async function buildLeakPage(site: string): Promise<void> {
  await buildPage({ root: FOLDER, input: join(FOLDER, "leak.html"), outDir: site });
}

/** A subject whose every call is a call in the page. */
export function remote(page: Page): Subject {
  return {
    open: (setup) => page.evaluate((options) => window.subject!.open(options), setup),
    preload: () => page.evaluate(() => window.subject!.preload()),
    read: (task) => page.evaluate((one) => window.subject!.read(one), task),
    held: () => page.evaluate(() => window.subject!.held()),
    evict: () => page.evaluate(() => window.subject!.evict()),
    teardown: () => page.evaluate(() => window.subject!.teardown()),
    collect: () => page.evaluate(() => window.subject!.collect()),
    close: () => page.evaluate(() => window.subject!.close()),
  };
}
